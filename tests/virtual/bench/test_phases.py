"""Phases of runs: when they end, what they cost the phone, and that they let go of it."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from harness.virtual.bench.law import Placement, Timing
from harness.virtual.bench.phases import Pace, Phase, run_phase
from harness.virtual.bench.stats import Runs
from harness.virtual.program import Call
from tests.virtual.bench.cases import Recorder


def pace(run_ms: float, *, gpu_ms: float = 0.0, first: float = 1.0, seed: int = 1) -> Pace:
    """Runs of that length."""
    where = Placement(cpu=frozenset({0}), gpu=frozenset({1}) if gpu_ms else frozenset())
    return Pace(Timing(1.0, run_ms - gpu_ms, gpu_ms, 0.0, first), where, 1.0, random.Random(seed))


def passed(phase: Phase, how: Pace, call: Recorder) -> Runs:
    """Run it to its end."""
    return asyncio.run(run_phase(cast(Call, call), phase, how))


@pytest.fixture
def call(tmp_path: Path) -> Recorder:
    """A call on a phone that costs no time."""
    return Recorder(["benchmark_model"], tmp_path)


def test_exactly_as_many_runs_as_asked_for_without_least_seconds(call: Recorder) -> None:
    assert len(passed(Phase(7, 0.0, 150.0), pace(3.0), call)) == 7


def test_both_runs_and_seconds_are_reached(call: Recorder) -> None:
    runs = passed(Phase(5, 1.0, 150.0), pace(10.0), call)
    assert runs[:-1].sum() < 1e6 <= runs.sum() * 1.001
    assert len(runs) > 50


def test_no_run_starts_after_the_most_seconds(call: Recorder) -> None:
    runs = passed(Phase(1000, 1.0, 0.1), pace(30.0), call)
    assert len(runs) == 4


def test_the_clock_moves_as_long_as_the_runs_take(call: Recorder) -> None:
    before = call.phone.clock.now_s()
    runs = passed(Phase(100, 0.0, 150.0, pause_s=0.01), pace(20.0), call)
    assert call.phone.clock.now_s() - before == pytest.approx(runs.sum() / 1e6 + 100 * 0.01, rel=0.01)
    assert max(call.phone.clock.slept) <= 1.05


def test_a_frequency_sets_the_pace(call: Recorder) -> None:
    before = call.phone.clock.now_s()
    passed(Phase(20, 0.0, 150.0, hertz=10.0), pace(1.0), call)
    assert call.phone.clock.now_s() - before == pytest.approx(2.0, rel=0.01)


def test_a_phone_that_heats_up_slows_the_later_runs(call: Recorder) -> None:
    call.phone.state.speeds = [1.0] * 3 + [0.5] * 300
    runs = passed(Phase(1, 4.0, 150.0), pace(10.0), call)
    assert np.median(runs[-20:]) / np.median(runs[:10]) == pytest.approx(2.0, rel=0.1)


def test_the_first_run_is_the_slow_one(call: Recorder) -> None:
    runs = passed(Phase(20, 0.0, 150.0, cold=True), pace(5.0, first=4.0), call)
    assert runs[0] > 3 * runs[1:].max()


def test_runs_below_a_microsecond_keep_their_mean(call: Recorder) -> None:
    runs = passed(Phase(1, 0.05, 150.0), pace(0.0003), call)
    assert set(np.unique(runs)) <= {0, 1}
    assert runs.mean() == pytest.approx(0.3, rel=0.1)


def test_a_seed_repeats_itself_and_another_differs(tmp_path: Path) -> None:
    found = [passed(Phase(50, 0.0, 150.0), pace(2.0, seed=s), Recorder(["b"], tmp_path)) for s in (1, 1, 2)]
    assert (found[0] == found[1]).all()
    assert (found[0] != found[2]).any()


def test_the_units_are_loaded_meanwhile_and_let_go_when_cancelled(call: Recorder) -> None:

    async def sleep(seconds: float) -> None:
        assert set(call.phone.state.loads) == {"cpu", "gpu"}
        await asyncio.sleep(60)

    async def killed() -> None:
        call.phone.clock.sleep = sleep  # type: ignore[method-assign]
        task = asyncio.ensure_future(run_phase(cast(Call, call), Phase(1000, 1.0, 9.0), pace(5.0, gpu_ms=4.0)))
        await asyncio.sleep(0.01)
        assert call.phone.state.loads
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(killed())
    assert call.phone.state.loads == []
