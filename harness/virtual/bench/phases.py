"""Passes the time of a warm-up or a timed phase, and gives the length of each run in it."""

from __future__ import annotations

import contextlib
import random
from dataclasses import dataclass

import numpy as np

from harness.virtual.bench.flags import Parsed
from harness.virtual.bench.law import Placement, Timing
from harness.virtual.physics.power import Kind
from harness.virtual.program import Call

#: Phone seconds between looks at the throttling.
_CHUNK_S = 0.5


@dataclass(frozen=True)
class Phase:
    """Until both `min_runs` and `min_secs` are reached, or `max_secs` are over; `first` has a cold first run."""

    min_runs: int
    min_secs: float
    max_secs: float
    first: bool = False


async def run_phase(
    call: Call, phase: Phase, timing: Timing, factor: float, rng: random.Random, where: Placement, flags: Parsed
) -> list[int]:
    """Lengths of the runs in whole microseconds; takes as long on the phone's clock as they sum up to."""
    values: list[int] = []
    elapsed = 0.0
    noise = np.random.default_rng(rng.getrandbits(64))
    state, spread = call.phone.state, call.phone.profile.speed.noise_within
    pause = max(0.0, flags["run_delay"])
    parts: tuple[tuple[Kind, float], ...] = (("cpu", timing.cpu_ms), ("gpu", timing.gpu_ms), ("npu", timing.npu_ms))
    with contextlib.ExitStack() as loads:
        total = timing.run_ms or 1.0
        loads.enter_context(state.load("cpu", timing.cpu_ms / total * min(1.0, 0.25 + 0.2 * where.threads) + 0.04))
        if where.gpu:
            loads.enter_context(state.load("gpu", timing.gpu_ms / total))
        if where.npu:
            loads.enter_context(state.load("npu", timing.npu_ms / total))
        while not _over(phase, len(values), elapsed):
            base = 1000 * factor * sum(ms / state.speed(kind) for kind, ms in parts)
            chunk = _chunk(phase, len(values), elapsed, base, pause)
            drawn = np.maximum(1, np.rint(base * np.exp(np.abs(noise.normal(0.0, spread, chunk))))).astype(int)
            if phase.first and not values:
                drawn[0] = round(drawn[0] * timing.first_factor)
            took = 0.0
            for value in drawn.tolist():
                values.append(value)
                took += value / 1e6 + _gap(flags["run_frequency"], pause, value / 1e6)
                if _over(phase, len(values), elapsed + took):
                    break
            elapsed += took
            await call.phone.clock.sleep(took)
    return values


def _gap(frequency: float, pause: float, run_s: float) -> float:
    return max(0.0, 1.0 / frequency - run_s) if frequency > 0 else pause


def _over(phase: Phase, runs: int, elapsed: float) -> bool:
    return (runs >= phase.min_runs and elapsed >= phase.min_secs) or elapsed > phase.max_secs


def _chunk(phase: Phase, runs: int, elapsed: float, base_us: float, pause: float) -> int:
    left = phase.min_runs - runs if elapsed >= phase.min_secs else 1 << 30
    return max(1, min(left, int(_CHUNK_S / (base_us / 1e6 + pause))))
