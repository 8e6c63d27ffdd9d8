"""Waits for a phone that needs a person's tap."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.phones.states import WAITING

if TYPE_CHECKING:
    from harness.adb.server import AdbServer

_POLL_S = 0.3


def wait_for_phone(server: AdbServer, wait_s: float, say: Callable[[str, str, str | None], None]) -> bool:
    """Wait until a phone answers that did not before.

    Args:
        server: the adb server; it hears of a tap by itself.
        wait_s: real seconds to wait at most, since a person is what is waited for.
        say: told (serial, state, USB port) once of each phone that waits, and again when its state changes.

    Returns:
        Whether one answers now; False at once where no phone is in a state that may pass.
    """
    end = time.monotonic() + wait_s
    before = {line.serial for line in server.devices() if line.state == "device"}
    told: dict[str, str] = {}
    while True:
        lines = server.devices()
        if any(line.state == "device" and line.serial not in before for line in lines):
            return True
        waiting = [line for line in lines if line.state.startswith(WAITING)]
        if not waiting or time.monotonic() > end:
            return False
        for line in waiting:
            if told.get(line.serial) != line.state:
                told[line.serial] = line.state
                say(line.serial, line.state, line.usb)
        time.sleep(_POLL_S)
