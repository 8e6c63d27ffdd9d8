"""In which state a phone of the rack is, since when and why. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harness.rack.failure import Failure


class RackState(StrEnum):
    """The states, by the names that `harness devices` shows (`rack_state`)."""

    ABSENT = "absent"  #: expected, and adb does not name it
    CONNECTING = "connecting"  #: adb names it, and it is not usable yet
    CHECKING = "checking"  #: its health is looked at
    READY = "ready"
    LEASED = "leased"  #: a run holds it
    RECOVERING = "recovering"  #: the ladder of recovery is being climbed
    QUARANTINED = "quarantined"  #: left alone until an expiry, with a reason
    DRAINING = "draining"  #: no new job starts on it; what runs may end
    NEEDS_PERSON = "needs a person"


@dataclass(frozen=True)
class PhoneStatus:
    """A phone's state.

    Attributes:
        since_s: when it came into the state, on the clock that is passed in.
        reason, advice: why, and what to do; empty where there is nothing to say.
        failure: what brought it there, where something failed.
        recoveries: ladders climbed in vain or in success since the last job that ended well.
        quarantines: times it was quarantined since then.
        until_s: an end of this state that was fixed when it began (a lease's, a quarantine's), else None.
        draining: once what runs has ended, the phone takes no other job.
        adb: adb's last word for it; None: adb does not name it.
        drops: links lost since the last job that ended well or the last ladder.
        waiting: while it is checked: it must charge, cool or boot first, and is looked at again at `until_s`.
        held: somebody took it out; only `Freed`, or `until_s`, ends that.
        after: what it was taken out to while a run held it; it goes there once that ends.
    """

    state: RackState
    since_s: float
    reason: str = ""
    advice: str = ""
    failure: Failure | None = None
    recoveries: int = 0
    quarantines: int = 0
    until_s: float | None = None
    draining: bool = False
    adb: str | None = None
    drops: int = 0
    waiting: bool = False
    held: bool = False
    after: PhoneStatus | None = None
