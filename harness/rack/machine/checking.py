"""A phone whose health is looked at, or that must charge, cool or boot before it is fit."""

from __future__ import annotations

from dataclasses import replace

from harness.rack.events import Action, AdbSaw, Checked, Leased
from harness.rack.failure import Failure, Kind
from harness.rack.machine.handler import At, Handler, Moved
from harness.rack.machine.leased import take
from harness.rack.machine.moves import NOT_THE_PHONE, drop, enter, fail, stay
from harness.rack.status import PhoneStatus, RackState

#: What passes by itself, and how long it is waited for.
PATIENCE_S = {Kind.NOT_BOOTED: 300.0, Kind.TOO_HOT: 3600.0, Kind.BATTERY_LOW: 10800.0}
#: Between two looks at a phone that waits.
RECHECK_S = {Kind.NOT_BOOTED: 10.0, Kind.TOO_HOT: 60.0, Kind.BATTERY_LOW: 300.0}


class Checking(Handler):
    """The deadline is that of one check."""

    deadline_s = 60.0

    def saw(self, status: PhoneStatus, event: AdbSaw, at: At) -> Moved:
        return stay(status) if event.state == status.adb else drop(status, event.state, at.now_s)

    def checked(self, status: PhoneStatus, event: Checked, at: At) -> Moved:
        failure = event.failure
        if failure is None or failure.kind in NOT_THE_PHONE:
            return stay(enter(status, RackState.READY, at.now_s))
        kind = failure.kind
        if not failure.final and at.now_s - status.since_s < PATIENCE_S.get(kind, 0.0):
            return stay(
                replace(
                    status,
                    reason=failure.message,
                    advice=event.advice,
                    failure=failure,
                    waiting=True,
                    until_s=at.now_s + RECHECK_S[kind],
                )
            )
        moved, action = fail(status, failure, at.now_s, expected=at.expected)
        return (replace(moved, advice=event.advice) if event.advice else moved), action

    def leased(self, status: PhoneStatus, event: Leased, at: At) -> Moved:
        return take(status, event, at)

    def late(self, status: PhoneStatus, at: At) -> Moved:
        if status.waiting:
            return replace(status, waiting=False, until_s=at.now_s + self.deadline_s), Action.CHECK
        failure = Failure(Kind.NO_ANSWER, f"its health check did not end within {self.deadline_s:.0f} s")
        return fail(status, failure, at.now_s, expected=at.expected)
