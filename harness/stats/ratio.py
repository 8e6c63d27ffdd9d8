"""Ratio of two conditions' times over sessions, with an interval and a verdict. Pure.

The ratio is new over base: above 1 the new one is slower.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from harness.stats.intervals import LEAST

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
    old, late = [math.log(v) for v in base], [math.log(v) for v in new]
    middle, half = _paired(old, late, confidence) if paired else _welch(old, late, confidence)
    ratio, lo, hi = (_exp(v) for v in (middle, middle - half, middle + half))
    found, reason = verdict(lo, hi, margin_pct)
    return Comparison(ratio, lo, hi, found, PAIRED if paired else WELCH, reason)


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


def _welch(base: Sequence[float], new: Sequence[float], confidence: float) -> tuple[float, float]:
    from scipy.stats import t

    middle = statistics.fmean(new) - statistics.fmean(base)
    parts = [(statistics.variance(v) / len(v), len(v) - 1) for v in (base, new)]
    variance = sum(v for v, _ in parts)
    if variance <= 0:
        return middle, 0.0
    # As shares of the whole, so that the squares of tiny variances do not vanish.
    freedom = 1 / sum((v / variance) ** 2 / f for v, f in parts)
    return middle, float(t.ppf(0.5 + confidence / 2, freedom)) * math.sqrt(variance)


def _paired(base: Sequence[float], new: Sequence[float], confidence: float) -> tuple[float, float]:
    from scipy.stats import t

    ratios = [b - a for a, b in zip(base, new, strict=True)]
    spread = statistics.stdev(ratios) / math.sqrt(len(ratios))
    return statistics.fmean(ratios), float(t.ppf(0.5 + confidence / 2, len(ratios) - 1)) * spread


def _none(reason: str) -> Comparison:
    return Comparison(None, None, None, "undecided", None, reason)


def _exp(value: float) -> float:
    return math.exp(value) if value < math.log(math.nextafter(math.inf, 0)) else math.inf
