"""What the parts of a row share."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from harness.stats.intervals import median_interval


def milliseconds(microseconds: float | None) -> float | None:
    """Microseconds as milliseconds."""
    return None if microseconds is None else microseconds / 1000


def middle(values: Iterable[float | None]) -> float | None:
    """Median of what is known; None where nothing is."""
    known = [v for v in values if v is not None]
    return statistics.median(known) if known else None


def figure(values: Sequence[float], reason: str | None) -> dict[str, Any]:
    """A median with its interval over sessions; reason: why there is none."""
    interval = median_interval(values)
    return {
        "value": middle(values),
        "ci95": [interval.lo, interval.hi],
        "reason": interval.reason if values else reason,
    }
