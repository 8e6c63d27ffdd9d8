"""How a phone's battery is cared for: the numbers that suite, health checks and rack share. Pure."""

from __future__ import annotations

from dataclasses import dataclass


class ContradictionError(ValueError):
    """A limit contradicts another one. key: its name."""

    def __init__(self, key: str, text: str) -> None:
        self.key = key
        super().__init__(text)


@dataclass(frozen=True)
class CareLimits:
    """Charge and heat within which a phone works. The defaults let a charged, cool phone start at once.

    Attributes:
        floor_pct: no session starts below it, whatever else is asked for.
        start_pct: no job starts below it; the phone charges first.
        resume_pct: a phone that charges goes on here, so that it does not stop again after the next session.
        max_start_c: no job starts above it (battery); the phone cools down first.
        resume_c: a phone that cools down goes on here.
        hard_stop_c: a session that runs is ended on the phone at this temperature of the battery; None: never. The
            default is where chargers stop (JEITA's profile, as in Zebra's manuals of TC53 and TC58: slower from 45 °C,
            none above 50 °C, switched off above 55 °C).
        wait_s: phone seconds that a job waits for charge or cold at most.

    Raises:
        ContradictionError: one contradicts another.
    """

    floor_pct: float = 15.0
    start_pct: float = 20.0
    resume_pct: float = 25.0
    max_start_c: float = 40.0
    resume_c: float = 38.0
    hard_stop_c: float | None = 50.0
    wait_s: float = 3600.0

    def __post_init__(self) -> None:
        for lower, upper in (("floor_pct", "start_pct"), ("start_pct", "resume_pct"), ("resume_c", "max_start_c")):
            low, high = getattr(self, lower), getattr(self, upper)
            if high < low:
                raise ContradictionError(upper, f"{high:g} is below {lower}, {low:g}")
        if self.hard_stop_c is not None and self.hard_stop_c <= self.max_start_c:
            text = f"{self.hard_stop_c:g} is not above max_start_c, {self.max_start_c:g}"
            raise ContradictionError("hard_stop_c", text)
