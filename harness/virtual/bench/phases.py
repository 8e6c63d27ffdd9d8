"""Passes the time of a warm-up or a timed phase on the phone, and gives the length of each run in it."""

from __future__ import annotations

import contextlib
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.virtual.bench.law import Placement, Timing
from harness.virtual.bench.stats import NO_RUNS, Runs
from harness.virtual.physics.power import Kind
from harness.virtual.program import Call

Seconds = npt.NDArray[np.float64]

#: What a run costs beside itself (the clock, the loop, copying inputs), microseconds.
_LOOP_US = 0.1
#: A run that fails prints, to the terminal and to the log: it never takes less than this, microseconds.
_FAILED_US = 60.0
_MOST_A_CHUNK = 1 << 18


@dataclass(frozen=True)
class Phase:
    """Until both `min_runs` and `min_secs` are reached; no run starts after `max_secs`.

    `cold`: its first run is the process's first. `pause_s` and `hertz`: rest between runs, the latter wins.
    """

    min_runs: int
    min_secs: float
    max_secs: float
    pause_s: float = -1.0
    hertz: float = -1.0
    cold: bool = False


@dataclass(frozen=True)
class Pace:
    """What a session's runs take: the law's times, where they run, and this session's own factor and noise."""

    timing: Timing
    where: Placement
    factor: float
    rng: random.Random


async def run_phase(call: Call, phase: Phase, pace: Pace, *, failing: bool = False) -> Runs:
    """Lengths of the runs in whole microseconds.

    It takes as long on the phone's clock as they sum up to, in pieces of at most a second or one run: between pieces
    the phone is asked for its speed, so that runs get slower as it heats up. Meanwhile the units are loaded; being
    cancelled ends that.
    """
    state, clock = call.phone.state, call.phone.clock
    spread = call.phone.profile.speed.noise_within
    noise = np.random.default_rng(pace.rng.getrandbits(64))
    timing, parts = pace.timing, _parts(pace.timing)
    chunk_s = min(1.0, max(0.25, 0.005 * clock.rate))
    found, done, elapsed = [NO_RUNS], 0, 0.0
    started = clock.awake_s()
    with _loads(call, pace):
        while _goes_on(phase, np.array(done), np.array(elapsed)):
            base = 1000 * pace.factor * sum(ms / state.speed(kind, call.pid) for kind, ms in parts)
            base = max(base, _FAILED_US) if failing else base
            count = _count(phase, done, elapsed, base, chunk_s)
            lengths = base * np.exp(np.abs(noise.standard_normal(count)) * spread)
            if phase.cold and not done:
                lengths[0] *= timing.first_factor
            periods = _periods(phase, (lengths + _LOOP_US) / 1e6)
            starts = elapsed + np.concatenate(([0.0], np.cumsum(periods)[:-1]))
            over = ~_goes_on(phase, done + np.arange(count), starts)
            kept = int(np.argmax(over)) if over.any() else count
            # Whole microseconds are differences of a clock that shows no more.
            found.append(np.floor(lengths[:kept] + noise.random(kept)).astype(np.int64))
            done += kept
            elapsed += float(periods[:kept].sum())
            await clock.sleep(started + elapsed - clock.awake_s())
    return np.concatenate(found)


def _parts(timing: Timing) -> tuple[tuple[Kind, float], ...]:
    return (("cpu", timing.cpu_ms), ("gpu", timing.gpu_ms), ("npu", timing.npu_ms))


@contextlib.contextmanager
def _loads(call: Call, pace: Pace) -> Iterator[None]:
    # While one unit runs the others wait; the CPU has a little to do even then.
    state, timing = call.phone.state, pace.timing
    total = timing.run_ms or 1.0
    with contextlib.ExitStack() as stack:
        cores = min(1.0, 0.25 + 0.2 * pace.where.threads)
        stack.enter_context(state.load("cpu", timing.cpu_ms / total * cores + 0.04, call.pid))
        if timing.gpu_ms:
            stack.enter_context(state.load("gpu", timing.gpu_ms / total))
        if timing.npu_ms:
            stack.enter_context(state.load("npu", timing.npu_ms / total))
        yield


def _goes_on(phase: Phase, done: Runs, elapsed: Seconds) -> npt.NDArray[np.bool_]:
    return ((done < phase.min_runs) | (elapsed < phase.min_secs)) & (elapsed <= phase.max_secs)


def _count(phase: Phase, done: int, elapsed: float, base_us: float, chunk_s: float) -> int:
    period = float(_periods(phase, np.array([(base_us + _LOOP_US) / 1e6]))[0])
    left = max(phase.min_runs - done, math.ceil((phase.min_secs - elapsed) / period), 1)
    return min(left, math.ceil(chunk_s / period), _MOST_A_CHUNK)


def _periods(phase: Phase, lengths_s: Seconds) -> Seconds:
    if phase.hertz > 0:
        return np.maximum(lengths_s, 1.0 / phase.hertz)
    return lengths_s + max(0.0, phase.pause_s)
