"""Coverage and mean width of 95 % intervals: medians, and ratios of equal work, unpaired and paired.

Bar: 93 to 99 % at 5, 7 and 10 sessions. At 3 sessions it is only stated.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.stats.intervals import Array, median_limits
from harness.stats.ratio import ratio_limits
from tests.speed.trust.phones import Phone, Rng, racks

HEAD = ["interval of", "phone", "3 sessions", "5 sessions", "7 sessions", "10 sessions", "bar 93 to 99 %"]
SIZES = (3, 5, 7, 10)
BARRED = (5, 7, 10)
LOW, HIGH = 0.93, 0.99
#: How much a new condition is slower, and how much rounds of a pair share beside what is each session's own.
RATIO, SHARED = 1.05, 0.03


def median(phone: Phone, count: int, rng: Rng, draws: int) -> tuple[float, float]:
    """Coverage, and mean width as a share of the median."""
    lows, highs, _ = median_limits(phone.draw(rng, (draws, count)))
    return _held(lows, highs, phone.median)


def unpaired(phone: Phone, count: int, rng: Rng, draws: int) -> tuple[float, float]:
    """Of the ratio of two conditions that run apart."""
    base, new = phone.draw(rng, (draws, count)), RATIO * phone.draw(rng, (draws, count))
    _, lows, highs = ratio_limits(base, new, paired=False)
    return _held(lows, highs, RATIO)


def paired(phone: Phone, count: int, rng: Rng, draws: int) -> tuple[float, float]:
    """Of the ratio of two conditions that run in rounds, which share their warmth."""
    warmth = np.exp(rng.normal(0, SHARED, (draws, count)))
    base, new = warmth * phone.draw(rng, (draws, count)), RATIO * warmth * phone.draw(rng, (draws, count))
    _, lows, highs = ratio_limits(base, new, paired=True)
    return _held(lows, highs, RATIO)


KINDS = {"median": median, "ratio": unpaired, "ratio, paired": paired}


def rows(seed: int = 1, draws: int = 20_000, phones: Sequence[Phone] | None = None) -> list[list[str]]:
    """One row a kind of interval and phone: coverage, and the mean width in brackets, both in percent."""
    rng = np.random.default_rng(seed)
    table = []
    for name, measure in KINDS.items():
        for phone in racks() if phones is None else phones:
            found = {count: measure(phone, count, rng, draws) for count in SIZES}
            good = all(LOW <= found[count][0] <= HIGH for count in BARRED)
            cells = [f"{100 * held:.1f} ({100 * width:.1f})" for held, width in found.values()]
            table.append([name, phone.name, *cells, "ok" if good else "MISSED"])
    return table


def _held(lows: Array, highs: Array, true: float) -> tuple[float, float]:
    inside = (lows <= true) & (true <= highs)
    return float(inside.mean()), float((highs - lows).mean() / true)
