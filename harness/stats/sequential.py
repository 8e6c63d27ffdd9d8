"""Adaptive repeats: sessions go on until the interval is narrow enough or the budget is spent. Pure.

Whoever looks at an interval again and again, and stops when it happens to be narrow, stops where chance made it too
narrow: at a plain 95 %, coverage falls to 92 % on ordinary noise and to 87 % where two placements are about equally
frequent. So the interval is looked at only at sizes that grow by half, and both while looking and in the end it
is one of 98 %, which is what holds 95 % after stopping.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from harness.stats.intervals import LEAST, Interval, median_interval

#: Confidence of intervals that are looked at on the way, and of the last one.
LOOKING = 0.98
#: Fewer sessions than this never count as narrow enough: they may all sit on one of two placements.
FIRST_LOOK = 5
#: Growth from one look to the next; a look that would come just before the budget's is left out.
_GROWTH, _JUST_BEFORE = 1.5, 1.15


@dataclass(frozen=True)
class Repeats:
    """How long to go on.

    Attributes:
        within_pct: narrow enough is an interval of at most plus or minus this much of the median.
        least: sessions that are run in any case.
        most: the budget in sessions.

    Raises:
        ValueError: a width that is not positive, fewer than 3 sessions, or a budget below `least`.
    """

    within_pct: float
    least: int = 5
    most: int = 30

    def __post_init__(self) -> None:
        if not self.within_pct > 0:
            raise ValueError(f"no interval is within {self.within_pct:g} %; give a width above 0")
        if self.least < LEAST:
            raise ValueError(f"{self.least} sessions give no interval; run at least {LEAST}")
        if self.most < self.least:
            raise ValueError(f"a budget of {self.most} sessions is below the least, {self.least}")


@dataclass(frozen=True)
class Decision:
    """Whether to go on.

    Attributes:
        done: no more sessions.
        why: one phrase for the report: what ended it, or what it waits for.
        more: sessions to run before it is asked again; 0 when done.
        half_width_pct: of the interval at `LOOKING`, as a share of the median; None where there is none yet.
    """

    done: bool
    why: str
    more: int
    half_width_pct: float | None


def looks(repeats: Repeats) -> tuple[int, ...]:
    """Numbers of sessions at which the interval is looked at; the last is the budget."""
    found = [min(max(repeats.least, FIRST_LOOK), repeats.most)]
    while found[-1] < repeats.most:
        following = max(found[-1] + 1, round(found[-1] * _GROWTH))
        found.append(following if following * _JUST_BEFORE < repeats.most else repeats.most)
    return tuple(found)


def decide(values: Sequence[float], repeats: Repeats, run: int | None = None) -> Decision:
    """Whether the sessions so far are enough.

    Ask after every batch of `more` sessions; asked in between, it names what is missing until the next look. Stop where
    it says so, and report `stopped_interval`.

    What that interval keeps after stopping (simulated; `python -m tests.speed.trust` and
    `tests/stats/test_sequential.py` repeat it), for 2 and 3 % of width and budgets of 15 to 60 sessions: 95 to 99 %
    over phones of 0.5 to 7 % noise, throttled, heavy-tailed, and with 5 or 20 % of sessions on a slower placement; 93
    to 96 % with 45 %. Where just half of the sessions sit there, and the median lies in the gap between, 88 to 93 %:
    there the budget should end it, and in one of ten such phones chance ends it earlier.

    Args:
        values: one of every session that counts, in order.
        run: sessions run so far, those that do not count included: the budget is theirs. None: `values` are all.

    Raises:
        ValueError: fewer sessions run than there are values.
    """
    count = len(values)
    spent = count if run is None else run
    if spent < count:
        raise ValueError(f"{spent} sessions cannot have given {count} values")
    left = max(0, repeats.most - spent)
    points = looks(repeats)
    width = half_width_pct(stopped_interval(values), values)
    goal = f"±{repeats.within_pct:g} %"
    reached = f"±{width:.1f} %" if width is not None else "no interval"
    narrow = width is not None and width <= repeats.within_pct and count >= FIRST_LOOK
    if narrow and (count in points or left == 0):
        return Decision(True, f"narrow enough: {reached} after {count} sessions, {goal} asked", 0, width)
    if left == 0:
        return Decision(True, f"budget of {repeats.most} sessions spent: {reached}, {goal} asked", 0, width)
    more = min(left, next((n for n in points if n > count), count + 1) - count)
    if count < points[0]:
        return Decision(False, f"{count} of at least {points[0]} sessions", more, width)
    return Decision(False, f"{reached} after {count} sessions, {goal} asked", more, width)


def stopped_interval(values: Sequence[float]) -> Interval:
    """Interval for the median of sessions that `decide` ended: `median_interval` at a level that keeps 95 %."""
    return median_interval(values, LOOKING)


def half_width_pct(interval: Interval, values: Sequence[float]) -> float | None:
    """Half of an interval's width as a share of the median of its values; None without an interval or for 0."""
    if interval.lo is None or interval.hi is None:
        return None
    middle = statistics.median(values)
    return 50 * (interval.hi - interval.lo) / abs(middle) if middle else None
