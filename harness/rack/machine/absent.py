"""A phone that adb does not name."""

from __future__ import annotations

from dataclasses import replace

from harness.rack.events import AdbSaw, Leased
from harness.rack.failure import Failure, Kind
from harness.rack.machine.handler import At, Handler, Moved
from harness.rack.machine.leased import take
from harness.rack.machine.moves import MOST_DROPS, by_adb, fail, stay
from harness.rack.status import PhoneStatus


class Absent(Handler):
    """It may come back by itself; an expected one that does not is missed, and the ladder may bring it back."""

    #: A cable that is plugged in again and an adb server that is restarted take less.
    deadline_s = 20.0

    def saw(self, status: PhoneStatus, event: AdbSaw, at: At) -> Moved:
        if event.state is None:
            return stay(status)
        status = replace(status, adb=event.state)
        if event.state == "device" and status.drops >= MOST_DROPS:
            failure = Failure(Kind.LINK_LOST, f"its link was lost {status.drops} times")
            return fail(status, failure, at.now_s, expected=at.expected)
        return by_adb(status, at.now_s)

    def leased(self, status: PhoneStatus, event: Leased, at: At) -> Moved:
        return take(status, event, at)

    def late(self, status: PhoneStatus, at: At) -> Moved:
        if not at.expected:
            return stay(replace(status, until_s=at.now_s + self.deadline_s))
        failure = Failure(Kind.LINK_LOST, "it is expected, and adb does not name it")
        return fail(status, failure, at.now_s, expected=True)
