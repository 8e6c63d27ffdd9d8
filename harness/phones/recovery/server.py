"""The adb server itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import HostTransientError
from harness.phones.recovery.rung import Climb
from harness.phones.recovery.target import RecoveryTarget, Waits

if TYPE_CHECKING:
    from harness.clock import Clock


class RestartServer(Climb):
    """Ends the adb server, even one that hangs, and starts it again; every phone loses its link for a moment."""

    def climb(self, target: RecoveryTarget, waits: Waits, clock: Clock) -> str:
        if not target.allow_server_restart():
            raise HostTransientError("the adb server may not be restarted now")
        target.server.restart()
        return "the adb server was restarted"
