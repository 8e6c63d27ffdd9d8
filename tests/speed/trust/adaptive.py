"""Phone time of adaptive repeats over that of a fixed plan with the same worst half width, and coverage after stopping.

A rack measures many conditions, of which few are noisy. A fixed plan must give all of them the sessions that the
noisiest needs. Both plans are held to one width: that which 95 % of the noisiest conditions stay within under adaptive
repeats. The fixed plan has the plain 95 % interval, the adaptive one pays for its looks with a stricter one. Time is
counted in sessions.

Bars: at most half of the fixed plan's time over each mix; coverage after stopping 93 to 99 %. Phones of which just half of
the sessions sit on another placement are shown without a bar: the docstring of `decide` says what is kept there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.stats.intervals import Array, median_limits
from harness.stats.sequential import LOOKING, Repeats, looks
from tests.speed.trust.coverage import HIGH, LOW
from tests.speed.trust.phones import Phone, Rng, mixture, racks

HEAD = ["of", "sessions", "half width %", "coverage %", "time over fixed plan", "bar"]
REPEATS = Repeats(within_pct=3.0, least=5, most=60)
#: Noise between sessions to the share of conditions that have it: that of facts/stats.md 1.3, reaching further.
MIXES = {
    "few noisy": {0.005: 0.15, 0.01: 0.25, 0.02: 0.3, 0.03: 0.15, 0.05: 0.1, 0.07: 0.05},
    "even in ratio": {0.005: 0.2, 0.01: 0.2, 0.02: 0.2, 0.035: 0.2, 0.07: 0.2},
}
BAR = 0.5
_WORST_PCT = 95.0


@dataclass(frozen=True)
class Stopped:
    """Many conditions after stopping: sessions of each, half width as a share of the median, truth inside or not."""

    sessions: Array
    half_width: Array
    held: Array


def stop(phone: Phone, repeats: Repeats, rng: Rng, draws: int) -> Stopped:
    """As `decide` does it, for many conditions at once."""
    times = phone.draw(rng, (draws, repeats.most))
    sessions, half_width, held = np.zeros(draws), np.zeros(draws), np.zeros(draws)
    going = np.ones(draws, bool)
    for count in looks(repeats):
        lows, highs, _ = median_limits(times[:, :count], LOOKING)
        half = (highs - lows) / 2 / np.median(times[:, :count], axis=1)
        ends = going & ((half <= repeats.within_pct / 100) | (count == repeats.most))
        sessions[ends], half_width[ends] = count, half[ends]
        held[ends] = ((lows <= phone.median) & (phone.median <= highs))[ends]
        going &= ~ends
    return Stopped(sessions, half_width, held)


def fixed_sessions(phone: Phone, half_width: float, rng: Rng, draws: int, most: int = 200) -> int:
    """The least number of sessions for all, with which 95 % of such conditions have an interval that narrow."""
    times = phone.draw(rng, (draws, most))
    for count in range(5, most + 1):
        lows, highs, _ = median_limits(times[:, :count])
        half = (highs - lows) / 2 / np.median(times[:, :count], axis=1)
        if np.percentile(half, _WORST_PCT) <= half_width:
            return count
    raise ValueError(f"{most} sessions do not reach ±{100 * half_width:.1f} %")


def rows(
    seed: int = 1, draws: int = 40_000, repeats: Repeats = REPEATS, phones: Sequence[Phone] | None = None
) -> list[list[str]]:
    """First the mixes, then coverage after stopping on every phone."""
    rng = np.random.default_rng(seed)
    table = []
    for name, shares in MIXES.items():
        found = {noise: stop(mixture("", "normal", noise), repeats, rng, draws) for noise in shares}
        noisiest = mixture("", "normal", max(shares))
        worst = float(np.percentile(found[max(shares)].half_width, _WORST_PCT))
        fixed = fixed_sessions(noisiest, worst, rng, draws // 8)
        mean = sum(share * found[noise].sessions.mean() for noise, share in shares.items())
        held = sum(share * found[noise].held.mean() for noise, share in shares.items())
        good = mean / fixed <= BAR and LOW <= held <= HIGH
        table.append(
            [f"mix: {name}", f"{mean:.1f} against {fixed}", f"{100 * worst:.1f} at worst", f"{100 * held:.1f}",
             f"{mean / fixed:.2f}", "ok" if good else "MISSED"]
        )  # fmt: skip
    for phone in racks() if phones is None else phones:
        found_here = stop(phone, repeats, rng, draws)
        held = float(found_here.held.mean())
        good = "ok" if LOW <= held <= HIGH else "MISSED"
        table.append(
            [phone.name, f"{found_here.sessions.mean():.1f}", f"{100 * found_here.half_width.mean():.1f}",
             f"{100 * held:.1f}", "", "none" if phone.name.startswith("half of") else good]
        )  # fmt: skip
    return table
