"""Latency of a row: median over sessions, with its interval."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from harness.records import SessionRecord
from harness.report.row.numbers import milliseconds
from harness.report.row.stability import stability
from harness.stats.intervals import median_interval
from harness.stats.sequential import stopped_interval


def latency(sessions: Sequence[SessionRecord], reason: str | None, ended: str | None = None) -> dict[str, Any]:
    """The row's `latency_ms`.

    Args:
        reason: why it has none.
        ended: why sessions that went on until the interval was narrow ended; None where their number was fixed. What
            was looked at on the way needs another level to keep 95 % (see stats/sequential.py).
    """
    values = [s.inference_avg_us / 1000 for s in sessions if s.inference_avg_us]
    interval = median_interval(values) if ended is None else stopped_interval(values)
    p95s = [p95 for s in sessions if (p95 := milliseconds(s.timed_run.p95_us if s.timed_run else None)) is not None]
    of_p95 = median_interval(p95s)
    shortest = [s.timed_run.min_us / 1000 for s in sessions if s.timed_run and s.timed_run.min_us]
    return {
        "median": statistics.median(values) if values else None,
        "ci95": [interval.lo, interval.hi],
        "method": interval.method,
        "method_reason": None if interval.method else reason or interval.reason,
        "p95": statistics.median(p95s) if p95s else None,
        "p95_ci95": [of_p95.lo, of_p95.hi],
        "p95_ci95_reason": of_p95.reason,
        "p95_reason": None if p95s else reason or "this program prints no 95th percentile",
        "min": min(shortest, default=None),
        "min_reason": None if shortest else reason or "this program prints no fastest run",
        "stability": stability(sessions, interval, ended),
        "reason": interval.reason if values else reason or "the program printed no time",
    }
