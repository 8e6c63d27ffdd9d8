"""Intervals for what a handful of sessions say. Pure.

The unit is the session (one fresh process): values from inside one process agree with each other and differ between
processes, so pooling them gives intervals that hold 47 to 66 % instead of 95 %.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
#: Least number of values for an interval.
LEAST = 3
STUDENT, STUDENT_LOG = "Student's t", "Student's t on logarithms"
RANGE = "range and Student's t on logarithms"
ORDER, INTERPOLATED = "order statistics", "interpolated order statistics"

#: Ranks are interpolated only where the whole ones keep more than this much of what the confidence leaves out less.
_SPARE = 0.4
#: How far, as a share of the way to the next ranks, where those keep too little by themselves; and what is too little.
_FARTHEST, _TOO_LITTLE = 0.45, 1.5


@dataclass(frozen=True)
class Interval:
    """Limits of an interval in the unit of its values; both None, with the reason, where there is none."""

    lo: float | None
    hi: float | None
    reason: str | None = None
    method: str | None = None


def median_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Interval for a phone's median session: half of the sessions that this phone would run are faster, half slower.

    That median is of the phone's own distribution of sessions, of which `values` are a sample. It is neither the mean
    nor the median of all phones of a model.

    Methods, by what their number allows:

    - Interpolated order statistics, as soon as the smallest and largest value reach the confidence (6 sessions for
      95 %): the innermost pair of sorted values around the median that a binomial(n, 1/2) allows (Hahn & Meeker,
      "Statistical Intervals", 5.2), and from there part of the way to the next pair where the whole ranks keep far more
      than asked (Hettmansperger & Sheather 1986). The way is cut at 45 % where the next pair alone would not do,
      so that a median in the gap between two placements stays inside. It needs no shape, and a throttled session among
      ten does not widen it.
    - Below, Student's t on the logarithms (on the values where one is not positive), widened to the smallest and the
      largest value: the range of 5 sessions alone holds 93.75 % of any distribution. At 3 and 4 the range lies within.

    What it keeps at 95 % (simulated; `python -m tests.speed.trust` and `tests/stats/test_intervals.py` repeat it), over
    phones that are normal, throttled (one in ten +30 %), heavy-tailed (t with 3 degrees of freedom), skewed, or have
    5, 20 or 45 % of their sessions on a placement that is 8 or 12 % slower: 94 to 98 % with 5, 6, 7, 9, 10 and
    12 or more sessions, up to 99 % with 8 and 11. With a placement shared by just half of the sessions, 93 to 97 %.
    With 3 sessions 94 to 97 %, but 86 % where 45 % sit on another placement, and with 4 sessions 91 %: one time in
    eleven all three sit on the wrong one, and no method can see that. Five sessions are the least to trust.
    Mean widths at 3, 5, 7 and 10 sessions of 2 % noise: 8.8, 5.1, 4.3 and 3.4 %.

    Limits: it says nothing of what all sessions share (a warm room, a wrong gauge), and equal values give a width of 0.

    Args:
        values: one value a session.
        confidence: between 0 and 1, both excluded.

    Returns:
        The interval; without one, and with the reason, for fewer than 3 values or a value that is not finite.
    """
    count = len(values)
    if count < LEAST:
        found = "1 value is" if count == 1 else f"{count or 'no'} values are"
        return Interval(None, None, f"{found} too few for an interval; {LEAST} are the least")
    if not all(math.isfinite(v) for v in values):
        return Interval(None, None, "a value is not finite")
    lows, highs, method = median_limits(np.asarray([values], np.float64), confidence)
    return Interval(float(lows[0]), float(highs[0]), method=method)


def median_limits(samples: Array, confidence: float = 0.95) -> tuple[Array, Array, str]:
    """`median_interval` of many samples of one size at a time: a row a sample. Its limits, and the method.

    Args:
        samples: finite, at least 3 columns; where one value is not positive, no logarithms are taken in any row.
    """
    count = samples.shape[1]
    rank, share = ranks(count, confidence)
    if rank == 0:
        return _student(samples, confidence)
    ordered = np.sort(samples, axis=1)
    low, high = ordered[:, rank - 1], ordered[:, count - rank]
    if share == 0:
        return low, high, ORDER
    inner_low, inner_high = ordered[:, rank], ordered[:, count - rank - 1]
    # Towards the outer rank, so that equal values stay what they are.
    return inner_low - (1 - share) * (inner_low - low), inner_high + (1 - share) * (high - inner_high), INTERPOLATED


@functools.cache
def ranks(count: int, confidence: float) -> tuple[int, float]:
    """Which order statistics limit the median: the rank from either end, from 1, and the share of the way to the next.

    Rank 0: the smallest and largest of so few do not reach the confidence.
    """
    outside = (1 - confidence) / 2
    # Largest rank whose value lies below the median but with at most the chance `outside`: P(B < rank) <= outside.
    rank, below, next_below = 0, 0.0, 0.5**count
    while next_below <= outside:
        rank += 1
        below, next_below = next_below, next_below + math.comb(count, rank) * 0.5**count
    if rank == 0 or 2 * rank >= count or below >= outside * (1 - _SPARE):
        return rank, 0.0
    excess = (outside - below) / (next_below - below)
    share = (count - rank) * excess / (rank + (count - 2 * rank) * excess)
    return rank, share if next_below <= outside * _TOO_LITTLE else min(share, _FARTHEST)


def _student(samples: Array, confidence: float) -> tuple[Array, Array, str]:
    from scipy.stats import t

    count = samples.shape[1]
    positive = bool(samples.min() > 0)
    scaled = np.log(samples) if positive else samples
    middle = scaled.mean(axis=1)
    half = float(t.ppf(0.5 + confidence / 2, count - 1)) * scaled.std(axis=1, ddof=1) / math.sqrt(count)
    low, high = middle - half, middle + half
    if positive:
        with np.errstate(over="ignore"):
            low, high = np.exp(low), np.exp(high)
    named = STUDENT_LOG if positive else STUDENT
    if count < 5:
        return low, high, named
    widened = np.minimum(low, samples.min(axis=1)), np.maximum(high, samples.max(axis=1))
    return *widened, RANGE if positive else f"range and {STUDENT}"
