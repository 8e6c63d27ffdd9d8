"""A restart of the phone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from harness.adb.server import is_address
from harness.errors import HarnessError, PhoneError, PhoneTransientError
from harness.phones.recovery.proof import adb_state, boot_id
from harness.phones.recovery.rung import Climb
from harness.phones.recovery.target import RecoveryTarget, Waits

if TYPE_CHECKING:
    from harness.clock import Clock

#: Phone seconds in which a phone that took the request goes down.
_DOWN_S = 30.0
_POLL_S = 0.1
#: How adb names a phone that it found by wireless debugging.
_WIRELESS = "_adb-tls-connect._tcp"
#: Virtual phones, and whatever else this machine passes on.
_HERE = ("127.0.0.1", "localhost", "[::1]")


class Reboot(Climb):
    """Asks the phone's daemon, which answers where its shell does not. A phone that refuses says so."""

    boots = True

    def climb(self, target: RecoveryTarget, waits: Waits, clock: Clock) -> str:
        if (is_address(target.serial) or target.serial.endswith(_WIRELESS)) and not _returns(target, waits):
            raise PhoneError(
                "it is reached over the network, and would not be any more after a restart",
                advice="restart it by hand and connect it again, or plug it in",
            )
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


def _returns(target: RecoveryTarget, waits: Waits) -> bool:
    """Whether a phone on TCP listens at the same address after a boot: a virtual one, or where its port is kept.

    Source: adbd takes its port from `persist.adb.tcp.port`; what `adb tcpip` and wireless debugging set goes with a
    boot.
    """
    host, _, port = target.serial.rpartition(":")
    if host in _HERE:
        return True
    try:
        kept = target.server.phone(target.serial).shell("getprop persist.adb.tcp.port", timeout_s=waits.shell_s)
    except HarnessError:
        return False
    return kept.stdout.strip() == port
