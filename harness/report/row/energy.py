"""Power and energy of a row."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from harness.records import Quantity
from harness.stats.intervals import median_interval


def quantity(quantities: Sequence[Quantity], reason: str | None) -> dict[str, Any]:
    """A measured value over sessions; reason: why it has none."""
    values = [q.value for q in quantities if q.value is not None]
    if not values:
        why = next((q.reason for q in quantities if q.reason), reason)
        return {"value": None, "ci95": [None, None], "reason": why or "not measured"}
    interval = median_interval(values)
    return {"value": statistics.median(values), "ci95": [interval.lo, interval.hi], "reason": interval.reason}
