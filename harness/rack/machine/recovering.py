"""A phone for which the ladder of recovery is climbed."""

from __future__ import annotations

from dataclasses import replace

from harness.rack.events import Recovered
from harness.rack.failure import Failure, Kind
from harness.rack.machine.handler import At, Handler, Moved
from harness.rack.machine.moves import check, give_up
from harness.rack.status import PhoneStatus

_UNKNOWN = Failure(Kind.NO_ANSWER, "it does not answer")


class Recovering(Handler):
    """The ladder has a shorter bound of its own (harness/rack/recover.py); the deadline is for one that hangs."""

    deadline_s = 1200.0

    def recovered(self, status: PhoneStatus, event: Recovered, at: At) -> Moved:
        if event.failure is not None:
            return give_up(status, event.failure, at.now_s, expected=at.expected)
        # The ladder ends well only where the phone's shell answered, whether or not adb's word reached us already.
        return check(replace(status, adb="device"), at.now_s)

    def late(self, status: PhoneStatus, at: At) -> Moved:
        return give_up(status, status.failure or _UNKNOWN, at.now_s, expected=at.expected)
