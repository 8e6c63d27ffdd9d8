"""Power over time from one source, whatever the source is. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class PowerTrace:
    """What one source says of the power that a phone draws.

    Attributes:
        source: as the report names it ("battery gauge", "power rails", "meter bench.csv").
        points: (CLOCK_BOOTTIME s, mW) ascending: each distinct update, which holds until the next.
        refresh_s: time between two updates; lag_s: 90 % of the answer to a load step, 0 where there is none.
        step_mw: smallest change that it can show.
        while_charging: it is right while the phone is plugged in too.
        whole: it is the whole phone; False of rails, whose sum leaves parts out.
        absolute: "uncalibrated", or what it was calibrated against.
        until_s: the last moment that it is known for.
    """

    source: str
    points: tuple[tuple[float, float], ...]
    refresh_s: float
    lag_s: float = 0.0
    step_mw: float = 0.0
    while_charging: bool = False
    whole: bool = True
    absolute: str = "uncalibrated"
    until_s: float = math.inf


#: How sources are named at their beginning, the best first: what measures the whole line, what is valid while plugged
#: in, what reads the gauge without lag of its own, what is read from files, what works over long runs only.
LADDER = ("meter", "power rails", "perfetto", "battery gauge", "charge counter")


def rank(source: str | None) -> int:
    """Place of a source on the ladder, 0 is the best; unknown ones come last."""
    return next((i for i, name in enumerate(LADDER) if source and source.startswith(name)), len(LADDER))
