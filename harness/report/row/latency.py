"""Latency of a row: median over sessions, with its interval."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from harness.records import SessionRecord
from harness.report.row.numbers import middle, milliseconds
from harness.stats.intervals import median_interval


def latency(sessions: Sequence[SessionRecord], reason: str | None) -> dict[str, Any]:
    """The row's `latency_ms`; reason: why it has none."""
    values = [s.inference_avg_us / 1000 for s in sessions if s.inference_avg_us]
    interval = median_interval(values)
    p95 = middle(milliseconds(s.timed_run.p95_us if s.timed_run else None) for s in sessions)
    shortest = [s.timed_run.min_us / 1000 for s in sessions if s.timed_run and s.timed_run.min_us]
    return {
        "median": statistics.median(values) if values else None,
        "ci95": [interval.lo, interval.hi],
        "p95": p95,
        "p95_reason": None if p95 is not None else reason or "this program prints no 95th percentile",
        "min": min(shortest, default=None),
        "min_reason": None if shortest else reason or "this program prints no fastest run",
        "reason": interval.reason if values else reason or "the program printed no time",
    }
