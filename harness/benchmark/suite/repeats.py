"""How long a suite goes on with a condition whose interval is still wide."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from harness.benchmark.suite.part import Fault, Strict


class SuiteRepeats(Strict):
    """More sessions for conditions whose interval is wide, and none for those where it is narrow enough."""

    within_pct: float = Field(
        default=2.0,
        gt=0,
        le=50,
        description="Narrow enough: the interval of the median is within so many per cent of it.",
    )
    most: int = Field(default=20, ge=3, le=1000, description="No condition has more sessions than this.")


def repeats_faults(repeats: SuiteRepeats | None, least: int) -> Iterator[Fault]:
    """What contradicts the number of sessions to begin with."""
    if repeats is not None and repeats.most < least:
        text = f"{repeats.most} is less than the sessions to begin with, {least}"
        yield Fault(("repeats", "most"), text, "make it larger, or sessions smaller")
    if repeats is not None and least < 3:
        yield Fault(("repeats",), f"{least} sessions have no interval", "begin with 3 sessions or more")
