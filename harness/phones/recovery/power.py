"""The power of the phone's USB port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import EnvironmentFault, HarnessError, HostError
from harness.phones.recovery.rung import Climb
from harness.phones.recovery.target import RecoveryTarget, Waits

if TYPE_CHECKING:
    from harness.clock import Clock
    from harness.hubs.hub import HubPort

_TRIES = 3
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
            _switch_on(hub, clock)
        return f"its port {hub.spec} was off for {waits.off_s:g} s"

    def back_s(self, waits: Waits) -> float:
        return waits.power_s


def _switch_on(hub: HubPort, clock: Clock) -> None:
    """A phone that is left without power is lost once its battery is empty."""
    for attempt in range(_TRIES):
        try:
            hub.power(True)
            return
        except HarnessError as error:
            if attempt == _TRIES - 1:
                raise HostError(
                    f"port {hub.spec} could not be switched on again: {error.message}", advice="switch it on by hand"
                ) from error
            clock.sleep(_BETWEEN_S)
