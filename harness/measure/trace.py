"""Power over time from one source, whatever the source is. Pure."""

from __future__ import annotations

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
    """

    source: str
    points: tuple[tuple[float, float], ...]
    refresh_s: float
    lag_s: float = 0.0
    step_mw: float = 0.0
    while_charging: bool = False
    whole: bool = True
    absolute: str = "uncalibrated"
