"""Whether a phone's energy figures can be believed: twice the work must cost an inference the same. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from harness.measure.trace import rank
from harness.records import EnergyRecord


@dataclass(frozen=True)
class DoubledWork:
    """What sessions of one length and of twice that length say of one inference.

    Attributes:
        ratio: energy of one inference in the long sessions over that in the short ones; None with the reason.
        within: what their errors allow it to differ from 1, a share.
        passed: it lies within; None where it cannot be told.
    """

    ratio: float | None = None
    within: float | None = None
    passed: bool | None = None
    reason: str | None = None


def doubled_work(short: Sequence[EnergyRecord], long: Sequence[EnergyRecord]) -> DoubledWork:
    """Compare sessions that did some work with others that did the same work twice as often.

    A source that misses the ends of a load, counts the idle phone as load or the other way round gives another energy
    of one inference when the load is longer. The error of each side is the median over its sessions of their budgets,
    and what they scatter by (2 standard errors of the mean), in squares.

    Args:
        short, long: of one phone, model, delegate and source.
    """
    sides = []
    for records in (short, long):
        known = [(r, r.net_mj, r.u_mj or 0.0) for r in records if r.net_mj is not None and r.throttled is None]
        if not known:
            why = next((r.reason or r.throttled for r in records if r.reason or r.throttled), "no session has a figure")
            return DoubledWork(reason=why)
        sides.append(known)
    sources = {r.source for side in sides for r, _, _ in side}
    if len(sources) > 1:
        return DoubledWork(reason=f"sources are not compared: {', '.join(sorted(map(str, sources), key=rank))}")
    (first, first_off), (second, second_off) = map(_middle, sides)
    ratio, within = second / first, math.hypot(first_off, second_off)
    return DoubledWork(ratio, within, abs(ratio - 1) <= within)


def _middle(side: Sequence[tuple[EnergyRecord, float, float]]) -> tuple[float, float]:
    """Median of one side, and its error as a share."""
    values = [net for _, net, _ in side]
    scatter = 2 * statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    middle = statistics.median(values)
    return middle, math.hypot(statistics.median(u for _, _, u in side), scatter) / middle
