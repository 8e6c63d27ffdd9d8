"""The plan is pure: complete, interleaved, seeded, and the same for every order of phones."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.benchmark.plan import Plan, make_plan
from harness.benchmark.selectors import parse_selectors, why_not
from harness.benchmark.work import ModelFile, Protocol
from harness.errors import UsageError
from harness.records import PhoneRecord


def phone(number: int, **fields: object) -> PhoneRecord:
    return PhoneRecord(f"id{number}", f"serial{number}", "virtual", **{"sdk": 33, "android": "13", **fields})  # type: ignore[arg-type]


def plan(phones: list[PhoneRecord], models: int, threads: list[int], sessions: int, seed: int) -> Plan:
    files = [ModelFile(f"m{n}", "", Path(f"m{n}"), f"{n}", 1000) for n in range(models)]
    return make_plan(
        files,
        phones,
        delegates=["cpu", "gpu:precision=fp32"],
        threads=threads,
        sessions=sessions,
        protocol=Protocol(),
        seed=seed,
        run_id="r",
    )


@given(st.integers(1, 4), st.integers(1, 3), st.lists(st.integers(1, 8), min_size=1, max_size=3, unique=True),
       st.integers(1, 4), st.integers(), st.randoms())  # fmt: skip
def test_every_condition_once_a_round(
    phones: int, models: int, threads: list[int], sessions: int, seed: int, rng: Random
) -> None:
    rack = [phone(n) for n in range(phones)]
    made = plan(rack, models, threads, sessions, seed)
    shuffled = list(rack)
    rng.shuffle(shuffled)
    assert plan(shuffled, models, threads, sessions, seed) == made
    conditions = models * 2 * len(threads)
    assert made.sessions == phones * conditions * sessions
    for block in made.blocks:
        assert [s.index for s in block.sessions] == list(range(conditions * sessions))
        keys = [(s.key.model, s.key.delegate, s.key.threads) for s in block.sessions]
        for start in range(0, len(keys), conditions):
            assert max(Counter(keys[start : start + conditions]).values()) == 1
    alone = plan(rack[:1], models, threads, sessions, seed)
    assert alone.blocks[0] in made.blocks


def test_what_a_phone_cannot_run_is_left_out_with_its_reason() -> None:
    files = [ModelFile("m", "", Path("m"), "0", 1)]
    made = make_plan(files, [phone(1, sdk=26, android="8.0")], delegates=["cpu", "nnapi", "npu"], threads=[1], sessions=1,
                     protocol=Protocol(), seed=0, run_id="r")  # fmt: skip
    assert [s.what for s in made.skipped] == ["nnapi", "npu"]
    assert "Android 8.0 has no NNAPI" in made.skipped_lines()[0]
    assert made.sessions == 1


def test_selectors() -> None:
    one = phone(1, tier="high", soc="SM8550", ram_mb=7500.0)
    assert why_not(parse_selectors([]), one) is None
    assert why_not(parse_selectors(["id1"]), one) is None
    assert why_not(parse_selectors(["tier=high,soc=sm8550", "serial9"]), one) is None
    assert why_not(parse_selectors(["tier=low"]), one) == "it is not tier=low"
    assert why_not(parse_selectors(["android>=14"]), one) == "it is not android>=14"
    assert why_not(parse_selectors(["ram_mb>=6000,tier!=low"]), one) is None
    for bad in ("tier=high,colour=red", "sdk=many", "tier>=high"):
        with pytest.raises(UsageError):
            parse_selectors([bad])
