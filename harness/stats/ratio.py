"""Ratio of two conditions' times over sessions, with an interval and a verdict. Pure.

The ratio is new over base: above 1 the new one is slower.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.stats.intervals import LEAST, Array

WELCH = "Welch's t on logarithms"
PAIRED = "paired t on log ratios"


@dataclass(frozen=True)
class Comparison:
    """How a new condition compares with a base.

    Attributes:
        ratio: new over base, of what is typical of each (geometric means over sessions); None without an interval.
        lo, hi: limits of its interval; both None, with the reason, where there is none.
        verdict: "faster" or "slower" where the interval excludes 1 and does not lie within the margin; "same" where all
            of it lies within the margin; else "undecided".
        method: None without an interval.
        reason: why the verdict is "undecided"; None where it is not.
    """

    ratio: float | None
    lo: float | None
    hi: float | None
    verdict: str
    method: str | None
    reason: str | None


def compare(
    base: Sequence[float], new: Sequence[float], *, paired: bool, margin_pct: float, confidence: float = 0.95
) -> Comparison:
    """Ratio of two conditions from one value a session each, its interval, and a verdict.

    Methods: unpaired, Welch's t on the logarithms (Welch 1947; Satterthwaite's degrees of freedom), limits
    exponentiated; paired, Student's t on the logarithms of each round's ratio, for rounds that run both conditions one
    after the other, so that what a round shares (heat, a background job) cancels. Both are for the ratio of geometric
    means. That is the ratio of medians wherever the new condition makes every session longer by one factor; where it
    changes how often a session lands on the slow cores, the two differ, and this one counts the change.

    "same" is a finding, not the lack of one: the whole interval lies between 1/(1 + margin) and 1 + margin, which is
    two one-sided tests (Schuirmann 1987) at half of what the interval leaves out. An interval within the margin that
    excludes 1 is "same" too: a difference that is real and too small to matter.

    What it keeps (simulated, `tests/speed/trust/coverage.py` repeats it) at 5, 7 and 10 sessions: 94 to 99 %, paired
    and unpaired, where session values are normal on the log scale, sit on two placements, are throttled one time in
    ten, or scatter by Student's t with 3 degrees of freedom; at 3 sessions 95 to 98 %, with intervals three times as
    wide as at 10. So a "faster" or "slower" is false in 1 to 6 of 100 comparisons of equal conditions.

    Args:
        base, new: positive values, any unit; paired: of equal number, in the order of their rounds.
        margin_pct: differences up to this are the same.
        confidence: between 0 and 1, both excluded.

    Raises:
        ValueError: paired values of unequal number, or a margin that is not positive.
    """
    if margin_pct <= 0:
        raise ValueError(f"a margin of {margin_pct:g} % leaves no room for equal conditions; give one above 0")
    if paired and len(base) != len(new):
        raise ValueError(f"{len(base)} and {len(new)} values do not make rounds; leave out rounds that are not whole")
    least = min(len(base), len(new))
    if least < LEAST:
        what = "rounds" if paired else "sessions a side"
        return _none(f"{least} {what} are too few for a verdict; {LEAST} are the least")
    if not all(math.isfinite(v) and v > 0 for v in (*base, *new)):
        return _none("a value is not a positive number")
    limits = ratio_limits(np.asarray([base], np.float64), np.asarray([new], np.float64), paired, confidence)
    ratio, lo, hi = (float(v[0]) for v in limits)
    found, reason = verdict(lo, hi, margin_pct)
    return Comparison(ratio, lo, hi, found, PAIRED if paired else WELCH, reason)


def ratio_limits(base: Array, new: Array, paired: bool, confidence: float = 0.95) -> tuple[Array, Array, Array]:
    """`compare` of many samples at a time, a row a sample of positive values: ratios and their limits."""
    from scipy.stats import t

    old, late = np.log(base), np.log(new)
    if paired:
        middle = (late - old).mean(axis=1)
        variance = (late - old).var(axis=1, ddof=1) / old.shape[1]
        freedom = np.full(len(middle), old.shape[1] - 1.0)
    else:
        middle = late.mean(axis=1) - old.mean(axis=1)
        parts = [(v.var(axis=1, ddof=1) / v.shape[1], v.shape[1] - 1) for v in (old, late)]
        variance = sum((p for p, _ in parts), np.zeros(len(middle)))
        whole = np.where(variance > 0, variance, 1.0)
        # As shares of the whole, so that squares of tiny variances do not vanish; any number where nothing varies.
        shares = sum(((p / whole) ** 2 / n for p, n in parts), np.zeros(len(middle)))
        freedom = 1 / np.where(shares > 0, shares, 1.0)
    half = t.ppf(0.5 + confidence / 2, freedom) * np.sqrt(variance)
    with np.errstate(over="ignore"):
        return np.exp(middle), np.exp(middle - half), np.exp(middle + half)


def verdict(lo: float, hi: float, margin_pct: float) -> tuple[str, str | None]:
    """What an interval of a ratio says: the verdict as in `Comparison`, and for "undecided" the reason."""
    over = 1 + margin_pct / 100
    if 1 / over <= lo and hi <= over:
        return "same", None
    if lo > 1:
        return "slower", None
    if hi < 1:
        return "faster", None
    return "undecided", f"the interval holds both 1 and a difference of more than {margin_pct:g} %"


def _none(reason: str) -> Comparison:
    return Comparison(None, None, None, "undecided", None, reason)
