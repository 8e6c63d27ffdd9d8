"""Where the sessions of a row, their median and its interval lie on a line, as shares of its width. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: Room on both sides, as a share of the width.
_MARGIN = 0.14
#: An interval that reaches further than so many spans of its sessions on one side is cut there.
_REACH = 3.0


@dataclass(frozen=True)
class Track:
    """Positions in per cent from the left. cut: the interval reaches beyond the line, on the left, on the right."""

    middle: float
    low: float | None
    high: float | None
    cut: tuple[bool, bool]
    dots: tuple[float | None, ...]
    beyond: tuple[bool, ...]


def track(latency: dict[str, Any], values: Sequence[float | None], counted: Sequence[bool]) -> Track | None:
    """Places for the values of all sessions; None where none counts.

    The line is long enough for what counts and its interval; another value that lies further out stands at the end, and
    is told to lie beyond.
    """
    known = [v for v, counts in zip(values, counted, strict=True) if counts and v is not None]
    if not known or latency["median"] is None:
        return None
    low, high = latency["ci95"]
    span = max(known) - min(known) or 0.02 * abs(latency["median"]) or 1.0
    floor, ceiling = min(known) - _REACH * span, max(known) + _REACH * span
    cut = (low is not None and low < floor, high is not None and high > ceiling)
    left = min([*known, *([max(low, floor)] if low is not None else [])])
    right = max([*known, *([min(high, ceiling)] if high is not None else [])])
    if left == right:
        left, right = left - span, right + span

    def at(value: float) -> float:
        share = (value - left) / (right - left)
        return float(round(100 * min(1.0, max(0.0, _MARGIN + (1 - 2 * _MARGIN) * share)), 1))

    return Track(
        at(latency["median"]),
        None if low is None else 0.0 if cut[0] else at(low),
        None if high is None else 100.0 if cut[1] else at(high),
        cut,
        tuple(None if v is None else at(v) for v in values),
        tuple(v is not None and not _inside(v, left, right) for v in values),
    )


def _inside(value: float, left: float, right: float) -> bool:
    margin = _MARGIN * (right - left) / (1 - 2 * _MARGIN)
    return left - margin <= value <= right + margin
