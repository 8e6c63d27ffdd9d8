"""What a fault of a virtual phone is, and the list of all kinds. One class a kind, its parameters declared once."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harness.virtual.moments import Event, Moment

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone


#: Waits for the end of a fault and takes back what it did; None where nothing is to be taken back.
Ending = Coroutine[Any, Any, None] | None


class When(BaseModel):
    """A moment: the `nth` time (from 1) that `event` comes with `match` in its text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    event: Event
    nth: int = Field(default=1, ge=1)
    match: str = ""


class Fault(BaseModel, ABC):
    """Something that goes wrong on one phone.

    Class attributes:
        kind: its name in fault files.
        disturbs: the figures or the evidence of a session under way are not what they would have been.
        event: it happens to this only: it waits for the next one where it is told a time.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: ClassVar[str]
    disturbs: ClassVar[bool] = False
    event: ClassVar[Event | None] = None

    at_s: float | None = Field(
        default=None, ge=0, description="seconds since the phone started; 0 where nothing is said"
    )
    when: When | None = Field(default=None, description="a moment: {event, nth, match}")
    after_s: float = Field(default=0.0, ge=0, description="seconds after that moment")
    times: int = Field(default=1, ge=1, description="how often")
    every_s: float = Field(default=60.0, gt=0, description="seconds from one to the next")

    @model_validator(mode="after")
    def _one_trigger(self) -> Fault:
        if self.at_s is not None and self.when is not None:
            raise ValueError("give at_s or when, not both")
        if self.when and self.event and self.when.event != self.event:
            raise ValueError(f"{self.kind} happens to a {self.event}, so when.event must be {self.event}")
        if self.event and self.after_s:
            raise ValueError(f"{self.kind} happens at the start of a {self.event}: after_s does not apply")
        return self

    @classmethod
    def summary(cls) -> str:
        """One line for people."""
        return (cls.__doc__ or "").strip().partition("\n")[0]

    @classmethod
    def draw(cls, rng: random.Random) -> Fault:
        """One for a campaign, from which a harness can recover."""
        return cls()

    async def possible(self, phone: VirtualPhone) -> bool:
        """False where there is nothing that it could hit."""
        return True

    @abstractmethod
    async def strike(self, phone: VirtualPhone, moment: Moment | None) -> Ending:
        """Do it, without waiting for its end; gives what waits for that and takes it back, if anything."""


class Lasting(Fault):
    """A fault that is there for a while."""

    for_s: float | None = Field(default=None, gt=0, description="seconds; for ever where nothing is said")
    until: Literal["time", "reconnect", "power", "reboot"] = Field(
        default="time", description="what ends it before its time: each of these also does what follows it"
    )


class Switched(Lasting):
    """One that is begun and taken back, and keeps nothing in between."""

    async def strike(self, phone: VirtualPhone, moment: Moment | None) -> Ending:
        """Begin; the end comes with its time, or with what `until` names."""
        await self.begin(phone)
        return self._end(phone)

    async def _end(self, phone: VirtualPhone) -> None:
        await phone.lasts(self.for_s, self.until)
        await self.undo(phone)

    @abstractmethod
    async def begin(self, phone: VirtualPhone) -> None:
        """Do it."""

    @abstractmethod
    async def undo(self, phone: VirtualPhone) -> None:
        """Take it back."""


_Kind = TypeVar("_Kind", bound=type[Fault])
_KINDS: dict[str, type[Fault]] = {}


def fault(kind: _Kind) -> _Kind:
    """Register a kind of fault."""
    _KINDS[kind.kind] = kind
    return kind


def kinds() -> dict[str, type[Fault]]:
    """All kinds by name, in order."""
    return dict(sorted(_KINDS.items()))


def unknown_kind(name: str, known: list[str]) -> str:
    """What is wrong with a name that is none, and which may have been meant."""
    near = get_close_matches(name, known, 1, cutoff=0.7)
    return f"there is no fault {name!r}" + (f"; did you mean {near[0]}?" if near else "")


def parameters(kind: type[Fault]) -> dict[str, Any]:
    """Its own parameters with their defaults: those that not every kind has."""
    return {
        name: None if field.is_required() else field.default
        for name, field in kind.model_fields.items()
        if name not in Fault.model_fields
    }
