"""Which ways of recovery are tried for which failure, and in what order. Pure.

From what costs least to what costs most. A restart of the adb server costs every phone its link for a moment, so it is
tried only where several phones are concerned, or the server itself does not answer; it comes before a reboot all the
same, since the phones work on meanwhile, and a reboot ends what runs.
"""

from __future__ import annotations

from enum import StrEnum

from harness.rack.failure import Kind


class Rung(StrEnum):
    """The rungs, cheapest first."""

    RECONNECT = "reconnect"
    TRANSPORT = "restart the transport"
    LEFTOVERS = "end left-over processes"
    ROOM = "make room"
    SERVER = "restart the adb server"
    REBOOT = "reboot"
    POWER = "power cycle"


#: Longest real time of each rung, the proof after it included.
RUNG_S = {
    Rung.RECONNECT: 45.0,
    Rung.TRANSPORT: 60.0,
    Rung.LEFTOVERS: 120.0,
    Rung.ROOM: 150.0,
    Rung.SERVER: 90.0,
    Rung.REBOOT: 330.0,
    Rung.POWER: 150.0,
}
#: Longest real time of a whole ladder; below the deadline of the state in which it is climbed.
LADDER_S = 850.0

_LINK = (Rung.RECONNECT, Rung.TRANSPORT)
_PHONE = (Rung.REBOOT, Rung.POWER)
_JOB = (Rung.LEFTOVERS, *_PHONE)
_LADDERS: dict[Kind, tuple[Rung, ...]] = {
    Kind.SERVER_LOST: (Rung.SERVER,),
    # A phone that adb does not name cannot be rebooted over adb.
    Kind.LINK_LOST: (*_LINK, Rung.POWER),
    Kind.OFFLINE: (*_LINK, *_PHONE),
    Kind.NO_ANSWER: (*_LINK, *_JOB),
    Kind.NOT_BOOTED: (Rung.RECONNECT, *_PHONE),
    Kind.REBOOTED: (*_LINK, *_PHONE),
    Kind.JOB_DIED: _JOB,
    Kind.JOB_HUNG: _JOB,
    Kind.STORAGE_FULL: (Rung.ROOM,),
    Kind.BATTERY_LOW: (Rung.POWER,),
}
#: Failures where the link, and so the server, may be at fault.
_OF_THE_LINK = frozenset({Kind.LINK_LOST, Kind.OFFLINE, Kind.NO_ANSWER, Kind.REBOOTED})


def ladder(kind: Kind, *, several: bool = False, server_answers: bool = True, gentle: bool = False) -> tuple[Rung, ...]:
    """The rungs for a failure, each once, in the order in which they are tried; none where no ladder helps.

    Args:
        kind: what is wrong.
        several: other phones of the same server are in the same trouble.
        gentle: without a reboot or a power cycle.
        server_answers: False puts the server first, since no other rung can be tried without it.
    """
    rungs = tuple(r for r in _LADDERS.get(kind, ()) if not (gentle and r in _PHONE))
    if not rungs or Rung.SERVER in rungs:
        return rungs
    if not server_answers:
        return (Rung.SERVER, *rungs)
    if several and kind in _OF_THE_LINK:
        return tuple(sorted((*rungs, Rung.SERVER), key=list(Rung).index))
    return rungs
