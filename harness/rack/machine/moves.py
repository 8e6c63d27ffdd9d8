"""The moves that several states share. Pure."""

from __future__ import annotations

from dataclasses import replace

from harness.phones.states import advice, short
from harness.rack.events import Action, Held
from harness.rack.failure import Failure, Kind
from harness.rack.status import PhoneStatus, RackState

#: A status and what is to be done.
Moved = tuple[PhoneStatus, Action]

#: How long the first, second and third quarantine last.
QUARANTINE_S = (600.0, 1800.0, 7200.0)
#: Ladders climbed since the last job that ended well, after which another one is no use.
MOST_RECOVERIES = 3
#: Links lost since then, after which the link itself is taken for ill.
MOST_DROPS = 5
#: What no ladder can heal; a person must see to it.
FOR_A_PERSON = frozenset({Kind.UNAUTHORIZED, Kind.UNFIT})
#: What passes by itself or never: a quarantine would only repeat the waiting.
PATIENT = frozenset({Kind.BATTERY_LOW, Kind.TOO_HOT})
#: Failures of a job, or of this machine, that say nothing against the phone.
NOT_THE_PHONE = frozenset({Kind.LEASE_LOST, Kind.POISON, Kind.CANNOT, Kind.HOST, Kind.INTERRUPTED})

_ADVICE = {
    Kind.BATTERY_LOW: "see that its port gives power, and whether its battery still holds a charge",
    Kind.TOO_HOT: "unplug it, and look whether its battery swells",
    Kind.STORAGE_FULL: "remove files that are not the harness's",
    Kind.LINK_LOST: "see to its cable, its port and whether it is on",
    Kind.OFFLINE: "pull the cable and plug it in again, or restart it",
    Kind.NOT_BOOTED: "look at its screen, and restart it by its power key",
}
_HEAL_IT = "look at its screen, its cable and its port; restart it by its power key"


def stay(status: PhoneStatus) -> Moved:
    """Nothing follows."""
    return status, Action.NOTHING


def enter(
    status: PhoneStatus,
    state: RackState,
    now_s: float,
    *,
    reason: str = "",
    advice: str = "",
    failure: Failure | None = None,
    until_s: float | None = None,
) -> PhoneStatus:
    """The status of a phone that comes into `state`; counts and adb's word are kept."""
    return replace(
        status,
        state=state,
        since_s=now_s,
        reason=reason,
        advice=advice,
        failure=failure,
        until_s=until_s,
        waiting=False,
        held=False,
        draining=False,
        after=None,
    )


def check(status: PhoneStatus, now_s: float, failure: Failure | None = None) -> Moved:
    """Have its health looked at. failure: what was found before, for people to read meanwhile."""
    reason = failure.message if failure else ""
    return enter(status, RackState.CHECKING, now_s, reason=reason, failure=failure), Action.CHECK


def by_adb(status: PhoneStatus, now_s: float, failure: Failure | None = None) -> Moved:
    """Where adb's word puts a phone that nothing else holds."""
    word = status.adb
    if word == "device":
        return check(status, now_s, failure)
    if word is None:
        return stay(enter(status, RackState.ABSENT, now_s, reason="adb does not name it", failure=failure))
    return stay(enter(status, RackState.CONNECTING, now_s, reason=short(word), advice=advice(word), failure=failure))


def drop(status: PhoneStatus, word: str | None, now_s: float) -> Moved:
    """The link of a phone that no run holds is lost, or no longer usable."""
    return by_adb(replace(status, adb=word, drops=status.drops + 1), now_s)


def fail(status: PhoneStatus, failure: Failure, now_s: float, *, expected: bool) -> Moved:
    """What a failure of the phone leads to: a person, the ladder, or where ladders did not last, giving up."""
    if failure.kind in FOR_A_PERSON:
        return tell(status, failure, now_s)
    if status.recoveries >= MOST_RECOVERIES:
        return give_up(status, failure, now_s, expected=expected)
    status = replace(status, recoveries=status.recoveries + 1, drops=0)
    return enter(status, RackState.RECOVERING, now_s, reason=failure.message, failure=failure), Action.RECOVER


def give_up(status: PhoneStatus, failure: Failure, now_s: float, *, expected: bool) -> Moved:
    """The ladder did not help: a quarantine, longer each time; then, or where that is no use, a person."""
    if status.adb is None and not expected:
        return by_adb(status, now_s, failure)
    no_use = failure.kind in FOR_A_PERSON | PATIENT or status.adb is None
    if no_use or status.quarantines >= len(QUARANTINE_S):
        return tell(status, failure, now_s)
    until_s = now_s + QUARANTINE_S[status.quarantines]
    status = replace(status, quarantines=status.quarantines + 1, recoveries=0)
    out = enter(
        status,
        RackState.QUARANTINED,
        now_s,
        reason=failure.message,
        advice="it is tried again by itself; harness rack release tries it now",
        failure=failure,
        until_s=until_s,
    )
    return out, Action.QUARANTINE


def tell(status: PhoneStatus, failure: Failure, now_s: float, advice: str = "") -> Moved:
    """A person must see to it."""
    return (
        enter(
            status,
            RackState.NEEDS_PERSON,
            now_s,
            reason=failure.message,
            advice=advice or _ADVICE.get(failure.kind, _HEAL_IT),
            failure=failure,
        ),
        Action.TELL,
    )


def take_out(status: PhoneStatus, event: Held, now_s: float) -> PhoneStatus:
    """Held by hand, or by what an earlier command wrote down."""
    out = enter(
        status,
        event.state,
        now_s,
        reason=event.reason,
        advice=event.advice,
        failure=status.failure,
        until_s=event.until_s,
    )
    return replace(out, held=True, draining=event.state is RackState.DRAINING)


def forget(status: PhoneStatus) -> PhoneStatus:
    """Its past troubles no longer count: a job ended well, or somebody put it back."""
    return replace(status, recoveries=0, quarantines=0, drops=0)
