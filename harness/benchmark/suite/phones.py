"""Which phones a suite runs on, what they must meet, and how they are cared for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from harness.benchmark.suite.part import Fault, Strict
from harness.limits import CareLimits, ContradictionError


class SuiteGates(Strict):
    """What a phone must meet to take part, beyond what makes any phone unfit. (The gate between sessions is the
    protocol's cool-down.)
    """

    battery_pct_min: float | None = Field(default=None, ge=0, le=100, description="Least charge.")
    battery_c_max: float | None = Field(default=None, gt=0, description="Hottest battery.")
    on_battery: bool = Field(default=False, description="Not charging, as energy needs it; over Wi-Fi, then.")

    def why_not(self, level_pct: float | None, temperature_c: float | None, charging: str | None) -> str | None:
        """None where a phone meets the gates, else why not; what is unknown meets no gate.

        Args:
            level_pct: charge of the battery.
            temperature_c: its temperature.
            charging: why it counts as charging, None on battery.
        """
        if self.battery_pct_min is not None and (level_pct is None or level_pct < self.battery_pct_min):
            have = "unknown" if level_pct is None else f"{level_pct:g} %"
            return f"the gate asks for a battery of {self.battery_pct_min:g} %, and it is {have}"
        if self.battery_c_max is not None and (temperature_c is None or temperature_c > self.battery_c_max):
            have = "unknown" if temperature_c is None else f"{temperature_c:g} °C"
            return f"the gate asks for a battery of at most {self.battery_c_max:g} °C, and it is {have}"
        if self.on_battery and charging is not None:
            return f"the gate asks for a phone on battery, and it is {charging}"
        return None


class SuiteCare(Strict):
    """How phones are cared for: charge and heat of the battery within which they work; phone seconds."""

    floor_pct: float = Field(
        default=CareLimits.floor_pct, ge=0, le=100, description="No session starts below it; the rest stays undone."
    )
    start_pct: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="No job starts below it: the phone charges first. Default: 20, or floor.",
    )
    resume_pct: float | None = Field(
        default=None, ge=0, le=100, description="A phone that charges goes on from here. Default: 5 above start_pct."
    )
    max_start_c: float = Field(
        default=CareLimits.max_start_c, gt=0, le=60, description="No job starts above it: the phone cools down first."
    )
    resume_c: float | None = Field(
        default=None, gt=0, le=60, description="A phone that cools goes on from here. Default: 2 below max_start_c."
    )
    hard_stop_c: float | None = Field(
        default=CareLimits.hard_stop_c, gt=0, le=60, description="A session is ended at this temperature; null: never."
    )
    wait_s: float = Field(
        default=CareLimits.wait_s, ge=0, description="A job waits at most this long for charge or cold."
    )

    def limits(self) -> CareLimits:
        """The same as the rack takes it; what is left out follows what is given.

        Raises:
            ContradictionError: one contradicts another.
        """
        start_pct = self.start_pct if self.start_pct is not None else max(CareLimits.start_pct, self.floor_pct)
        higher_pct = start_pct + CareLimits.resume_pct - CareLimits.start_pct
        lower_c = self.max_start_c + CareLimits.resume_c - CareLimits.max_start_c
        return CareLimits(
            floor_pct=self.floor_pct,
            start_pct=start_pct,
            resume_pct=self.resume_pct if self.resume_pct is not None else min(100.0, higher_pct),
            max_start_c=self.max_start_c,
            resume_c=self.resume_c if self.resume_c is not None else lower_c,
            hard_stop_c=self.hard_stop_c,
            wait_s=self.wait_s,
        )


class SuitePhones(Strict):
    """Which phones run everything: each of them, or so many of each group, whichever are free first."""

    per: Literal["each", "model", "soc", "tier", "all"] = Field(
        default="each", description="What phones are grouped by (all: one group), or each: every phone."
    )
    count: int = Field(default=1, ge=1, le=1000, description="Phones of each group.")


def plain_per(value: Any) -> Any:
    return {"per": value} if isinstance(value, str) else value


def care_faults(care: SuiteCare) -> Iterator[Fault]:
    try:
        care.limits()
    except ContradictionError as error:
        yield Fault(("care", error.key), str(error), "change one of the two")
