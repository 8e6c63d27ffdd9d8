"""The transport taken down and up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from harness.adb.server import is_address
from harness.phones.recovery.rung import Climb
from harness.phones.recovery.target import RecoveryTarget, Waits

if TYPE_CHECKING:
    from harness.clock import Clock


class RestartTransport(Climb):
    """Lets go of the phone for a moment, so that both ends see the old link die."""

    def climb(self, target: RecoveryTarget, waits: Waits, clock: Clock) -> str:
        server, serial = target.server, target.serial
        if is_address(serial):
            server.disconnect(serial)
            time.sleep(waits.rest_s)
            server.connect(serial, timeout_s=waits.link_s)
        else:
            server.detach(serial)
            time.sleep(waits.rest_s)
            server.attach(serial)
        return f"it was let go for {waits.rest_s:g} s and taken again"
