"""Faults of battery and heat."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from pydantic import Field

from harness.virtual.faults.fault import Ending, Lasting, fault
from harness.virtual.moments import Moment

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone

_STEP_S = 1.0


@fault
class BatteryDrain(Lasting):
    """The battery empties within seconds, and is where it was at the end."""

    kind = "battery_drain"
    to_pct: float = Field(default=5.0, ge=0, le=100, description="charge that it falls to")
    over_s: float = Field(default=20.0, ge=0, description="seconds that the fall takes")

    @classmethod
    def draw(cls, rng: random.Random) -> BatteryDrain:
        """For a while."""
        return cls(for_s=rng.uniform(30, 90), to_pct=rng.uniform(2, 30), over_s=rng.uniform(0, 20))

    async def strike(self, phone: VirtualPhone, moment: Moment | None) -> Ending:
        """Begin to fall."""
        return self._fall(phone, phone.state.machine.cell.share * 100)

    async def _fall(self, phone: VirtualPhone, was_pct: float) -> None:
        steps = max(1, round(self.over_s / _STEP_S))
        for step in range(1, steps + 1):
            await phone.clock.wait(self.over_s / steps)
            phone.state.set_level(was_pct + (min(was_pct, self.to_pct) - was_pct) * step / steps)
        await phone.lasts(self.for_s, self.until)
        phone.state.set_level(was_pct)


@fault
class Overheat(Lasting):
    """Skin and battery are hot, whatever the phone does: clocks are capped."""

    kind = "overheat"
    disturbs = True
    celsius: float = Field(default=52.0, ge=20, le=90, description="of skin and battery")

    @classmethod
    def draw(cls, rng: random.Random) -> Overheat:
        """For a while."""
        return cls(for_s=rng.uniform(20, 90), celsius=rng.uniform(46, 60))

    async def strike(self, phone: VirtualPhone, moment: Moment | None) -> Ending:
        """Be hot at once."""
        was_c = phone.state.machine.temperatures.battery_c
        phone.state.set_heat(self.celsius)
        return self._hold(phone, was_c)

    async def _hold(self, phone: VirtualPhone, was_c: float) -> None:
        async def hold() -> None:
            while True:
                await phone.clock.wait(_STEP_S)
                phone.state.set_heat(self.celsius)

        holding = phone.task(hold())
        await phone.lasts(self.for_s, self.until)
        holding.cancel()
        phone.state.set_heat(was_c)
