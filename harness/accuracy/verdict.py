"""What a drop with its interval says, with a budget and without. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.stats.intervals import Interval

#: A side that is so many times too long is not made short enough by more examples.
_MOST = 50


@dataclass(frozen=True)
class Verdict:
    """A drop judged.

    Attributes:
        text: without a budget `real drop`, `better`, `no drop shown` (of agreement `differs`, `same`); with one `within
            max_drop`, `over max_drop`, or `undecided` where the interval holds the budget; `unknown` without interval.
        more_examples: of `undecided`, about how many more would settle it if the drop stayed as it is; None where no
            number would, or it is settled.
        fails: the drop itself is larger than the budget, whether or not the interval shows it.
    """

    text: str
    more_examples: int | None = None
    fails: bool = False


def judge(drop: float, limits: Interval, count: int, max_drop: float | None, *, agreement: bool = False) -> Verdict:
    """The verdict on a drop.

    A budget fails on the drop that was found, not only on one that is proven: examples that are too few must not pass a
    bad model. `undecided` says that more of them could turn it.

    Args:
        drop: positive where the variant is worse, in the unit of `limits` and `max_drop`.
        count: examples that it rests on.
        agreement: right answers were those of the base model.
    """
    fails = max_drop is not None and drop > max_drop
    if limits.lo is None or limits.hi is None:
        return Verdict("over max_drop" if fails else "unknown", fails=fails)
    if max_drop is not None:
        if limits.hi <= max_drop:
            return Verdict("within max_drop")
        if limits.lo > max_drop:
            return Verdict("over max_drop", fails=True)
        side = limits.hi - drop if drop <= max_drop else drop - limits.lo
        return Verdict("undecided", _more(side, abs(drop - max_drop), count), fails)
    if agreement:
        return Verdict("differs" if drop else "same")
    return Verdict("real drop" if limits.lo > 0 else "better" if limits.hi < 0 else "no drop shown")


def _more(side: float, distance: float, count: int) -> int | None:
    """Examples until the interval's side is as long as the distance; it shrinks with the root of their number.

    None for more than some thousand times as many: the drop is as good as the budget.
    """
    if distance * _MOST < side:
        return None
    return max(1, math.ceil(count * ((side / distance) ** 2 - 1)))
