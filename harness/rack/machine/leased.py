"""A phone that a run holds."""

from __future__ import annotations

from dataclasses import replace

from harness.rack.events import Action, Freed, Held, Leased, Released
from harness.rack.machine.handler import At, Handler, Moved
from harness.rack.machine.moves import (
    MOST_RECOVERIES,
    NOT_THE_PHONE,
    PATIENT,
    by_adb,
    enter,
    fail,
    forget,
    stay,
    take_out,
)
from harness.rack.status import PhoneStatus, RackState


def take(status: PhoneStatus, event: Leased, at: At) -> Moved:
    """A run takes a phone. One that comes back to a job of its own need not wait until adb names the phone."""
    reason = f"held by {event.owner}"
    return stay(enter(status, RackState.LEASED, at.now_s, reason=reason, until_s=event.until_s))


class LeasedState(Handler):
    """Ended by the run, or by the end of its lease. A lost link ends nothing: the phone works alone, and the run itself
    knows how long it waits for the link.
    """

    def leased(self, status: PhoneStatus, event: Leased, at: At) -> Moved:
        return stay(replace(status, reason=f"held by {event.owner}", until_s=event.until_s))

    def released(self, status: PhoneStatus, event: Released, at: At) -> Moved:
        failure = event.failure
        if failure is None:
            status = forget(status)
        if status.after is not None:
            return self._leave(status, at)
        # Whether it cooled down, charged and was left clean is seen by the check before the next job.
        if failure is None or failure.kind in NOT_THE_PHONE:
            return by_adb(status, at.now_s, failure)
        if failure.kind in PATIENT and status.recoveries < MOST_RECOVERIES:
            # No ladder cools or charges a phone; where it happens to job after job, it counts all the same.
            return by_adb(replace(status, recoveries=status.recoveries + 1), at.now_s, failure)
        return fail(status, failure, at.now_s, expected=at.expected)

    def taken_out(self, status: PhoneStatus, event: Held, at: At) -> Moved:
        return stay(replace(status, draining=True, after=take_out(status, event, at.now_s)))

    def freed(self, status: PhoneStatus, event: Freed, at: At) -> Moved:
        return stay(replace(status, draining=False, after=None))

    def late(self, status: PhoneStatus, at: At) -> Moved:
        return self._leave(status, at)

    def _leave(self, status: PhoneStatus, at: At) -> Moved:
        if status.after is None:
            return by_adb(status, at.now_s)
        return (
            replace(
                status.after,
                since_s=at.now_s,
                adb=status.adb,
                recoveries=status.recoveries,
                quarantines=status.quarantines,
                drops=status.drops,
            ),
            Action.NOTHING,
        )
