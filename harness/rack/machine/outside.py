"""Phones that take no job: quarantined, draining, or waiting for a person."""

from __future__ import annotations

from dataclasses import replace

from harness.rack.events import Action, AdbSaw, Checked, Freed
from harness.rack.machine.handler import At, Handler, Moved
from harness.rack.machine.moves import QUARANTINE_S, by_adb, check, enter, forget, stay
from harness.rack.status import PhoneStatus, RackState


class _Outside(Handler):
    """What is alike for all: adb's word is kept for later, and a hold ends by hand or at its expiry."""

    def freed(self, status: PhoneStatus, event: Freed, at: At) -> Moved:
        return by_adb(forget(status), at.now_s)

    def late(self, status: PhoneStatus, at: At) -> Moved:
        return by_adb(status, at.now_s)


class Quarantined(_Outside):
    """Left alone until `until_s`, and then looked at again; by hand without an expiry: until it is put back."""


class Draining(_Outside):
    """No job runs any more and none starts, until it is put back."""


class NeedsPerson(_Outside):
    """Looked at now and then, since whoever sees to it need not tell us; one that comes back is looked at once."""

    deadline_s = 600.0

    def saw(self, status: PhoneStatus, event: AdbSaw, at: At) -> Moved:
        before, status = status.adb, replace(status, adb=event.state)
        if status.held or event.state != "device" or before == "device":
            return stay(status)
        return check(_on_trial(status), at.now_s)

    def checked(self, status: PhoneStatus, event: Checked, at: At) -> Moved:
        # The answer of a check that was begun before adb's word changed says nothing.
        if status.held or status.adb != "device":
            return stay(status)
        if event.failure is None:
            return stay(enter(_on_trial(status), RackState.READY, at.now_s))
        return stay(replace(status, reason=event.failure.message, failure=event.failure))

    def late(self, status: PhoneStatus, at: At) -> Moved:
        if status.held:
            return by_adb(status, at.now_s)
        status = replace(status, until_s=at.now_s + self.deadline_s)
        return status, Action.CHECK if status.adb == "device" else Action.NOTHING


def _on_trial(status: PhoneStatus) -> PhoneStatus:
    """Ladders may be climbed again, but where none helps a person is called at once."""
    return replace(status, recoveries=0, drops=0, quarantines=len(QUARANTINE_S))
