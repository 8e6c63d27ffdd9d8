"""A phone that takes a job at once."""

from __future__ import annotations

from harness.rack.events import AdbSaw, Leased
from harness.rack.machine.handler import At, Handler, Moved
from harness.rack.machine.leased import take
from harness.rack.machine.moves import check, drop, stay
from harness.rack.status import PhoneStatus


class Ready(Handler):
    """One that idles is looked at again: it drains, warms and hangs without a job too."""

    deadline_s = 900.0

    def saw(self, status: PhoneStatus, event: AdbSaw, at: At) -> Moved:
        return stay(status) if event.state == status.adb else drop(status, event.state, at.now_s)

    def leased(self, status: PhoneStatus, event: Leased, at: At) -> Moved:
        return take(status, event, at)

    def late(self, status: PhoneStatus, at: At) -> Moved:
        return check(status, at.now_s)
