"""The plan is pure: complete, interleaved, seeded, and the same for every order of phones."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.benchmark.plan import Plan, estimate_block_s, limit_block_s, make_plan
from harness.benchmark.planned import block_id
from harness.benchmark.work import Block, ModelFile, Protocol
from harness.errors import UsageError
from harness.records import PhoneRecord
from tests.records import phone

DELEGATES = ["cpu", "gpu:precision=fp32", "nnapi"]
FILES = [ModelFile("m", v, Path(f"{v}.tflite"), v, 1000) for v in ("float32", "int8")]


def plan(phones: list[PhoneRecord], **changes: Any) -> Plan:
    values: dict[str, Any] = {
        "delegates": DELEGATES,
        "threads": [4],
        "sessions": 2,
        "protocol": Protocol(),
        "seed": 0,
        "run_id": "r",
    }
    return make_plan(changes.pop("models", FILES), phones, **{**values, **changes})


def conditions(block: Block) -> list[tuple[str, str, str, str, int | None]]:
    return [(s.key.model, s.key.variant, s.key.delegate, str(s.key.options), s.key.threads) for s in block.sessions]


racks = st.lists(st.text(max_size=8), min_size=1, max_size=4, unique=True).map(
    lambda ids: [phone(i, sdk=33) for i in ids]
)


@given(
    racks,
    st.lists(st.integers(1, 8), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from([*DELEGATES, "gpu"]), min_size=1, unique=True),
    st.integers(1, 4),
    st.integers(),
    st.randoms(),
)
def test_every_condition_once_a_round_on_every_phone(
    rack: list[PhoneRecord], threads: list[int], delegates: list[str], sessions: int, seed: int, rng: Random
) -> None:
    made = plan(rack, threads=threads, delegates=delegates, sessions=sessions, seed=seed)
    shuffled = rng.sample(rack, len(rack))
    assert plan(shuffled, threads=threads, delegates=delegates, sessions=sessions, seed=seed) == made

    count = len(FILES) * len(delegates) * len(threads)
    assert made.sessions == len(rack) * count * sessions
    assert {b.phone_id for b in made.blocks} == {p.phone_id for p in rack}
    assert len({b.block_id for b in made.blocks}) == len(rack)
    for block in made.blocks:
        assert [s.index for s in block.sessions] == list(range(count * sessions))
        assert [s.repeat for s in block.sessions] == [i // count for i in range(count * sessions)]
        keys = conditions(block)
        assert set(Counter(keys).values()) == {sessions}
        for start in range(0, len(keys), count):
            assert len(set(keys[start : start + count])) == count
        assert all((s.model.name, s.model.variant) == (s.key.model, s.key.variant) for s in block.sessions)

    alone = plan(rack[:1], threads=threads, delegates=delegates, sessions=sessions, seed=seed)
    assert alone.blocks[0] in made.blocks


def test_rounds_seeds_and_phones_have_orders_of_their_own() -> None:
    made = plan([phone("a"), phone("b")], threads=[1, 2, 4], sessions=2)
    one, other = (conditions(b) for b in made.blocks)
    half = len(one) // 2
    assert one[:half] != one[half:] and one != other
    assert conditions(plan([phone("a")], threads=[1, 2, 4], sessions=2, seed=1).blocks[0]) != one


def test_what_a_phone_cannot_run_is_left_out_with_its_reason() -> None:
    old = phone("old", sdk=26, android="8.0")
    made = plan([old], delegates=["cpu", "nnapi", "npu"], flavours={"old": "tflite"})
    assert [s.what for s in made.skipped] == ["nnapi", "npu"]
    assert made.skipped_lines() == [
        "old: nnapi is left out: Android 8.0 has no NNAPI, which came with 8.1",
        "old: npu is left out: the program of flavour tflite has no such delegate; give a litert build with --binary",
    ]
    assert made.sessions == len(FILES) * 2
    assert [s.what for s in plan([old], delegates=["nnapi", "npu"], flavours={"old": "litert"}).skipped] == ["nnapi"]
    assert plan([phone("new", sdk=27)], delegates=["nnapi", "npu"]).skipped == ()
    assert plan([phone("silent", sdk=None)], delegates=["nnapi"]).skipped == ()


def test_a_phone_that_can_run_nothing_has_an_empty_block() -> None:
    made = plan([phone("old", sdk=21, android="5.0")], delegates=["nnapi"])
    assert made.sessions == 0 and len(made.blocks) == 1 and made.estimate_s() == 0.0


def test_no_phone_is_an_empty_plan() -> None:
    assert plan([]) == Plan(()) and plan([]).limit_s() == 0.0


def test_unknown_delegates_are_refused() -> None:
    with pytest.raises(UsageError, match="no delegate 'tpu'"):
        plan([phone()], delegates=["tpu"])


def test_time_of_the_longest_phone() -> None:
    protocol = Protocol(min_secs=2.0, warmup_min_secs=1.0, idle_s=3.0, max_secs=20.0, cooldown_timeout_s=60.0)
    made = plan([phone("a"), phone("b", sdk=20)], protocol=protocol)
    few, many = sorted(made.blocks, key=lambda b: len(b.sessions))
    assert len(many.sessions) == 12 and len(few.sessions) == 8
    assert made.estimate_s() == estimate_block_s(many) == 12 * (2 + 1 + 2 * 3 + 1.5)
    assert made.limit_s() == limit_block_s(many) == 12 * (40 + 60 + 6 + 1.5)


@given(st.text(), st.text())
def test_block_ids_are_plain_folders_and_differ(one: str, other: str) -> None:
    name = block_id("20260101-000000-abcdef", one)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,80}", name)
    assert (name == block_id("20260101-000000-abcdef", other)) == (one == other)


@given(racks, st.lists(st.integers(1, 8), min_size=1, max_size=3, unique=True), st.integers(1, 3), st.integers(1, 4))
def test_outputs_come_last_with_one_number_of_threads(
    rack: list[PhoneRecord], threads: list[int], sessions: int, samples: int
) -> None:
    timed = plan(rack, threads=threads, sessions=sessions)
    made = plan(rack, threads=threads, sessions=sessions, samples={"int8": samples})
    for bare, block in zip(timed.blocks, made.blocks, strict=True):
        count = len(bare.sessions)
        assert block.sessions[:count] == bare.sessions, "figures are of the same plan"
        rest = block.sessions[count:]
        assert [s.index for s in block.sessions] == list(range(len(block.sessions)))
        assert {(s.key.delegate, s.sample) for s in rest} == {
            (d.partition(":")[0], k) for d in DELEGATES for k in range(samples)
        }
        assert len(rest) == len(DELEGATES) * samples
        assert all(s.key.threads == threads[0] and s.key.variant == "int8" for s in rest)
        assert estimate_block_s(bare) < estimate_block_s(block) < limit_block_s(block)
    assert made.words() == f"{timed.words()} and {len(rack) * len(DELEGATES) * samples} for outputs"
    assert timed.words() == f"{timed.sessions} sessions"
