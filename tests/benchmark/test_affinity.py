"""Cores by their kind, from the phone's own clusters."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.benchmark.affinity import WORDS, NoSuchCores, mask, resolve, resolved
from harness.benchmark.planned import Conditions
from harness.benchmark.work import Protocol
from harness.records import CpuCluster
from tests.benchmark.blocks import model
from tests.records import phone

#: Nine cores in three clusters (Tensor G3), four and four, two and six whose first are the strong ones, and one kind.
NINE = (
    CpuCluster((0, 1, 2, 3), 1704000, 160),
    CpuCluster((4, 5, 6, 7), 2367000, 560),
    CpuCluster((8,), 2914000, 1024),
)
TWO = (CpuCluster((0, 1, 2, 3), 1800000), CpuCluster((4, 5, 6, 7), 2400000))
STRONG_FIRST = (CpuCluster((0, 1), 2400000, 1024), CpuCluster((2, 3, 4, 5, 6, 7), 1800000, 400))
ALIKE = (CpuCluster((0, 1, 2, 3), 2000000, 1024), CpuCluster((4, 5, 6, 7), 1500000, 1024))


@pytest.mark.parametrize(
    ("word", "clusters", "expected"),
    [
        ("big", NINE, "100"),
        ("mid", NINE, "f0"),
        ("little", NINE, "f"),
        ("all", NINE, "1ff"),
        ("big", TWO, "f0"),
        ("little", TWO, "f"),
        ("big", STRONG_FIRST, "3"),
        ("little", STRONG_FIRST, "fc"),
        ("all", ALIKE, "ff"),
        ("f0", NINE, "f0"),
        ("ff0", NINE, "1f0"),
        ("f0", (), "f0"),
        ("mid", (*NINE, CpuCluster((9,), 2500000, 700)), "2f0"),
    ],
)
def test_masks(word: str, clusters: tuple[CpuCluster, ...], expected: str) -> None:
    assert mask(resolve(word, clusters)) == expected
    assert resolved({"affinity": word, "xnnpack": "on"}, clusters) == {"affinity": expected, "xnnpack": "on"}


@pytest.mark.parametrize(
    ("word", "clusters", "why"),
    [
        ("big", ALIKE, "all its 8 cores are alike, so it has no big ones"),
        ("mid", TWO, "none between"),
        ("all", (), "does not say which cores"),
        ("big", (), "does not say which cores"),
        ("big", (CpuCluster((0,)), CpuCluster((1,))), "how strong"),
        ("f00", TWO, "no core of the mask f00"),
        ("0", (), "no core of the mask 0"),
    ],
)
def test_a_phone_without_such_cores_says_so(word: str, clusters: tuple[CpuCluster, ...], why: str) -> None:
    with pytest.raises(NoSuchCores, match=why):
        resolve(word, clusters)


def test_a_clock_stands_in_where_one_cluster_has_no_capacity() -> None:
    assert resolve("big", (CpuCluster((0,), 1000, 1024), CpuCluster((1,), 2000, None))) == {1}


some_clusters = st.lists(
    st.tuples(st.integers(1, 6), st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=5
).map(lambda sizes: _numbered(sizes))


def _numbered(sizes: list[tuple[int, int, int]]) -> tuple[CpuCluster, ...]:
    found, first = [], 0
    for cores, khz, capacity in sizes:
        found.append(CpuCluster(tuple(range(first, first + cores)), khz, capacity))
        first += cores
    return tuple(found)


@given(some_clusters)
def test_kinds_share_out_the_cores(clusters: tuple[CpuCluster, ...]) -> None:
    found = {}
    for word in WORDS:
        try:
            found[word] = resolve(word, clusters)
        except NoSuchCores:
            continue
    kinds = [found[word] for word in ("little", "mid", "big") if word in found]
    assert not kinds or frozenset().union(*kinds) == found["all"]
    assert sum(map(len, kinds)) in (0, len(found["all"]))
    strength = {cpu: c.capacity or 0 for c in clusters for cpu in c.cpus}
    for weaker, stronger in itertools.pairwise(kinds):
        assert max(strength[c] for c in weaker) < min(strength[c] for c in stronger)
    assert int(mask(found["all"]), 16).bit_count() == sum(len(c.cpus) for c in clusters)


def test_what_a_phone_has_not_is_left_out_of_its_plan() -> None:
    asked: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("cpu", "cpu", {}),
        ("cpu:affinity=mid", "cpu", {"affinity": "mid"}),
    )
    conditions = Conditions((model(),), asked, (4,), 2, Protocol(), 0, {}, {})
    nine, two = phone("P9", clusters=NINE), phone("P8", clusters=TWO)
    assert list(conditions.skipped(nine)) == []
    assert list(conditions.skipped(two)) == [
        ("cpu:affinity=mid", "it has two kinds of cores, so there are none between")
    ]
    assert len(conditions.block("b", nine, "n").sessions) == 4 and len(conditions.block("b", two, "n").sessions) == 2
