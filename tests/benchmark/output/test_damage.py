"""Damaged logs of every version: never an exception, never ok without a finished timed run, JSON without NaN."""

from __future__ import annotations

import json
import random
import re

import pytest

from harness.benchmark.output import parse_benchmark
from harness.records import OUTCOMES
from tests.benchmark.output.logs import CPU, LITERT, NEXT, OLD, damage, make_log

#: How often whole and damaged logs were ok is printed with the count.
_DAMAGED = 100_000


def _may_be_finished(text: str) -> bool:
    """By other means than the reader's: final averages above zero, two phases with runs, a summary or a profile."""
    ends = re.search(r"(?:Inference(?: \(avg\))?|no stats): *[-+]?[0-9.]*[1-9]", text)
    counts = [n for n in re.findall(r"count=(\d+)", text) if int(n)]
    profile_or_summary = counts and re.search(r"Timings \(micro|Summary of All Runs|for (?:at least )?50 iter", text)
    return bool(ends or len(counts) >= 2 or profile_or_summary)


def _check(text: str, code: int | None) -> bool:
    found = parse_benchmark(text, exit_code=code)
    assert found.outcome in OUTCOMES
    json.dumps(found.to_dict(), allow_nan=False)
    if found.outcome == "ok":
        assert code in (None, 0), text
        assert _may_be_finished(text), text
    return found.outcome == "ok"


@pytest.mark.parametrize("seed", range(300))
def test_damaged_logs(seed: int) -> None:
    chance = random.Random(seed)
    _check(damage(make_log(chance), chance), chance.choice((None, None, 0, 1, 134, 137)))


@pytest.mark.slow
def test_very_many_damaged_logs() -> None:
    chance = random.Random(2026)
    ok = 0
    for _ in range(_DAMAGED):
        ok += _check(damage(make_log(chance), chance), chance.choice((None, None, 0, 1, 134, 137)))
    print(f"\n{_DAMAGED} damaged logs read, {ok} of them still ok")
    assert 0 < ok < _DAMAGED


@pytest.mark.parametrize("log", [CPU, LITERT, OLD, NEXT])
def test_every_tail_cut_is_ok_only_with_the_timed_run(log: str) -> None:
    lines = log.splitlines()
    timed = [n for n, line in enumerate(lines) if "count=" in line][1]
    for cut in range(len(lines) + 1):
        outcome = parse_benchmark("\n".join(lines[:cut])).outcome
        assert (outcome == "ok") == (cut > timed), (cut, outcome)


@pytest.mark.parametrize("log", [CPU, OLD, NEXT])
def test_the_warm_up_alone_is_never_ok(log: str) -> None:
    lines = log.splitlines()
    timed = [n for n, line in enumerate(lines) if "count=" in line][1]
    for start in range(timed):
        for end in range(start, timed):
            assert parse_benchmark("\n".join(lines[start : end + 1])).outcome != "ok", (start, end)
