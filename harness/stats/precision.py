"""How narrow an interval is, and how many sessions it would take to make it narrower. Pure."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np

from harness.stats.intervals import median_interval, median_limits
from harness.stats.sequential import half_width_pct

#: Narrow enough to compare by, per cent of the median.
STABLE_PCT = 2.0
_DRAWS, _SEED, _SMALL = 4000, 11, 0.01
#: Nobody runs more.
MOST = 999


def needed_sessions(values: Sequence[float], within_pct: float = STABLE_PCT, confidence: float = 0.95) -> int | None:
    """About how many more sessions the interval of the median needs to be within plus or minus `within_pct`.

    Method: the present half width, scaled by the mean half width that normal sessions have at each number of sessions
    (simulated, `median_limits`). An estimate: a spread that is known from five sessions is known to a third of itself.

    Returns:
        0 where it is narrow enough, at most `MOST`; None where there is no interval yet.
    """
    width = half_width_pct(median_interval(values, confidence), values)
    if width is None or not math.isfinite(width):
        return None
    if width <= within_pct:
        return 0
    unit = width / _half_width(len(values), confidence)
    count = next((n for n in range(len(values) + 1, MOST + 1) if unit * _half_width(n, confidence) <= within_pct), MOST)
    return count - len(values)


@functools.cache
def _half_width(count: int, confidence: float) -> float:
    """Mean half width of the median's interval of so many normal sessions, in their standard deviations."""
    if count > 60:
        return _half_width(60, confidence) * math.sqrt(60 / count)
    drawn = np.exp(_SMALL * np.random.default_rng(_SEED).standard_normal((_DRAWS, count)))
    low, high, _ = median_limits(drawn, confidence)
    return float(np.mean(high - low)) / (2 * _SMALL)
