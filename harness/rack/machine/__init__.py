"""The states of a phone and how events lead from one to the next. Pure: time and events come in, actions go out.

One class a state, each with its deadline. What a status does not say was not seen: events of earlier states (the answer
of a check that was given up, a job that ended after its phone was taken out) change nothing.
"""

from __future__ import annotations

from harness.rack.events import Action, AdbSaw, Checked, Event, Freed, Held, Late, Leased, Recovered, Released
from harness.rack.machine.absent import Absent
from harness.rack.machine.checking import Checking
from harness.rack.machine.connecting import Connecting
from harness.rack.machine.handler import At, Handler, Moved
from harness.rack.machine.leased import LeasedState
from harness.rack.machine.outside import Draining, NeedsPerson, Quarantined
from harness.rack.machine.ready import Ready
from harness.rack.machine.recovering import Recovering
from harness.rack.status import PhoneStatus, RackState

HANDLERS: dict[RackState, Handler] = {
    RackState.ABSENT: Absent(),
    RackState.CONNECTING: Connecting(),
    RackState.CHECKING: Checking(),
    RackState.READY: Ready(),
    RackState.LEASED: LeasedState(),
    RackState.RECOVERING: Recovering(),
    RackState.QUARANTINED: Quarantined(),
    RackState.DRAINING: Draining(),
    RackState.NEEDS_PERSON: NeedsPerson(),
}


def first(now_s: float, *, expected: bool) -> PhoneStatus:
    """Where a phone begins, before adb said anything of it."""
    return PhoneStatus(RackState.ABSENT, now_s, reason="adb did not name it yet" if expected else "")


def step(status: PhoneStatus, event: Event, now_s: float, *, expected: bool) -> Moved:
    """What an event leads to.

    Args:
        status: the phone's.
        event: what happened.
        now_s: now, on the clock of `since_s` and `until_s`. A `Late` before its time changes nothing.
        expected: the rack file names the phone, so that somebody must hear when it stays away.

    Returns:
        The phone's status from now on, and what is to be done.
    """
    handler, at = HANDLERS[status.state], At(now_s, expected)
    match event:
        case AdbSaw():
            return handler.saw(status, event, at)
        case Checked(asked_s=float(asked_s)) if asked_s < status.since_s:
            return status, Action.NOTHING
        case Checked():
            return handler.checked(status, event, at)
        case Leased():
            return handler.leased(status, event, at)
        case Released():
            return handler.released(status, event, at)
        case Recovered():
            return handler.recovered(status, event, at)
        case Held():
            return handler.taken_out(status, event, at)
        case Freed():
            return handler.freed(status, event, at)
        case Late():
            due = deadline(status)
            return (status, Action.NOTHING) if due is None or now_s < due else handler.late(status, at)


def deadline(status: PhoneStatus) -> float | None:
    """When `Late` is due, on the clock of `since_s`; None where the state may last for ever."""
    if status.until_s is not None:
        return status.until_s
    after_s = HANDLERS[status.state].deadline_s
    return None if after_s is None or status.held else status.since_s + after_s
