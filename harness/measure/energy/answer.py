"""How a gauge answers: how often it has a new value, how long after a load step it shows it, whether it hangs. Pure."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from harness.measure.energy.steps import Points, changes, inside, integral

#: Changes that must have been seen before an interval is believed.
LEAST_CHANGES = 4
#: A hang is a time without a change that comes about by chance less often than this,
_CHANCE = 1e-6
#: where at most so many refreshes bring another value: two in a row may be equal on any gauge.
_MOST_MOVING = 0.85
#: A log shorter than this says nothing of a value that does not move, s.
_LEAST_S = 60.0
#: A step is seen where it is so many times what single values scatter by.
_CLEAR = 4.0
_REACHED = 0.9


@dataclass(frozen=True)
class LoadStep:
    """When a load ran on an otherwise idle phone, and how long it was idle on both sides; seconds."""

    start_s: float
    end_s: float
    idle_s: float


def refresh_of(points: Points, period_s: float) -> tuple[float | None, str | None]:
    """Median time between two changes, or why it is not known.

    A gauge whose steps are coarser than its noise changes less often than it is refreshed: that reads as slower.
    """
    moments = [t for t, _ in changes(points)[1:]]
    if len(moments) < LEAST_CHANGES:
        span = points[-1][0] - points[0][0] if points else 0.0
        return None, f"its value changed {len(moments)} times in {span:.0f} s"
    return max(period_s, statistics.median(b - a for a, b in itertools.pairwise(moments))), None


def hang(points: Points, refresh_s: float | None, end_s: float) -> str | None:
    """Why a gauge counts as stuck; None where it moves, or the log is too short to tell."""
    if not points or end_s - points[0][0] < _LEAST_S:
        return None
    moments = [t for t, _ in changes(points)]
    span = end_s - moments[0]
    if len(moments) - 1 < LEAST_CHANGES or refresh_s is None:
        return f"the gauge's value changed {len(moments) - 1} times in {span:.0f} s"
    holds = [(a, b) for a, b in itertools.pairwise([*moments, end_s])]
    longest = max(b - a for a, b in holds)
    moving = _moving(moments[0], span, holds, refresh_s)
    allowed = math.log(_CHANCE) / math.log(1 - moving) * refresh_s
    return f"the gauge's value did not move for {longest:.0f} s" if longest > allowed else None


def _moving(start_s: float, span_s: float, holds: Sequence[tuple[float, float]], refresh_s: float) -> float:
    """Least share of refreshes that bring another value, over thirds of the log, each without its longest hold.

    An idle phone's values often repeat where a busy one's do not. A third that hangs as a whole says nothing.
    """
    shares = []
    for part in range(3):
        begin, end = start_s + part * span_s / 3, start_s + (part + 1) * span_s / 3
        inner = [min(b, end) - max(a, begin) for a, b in holds if a < end and b > begin]
        if len(inner) > LEAST_CHANGES:
            shares.append((len(inner) - 1) * refresh_s / max(refresh_s, span_s / 3 - max(inner)))
    return min([_MOST_MOVING, *shares])


def lag_of(points: Points, step: LoadStep, refresh_s: float, period_s: float) -> tuple[float | None, str | None]:
    """Seconds to 90 % of the answer to the end of a load, or why they are not known: it begins slowly and ends at once.

    The later one of the first value beyond 90 % (of a running median of three) and twice the area that the answer
    lacks, which for a first-order answer and for a running mean are about the same, and noise does not move.
    """
    half = (step.end_s - step.start_s) / 2
    before = inside(points, step.start_s - step.idle_s, step.start_s)
    load = inside(points, step.end_s - half, step.end_s)
    after = inside(points, step.end_s + step.idle_s / 2, step.end_s + step.idle_s)
    if min(len(before), len(load), len(after)) < LEAST_CHANGES:
        return None, "too few values came before, in or after a load to see its lag"
    high, low, scatter = (
        statistics.median(load),
        statistics.median(after),
        max(map(statistics.stdev, (before, load, after))),
    )
    if high - low <= _CLEAR * scatter:
        return None, "the load does not stand out from the gauge's noise"
    answer = [(t, (high - p) / (high - low)) for t, p in points if t <= step.end_s + step.idle_s]
    return max(_edge(answer, step.end_s, step.idle_s, refresh_s), refresh_s, period_s), None


def rises(points: Points, step: LoadStep) -> bool | None:
    """Whether a load raises the draw, as it must; None where it cannot be seen."""
    before = inside(points, step.start_s - step.idle_s, step.start_s)
    load = inside(points, (step.start_s + step.end_s) / 2, step.end_s)
    if min(len(before), len(load)) < LEAST_CHANGES:
        return None
    low, high = statistics.fmean(before), statistics.fmean(load)
    unsure = math.hypot(
        statistics.stdev(before) / math.sqrt(len(before)), statistics.stdev(load) / math.sqrt(len(load))
    )
    return high - low > 3 * unsure if abs(high - low) > 3 * unsure else None


def _edge(answer: Points, edge_s: float, room_s: float, refresh_s: float) -> float:
    smooth = [
        (b[0], statistics.median((a[1], b[1], c[1]))) for a, b, c in zip(answer, answer[1:], answer[2:], strict=False)
    ]
    reached = next((t - edge_s for t, share in smooth if t > edge_s and share >= _REACHED), room_s)
    span = min(room_s, max(3 * reached, 5 * refresh_s))
    lacking = span - integral(answer, edge_s, edge_s + span)
    return max(reached, 2 * lacking)
