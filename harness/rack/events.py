"""What happens to a phone of the rack, and what is to be done about it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harness.rack.failure import Failure
from harness.rack.status import RackState


@dataclass(frozen=True)
class AdbSaw:
    """adb's word for the phone changed; None: it is gone."""

    state: str | None


@dataclass(frozen=True)
class Checked:
    """Its health was looked at.

    Attributes:
        failure: why no job may start, None where one may.
        advice: what to do about it.
        asked_s: when the look began, on the machine's clock; one that began before the state did says nothing of it.
    """

    failure: Failure | None = None
    advice: str = ""
    asked_s: float | None = None


@dataclass(frozen=True)
class Leased:
    """A run holds it until `until_s`."""

    owner: str
    until_s: float


@dataclass(frozen=True)
class Released:
    """The job on it ended. failure: of the phone (not of the job), None where it did well."""

    failure: Failure | None = None


@dataclass(frozen=True)
class Recovered:
    """The ladder was climbed. failure: why it is not well, None where it answers again."""

    failure: Failure | None = None


@dataclass(frozen=True)
class Held:
    """Somebody, or an earlier command, took it out: state is QUARANTINED, DRAINING or NEEDS_PERSON."""

    state: RackState
    reason: str
    advice: str = ""
    until_s: float | None = None


@dataclass(frozen=True)
class Freed:
    """Such a hold was lifted by hand."""


@dataclass(frozen=True)
class Late:
    """The deadline of the state passed."""


Event = AdbSaw | Checked | Leased | Released | Recovered | Held | Freed | Late


class Action(StrEnum):
    """What the controller is to do after an event."""

    NOTHING = "nothing"
    CHECK = "check"  #: look at its health, then tell `Checked`
    RECOVER = "recover"  #: climb the ladder for `status.failure`, then tell `Recovered`
    QUARANTINE = "quarantine"  #: write it down for other commands, with its reason and `until_s`
    TELL = "tell"  #: raise an alarm: a person must see to it
