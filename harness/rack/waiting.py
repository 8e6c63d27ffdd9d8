"""Waits for a phone that needs a person's tap."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from harness.phones.states import WAITING

if TYPE_CHECKING:
    from harness.adb.server import AdbServer

_POLL_S = 0.3


def wait_for_phone(
    server: AdbServer, ready: Collection[str], wait_s: float, say: Callable[[str, str, str | None], None]
) -> bool:
    """Wait until a phone answers that did not before; one that is pulled and plugged in again is waited for too.

    Args:
        server: the adb server; it hears of a tap by itself.
        ready: serials of phones that answered already, and could not be used.
        wait_s: real seconds to wait at most, since a person is what is waited for.
        say: told (serial, state, USB port) once of each phone that waits, and again when its state changes.

    Returns:
        Whether one answers now; False at once where no phone is in a state that may pass.
    """
    end = time.monotonic() + wait_s
    told: dict[str, str] = {}
    while True:
        lines = server.devices()
        if any(line.state == "device" and line.serial not in ready for line in lines):
            return True
        waiting = [line for line in lines if line.state.startswith(WAITING)]
        if (not waiting and not told) or time.monotonic() > end:
            return False
        for line in waiting:
            if told.get(line.serial) != line.state:
                told[line.serial] = line.state
                say(line.serial, line.state, line.usb)
        time.sleep(_POLL_S)
