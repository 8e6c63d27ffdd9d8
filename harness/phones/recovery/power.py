"""The power of the phone's USB port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import EnvironmentFault
from harness.hubs.guard import switch_on
from harness.phones.recovery.rung import Climb
from harness.phones.recovery.target import RecoveryTarget, Waits

if TYPE_CHECKING:
    from harness.clock import Clock

#: Phone seconds between two tries.
_BETWEEN_S = 2.0


class PowerCycle(Climb):
    """Switches the port off and on, as pulling the cable does; on again even where something fails between."""

    def climb(self, target: RecoveryTarget, waits: Waits, clock: Clock) -> str:
        hub = target.hub
        if hub is None:
            raise EnvironmentFault("no hub that switches its port is known", advice="name it in the rack file")
        try:
            hub.power(False)
            clock.sleep(waits.off_s)
        finally:
            switch_on(hub, _BETWEEN_S / getattr(clock, "rate", 1.0))
        return f"its port {hub.spec} was off for {waits.off_s:g} s"

    def back_s(self, waits: Waits) -> float:
        return waits.power_s
