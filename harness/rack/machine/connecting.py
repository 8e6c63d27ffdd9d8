"""A phone that adb names and nobody can use yet."""

from __future__ import annotations

from dataclasses import replace

from harness.phones.states import advice, short
from harness.rack.events import AdbSaw, Leased
from harness.rack.failure import Failure, Kind
from harness.rack.machine.handler import At, Handler, Moved
from harness.rack.machine.leased import take
from harness.rack.machine.moves import by_adb, fail, stay, tell
from harness.rack.status import PhoneStatus

#: Words of adb's that only a person can change: by a tap on the phone, or by a right on this machine.
_TAPS = ("unauthorized", "authorizing", "no permissions")


class Connecting(Handler):
    """The deadline runs from the first such word, so that a link that changes its mind for ever is late too."""

    deadline_s = 60.0

    def saw(self, status: PhoneStatus, event: AdbSaw, at: At) -> Moved:
        word = event.state
        status = replace(status, adb=word)
        if word is None or word == "device":
            return by_adb(status, at.now_s)
        return stay(replace(status, reason=short(word), advice=advice(word)))

    def leased(self, status: PhoneStatus, event: Leased, at: At) -> Moved:
        return take(status, event, at)

    def late(self, status: PhoneStatus, at: At) -> Moved:
        word = status.adb or "offline"
        if word.startswith(_TAPS):
            return tell(status, Failure(Kind.UNAUTHORIZED, f"it is {short(word)}"), at.now_s, advice(word))
        return fail(status, Failure(Kind.OFFLINE, f"it stays {short(word)}"), at.now_s, expected=at.expected)
