"""Intervals for what a handful of sessions say. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """Limits of an interval in the unit of its values; both None, with the reason, where there is none."""

    lo: float | None
    hi: float | None
    reason: str | None = None


def median_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Interval for the median over sessions.

    Method: Student's t on the logarithms, so the interval is for the geometric mean, which is the median where sessions
    scatter symmetrically on a logarithmic scale (times do, nearly). It keeps its promise from three sessions on, where
    order statistics (which need six for 95 %) and bootstraps (too narrow below about ten) do not.

    Args:
        values: one positive value a session.
        confidence: e.g. 0.95.

    Returns:
        The interval; without one for fewer than 3 values or a value that is not positive.
    """
    if len(values) < 3:
        return Interval(None, None, f"{len(values)} sessions are too few for an interval; 3 are the least")
    if min(values) <= 0:
        return Interval(None, None, "a value is not positive")
    from scipy.stats import t

    logs = [math.log(v) for v in values]
    middle, spread = statistics.fmean(logs), statistics.stdev(logs)
    half = float(t.ppf(0.5 + confidence / 2, len(logs) - 1)) * spread / math.sqrt(len(logs))
    return Interval(math.exp(middle - half), math.exp(middle + half))
