"""Details that a suite asks for: sessions of their own, after everything that is timed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

from harness.benchmark.suite.part import Fault

Detail = Literal["memory", "operators"]

#: What can be asked for, in the order in which it is measured.
DETAILS: tuple[str, ...] = get_args(Detail)


def in_order(details: Sequence[str]) -> tuple[str, ...]:
    """The kinds of sessions that they need, in the order in which they run."""
    return tuple(kind for kind in DETAILS if kind in details)


def detail_faults(details: Sequence[str]) -> Iterator[Fault]:
    """A detail that is named twice."""
    for index, name in enumerate(details):
        if details.index(name) != index:
            yield Fault(("details", index), f"{name!r} is named twice", "leave one out")
