"""What every state does with an event that means nothing special to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.rack.events import Action, AdbSaw, Checked, Freed, Held, Leased, Recovered, Released
from harness.rack.machine.moves import Moved, stay, take_out
from harness.rack.status import PhoneStatus

__all__ = ["At", "Handler", "Moved"]


@dataclass(frozen=True)
class At:
    """When an event came, and whether the phone is expected in the rack."""

    now_s: float
    expected: bool


class Handler:
    """One state: a method an event, and its deadline.

    Attributes:
        deadline_s: how long a phone may be in it before it is late; None where `until_s` of the status says.
    """

    deadline_s: float | None = None

    def saw(self, status: PhoneStatus, event: AdbSaw, at: At) -> Moved:
        """adb's word for it changed."""
        return stay(replace(status, adb=event.state))

    def checked(self, status: PhoneStatus, event: Checked, at: At) -> Moved:
        """The answer of a health check."""
        return stay(status)

    def leased(self, status: PhoneStatus, event: Leased, at: At) -> Moved:
        """A run took it."""
        return stay(status)

    def released(self, status: PhoneStatus, event: Released, at: At) -> Moved:
        """The job on it ended."""
        return stay(status)

    def recovered(self, status: PhoneStatus, event: Recovered, at: At) -> Moved:
        """The ladder of recovery was climbed."""
        return stay(status)

    def taken_out(self, status: PhoneStatus, event: Held, at: At) -> Moved:
        """Somebody took it out of the rack."""
        return take_out(status, event, at.now_s), Action.NOTHING

    def freed(self, status: PhoneStatus, event: Freed, at: At) -> Moved:
        """Somebody put it back."""
        return stay(status)

    def late(self, status: PhoneStatus, at: At) -> Moved:
        """Its deadline passed."""
        return stay(status)
