"""A restart of the phone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from harness.errors import PhoneTransientError
from harness.phones.recovery.proof import adb_state, boot_id
from harness.phones.recovery.rung import Climb
from harness.phones.recovery.target import RecoveryTarget, Waits

if TYPE_CHECKING:
    from harness.clock import Clock

#: Phone seconds in which a phone that took the request goes down.
_DOWN_S = 30.0
_POLL_S = 0.1


class Reboot(Climb):
    """Asks the phone's daemon, which answers where its shell does not. A phone that refuses says so."""

    boots = True

    def climb(self, target: RecoveryTarget, waits: Waits, clock: Clock) -> str:
        before = boot_id(target, waits)
        target.server.phone(target.serial).reboot()
        # A shell that answers before the phone goes down would prove nothing.
        began, real = clock.now(), time.monotonic()
        while adb_state(target) == "device":
            now = boot_id(target, waits) if before else None
            if now is not None and now != before:
                break
            if clock.now() - began > _DOWN_S and time.monotonic() - real > waits.link_s:
                raise PhoneTransientError("it took the request to restart and did not go down")
            time.sleep(_POLL_S)
        return "it was restarted"

    def back_s(self, waits: Waits) -> float:
        return waits.boot_s
