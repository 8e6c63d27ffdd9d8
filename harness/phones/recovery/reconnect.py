"""A new link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.adb.server import is_address
from harness.phones.recovery.rung import Climb
from harness.phones.recovery.target import RecoveryTarget, Waits

if TYPE_CHECKING:
    from harness.clock import Clock


class Reconnect(Climb):
    """Drops the server's end of the link and opens it anew."""

    def climb(self, target: RecoveryTarget, waits: Waits, clock: Clock) -> str:
        if is_address(target.serial):
            # `reconnect` would leave a phone on TCP unnamed for ten seconds before the server tries again.
            target.server.disconnect(target.serial)
            target.server.connect(target.serial, timeout_s=waits.link_s)
        else:
            target.server.reconnect(target.serial)
        return "its link was opened anew"
