"""A value that holds until the next one: means, integrals, and how sure a mean is. Pure."""

from __future__ import annotations

import bisect
import math
import statistics
from collections.abc import Sequence

Points = Sequence[tuple[float, float]]

#: Parts that a window is cut into, to see how much its mean varies.
_BATCHES = 8


def changes(points: Points) -> tuple[tuple[float, float], ...]:
    """Only those points whose value differs from the one before."""
    found: list[tuple[float, float]] = []
    for time, value in points:
        if not found or value != found[-1][1]:
            found.append((time, value))
    return tuple(found)


def integral(points: Points, start_s: float, end_s: float) -> float:
    """Of the held value over time; before the first point its value counts.

    Raises:
        ValueError: there are no points.
    """
    if not points:
        raise ValueError("no points")
    times = [t for t, _ in points]
    index = max(0, bisect.bisect_right(times, start_s) - 1)
    total, at = 0.0, start_s
    while at < end_s:
        until = min(end_s, times[index + 1]) if index + 1 < len(times) else end_s
        if until > at:
            total += points[index][1] * (until - at)
            at = until
        index += 1
    return total


def mean(points: Points, start_s: float, end_s: float) -> float:
    """Over time of the held value."""
    return integral(points, start_s, end_s) / (end_s - start_s)


def inside(points: Points, start_s: float, end_s: float) -> list[float]:
    """Values that came between two moments."""
    return [v for t, v in points if start_s <= t < end_s]


def standard_error(points: Points, start_s: float, end_s: float) -> float:
    """Of the mean over a window: the larger of what its values and the means of its parts scatter by.

    Means of parts see drift and gauges whose values hang together, which single values do not (batch means).
    Infinite where fewer than two values came.
    """
    values = inside(points, start_s, end_s)
    if len(values) < 2:
        return math.inf
    count = max(2, min(_BATCHES, len(values) // 2))
    width = (end_s - start_s) / count
    parts = [mean(points, start_s + i * width, start_s + (i + 1) * width) for i in range(count)]
    by_parts = statistics.stdev(parts) / math.sqrt(count)
    return max(by_parts, statistics.stdev(values) / math.sqrt(len(values)))
