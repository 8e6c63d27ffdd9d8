"""Faults of the phone's clock."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from pydantic import Field

from harness.virtual.faults.fault import Ending, Fault, fault
from harness.virtual.moments import Moment

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone


@fault
class ClockJump(Fault):
    """The wall clock is set forward or back; uptime does not notice."""

    kind = "clock_jump"
    by_s: float = Field(default=-86400.0, description="seconds forward; back where negative")

    @classmethod
    def draw(cls, rng: random.Random) -> ClockJump:
        """By a minute to a year."""
        return cls(by_s=rng.choice((-1, 1)) * round(10 ** rng.uniform(1.8, 7.5)))

    async def strike(self, phone: VirtualPhone, moment: Moment | None) -> Ending:
        """Set it."""
        phone.state.jump_clock(self.by_s)
        return None
