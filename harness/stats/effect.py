"""The smallest effect that a paired comparison can show. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

METHOD = "two quantiles of Student's t on paired log ratios"


def smallest_effect_pct(
    base: Sequence[float], new: Sequence[float], *, power: float = 0.8, confidence: float = 0.95
) -> float | None:
    """The difference that as many pairs as these would find with this chance, in % of the base.

    Method: a paired t test on log ratios finds a true difference d with chance `power` where d is the sum of the t
    quantiles of (1 + confidence) / 2 and of `power`, at n - 1 degrees of freedom, times the standard error of the mean
    log ratio (Kupper & Hafner 1989 on how close this is to the noncentral t; with 6 pairs its power is some 2 points
    off, `tests/stats/test_effect.py` simulates it). The standard error is that of these pairs, so the answer is as
    uncertain as it: with 10 pairs it may well be a third too small or too large.

    Args:
        base, new: positive values of equal number, in the order of their pairs.

    Returns:
        None for fewer than 3 pairs, or a value that is not positive.

    Raises:
        ValueError: of unequal number.
    """
    from scipy.stats import t

    if len(base) != len(new):
        raise ValueError(f"{len(base)} and {len(new)} values do not make pairs; leave out pairs that are not whole")
    if len(base) < 3 or not all(math.isfinite(v) and v > 0 for v in (*base, *new)):
        return None
    ratios = [math.log(b / a) for a, b in zip(base, new, strict=True)]
    error = statistics.stdev(ratios) / math.sqrt(len(ratios))
    quantiles = sum(float(t.ppf(p, len(ratios) - 1)) for p in ((1 + confidence) / 2, power))
    return 100 * math.expm1(quantiles * error)
