"""Climbs the ladder of recovery for one phone."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.adb.server import is_address
from harness.errors import HarnessError
from harness.phones.recovery import proof
from harness.phones.recovery.leftovers import EndLeftovers
from harness.phones.recovery.power import PowerCycle
from harness.phones.recovery.reboot import Reboot
from harness.phones.recovery.reconnect import Reconnect
from harness.phones.recovery.room import MakeRoom
from harness.phones.recovery.rung import Climb
from harness.phones.recovery.server import RestartServer
from harness.phones.recovery.target import RecoveryTarget, Waits
from harness.phones.recovery.transport import RestartTransport
from harness.rack.events import Recovered
from harness.rack.failure import Failure, Kind
from harness.rack.ladder import LADDER_S, Rung, ladder

if TYPE_CHECKING:
    from harness.clock import Clock

log = logging.getLogger("harness.recover")

__all__ = ["LOOK", "RecoveryStep", "RecoveryTarget", "Waits", "recover"]

#: The name of the step before any rung.
LOOK = "look"
_CLIMBS: dict[Rung, Climb] = {
    Rung.RECONNECT: Reconnect(),
    Rung.TRANSPORT: RestartTransport(),
    Rung.LEFTOVERS: EndLeftovers(),
    Rung.ROOM: MakeRoom(),
    Rung.SERVER: RestartServer(),
    Rung.REBOOT: Reboot(),
    Rung.POWER: PowerCycle(),
}
#: What must hold for a phone that had this failure; of others, that its shell answers.
_PROOFS: dict[Kind, proof.Proof] = {
    Kind.NOT_BOOTED: proof.booted,
    Kind.REBOOTED: proof.booted,
    Kind.JOB_DIED: proof.idle,
    Kind.JOB_HUNG: proof.idle,
    Kind.STORAGE_FULL: proof.roomy,
}
#: Failures that a phone can have while it answers, and that no look from here shows.
_UNSEEN = frozenset({Kind.BATTERY_LOW})
_POLL_S = 0.2


@dataclass(frozen=True)
class RecoveryStep:
    """One rung that was tried.

    Attributes:
        rung: its name; "look" is the look at the phone before any.
        ok: the phone was well after it.
        seconds: real time that it took, the proof included.
        message: what was done and what came of it, one sentence.
    """

    rung: str
    ok: bool
    seconds: float
    message: str


def recover(
    target: RecoveryTarget,
    failure: Failure,
    *,
    clock: Clock,
    on_step: Callable[[RecoveryStep], None] = lambda _: None,
    waits: Waits | None = None,
) -> Recovered:
    """Try the rungs for `failure` in order until the phone is well.

    Args:
        target: the phone; not one that somebody else holds under a lease, since their job may be ended.
        failure: what is wrong with it.
        clock: the phones', for waits such as a boot's; the transport has real deadlines of its own.
        on_step: told of each rung after it was tried.
        waits: how patient to be, where the usual patience (`Waits.at`) does not fit.

    Returns:
        `Recovered(None)` where the phone's shell answers and what was wrong is gone, else why not. Never raises for the
        phone's, the hub's or the server's fault, and is back within `LADDER_S` and what the last rung takes.
    """
    climber = _Climber(target, failure, clock, on_step, waits or Waits.at(getattr(clock, "rate", 1.0)))
    server_answers = target.server.answers()
    rungs = ladder(failure.kind, several=target.several, server_answers=server_answers, gentle=target.gentle)
    if not rungs:
        return Recovered(failure)
    if server_answers and failure.kind not in _UNSEEN and climber.look():
        return Recovered()
    end = time.monotonic() + LADDER_S
    tried = []
    for rung in rungs:
        if time.monotonic() > end:
            break
        if target.moved():
            return Recovered()
        tried.append(str(rung))
        if climber.climb(rung):
            return Recovered()
        if climber.waits_for_a_tap():
            break
    return Recovered() if target.moved() else Recovered(climber.verdict(tried))


class _Climber:
    def __init__(
        self,
        target: RecoveryTarget,
        failure: Failure,
        clock: Clock,
        on_step: Callable[[RecoveryStep], None],
        waits: Waits,
    ) -> None:
        self.target = target
        self.failure = failure
        self.clock = clock
        self.on_step = on_step
        self.waits = waits
        self.proof = _PROOFS.get(failure.kind, proof.answers)
        self.why = failure.message

    def look(self) -> bool:
        """Whether it is well by itself."""
        began = time.monotonic()
        ok = self._well()
        self._tell(LOOK, ok, began, "it is well by itself" if ok else self.why)
        return ok

    def climb(self, rung: Rung) -> bool:
        """Whether it is well after that rung."""
        began, way = time.monotonic(), _CLIMBS[rung]
        try:
            done = way.climb(self.target, self.waits, self.clock)
        except HarnessError as error:
            ok = self.failure.kind not in _UNSEEN and self._well()
            self._tell(rung, ok, began, _sentence(error))
            return ok
        ok = self._wait(way.back_s(self.waits), way.boots)
        self._tell(rung, ok, began, f"{done}; it is well" if ok else f"{done}; {self.why}")
        return ok

    def waits_for_a_tap(self) -> bool:
        """Whether it asks a person, so that no further rung helps."""
        return (self._state() or "").startswith("unauthorized")

    def verdict(self, tried: list[str]) -> Failure:
        """Why it is not well."""
        kind = Kind.UNAUTHORIZED if self.waits_for_a_tap() else self.failure.kind
        return Failure(kind, f"{self.why}; tried: {', '.join(tried)}")

    def _state(self) -> str | None:
        try:
            return proof.adb_state(self.target)
        except HarnessError:
            return None

    def _wait(self, phone_s: float, boots: bool) -> bool:
        """Whether it is well within `link_s` real seconds and that many of the phone's."""
        began, real = self.clock.now(), time.monotonic()
        while not self._well(booted=boots):
            late = self.clock.now() - began > phone_s and time.monotonic() - real > self.waits.link_s
            if late or self.target.moved():
                return False
            self._connect()
            time.sleep(_POLL_S)
        return True

    def _well(self, *, booted: bool = False) -> bool:
        try:
            if booted:
                proof.booted(self.target, self.waits)
            self.proof(self.target, self.waits)
        except HarnessError as error:
            self.why = _sentence(error)
            return False
        return True

    def _connect(self) -> None:
        """A phone on TCP does not come back by itself after its link was lost."""
        if not is_address(self.target.serial):
            return
        try:
            if proof.adb_state(self.target) != "device":
                self.target.server.disconnect(self.target.serial)
                self.target.server.connect(self.target.serial, timeout_s=self.waits.link_s / 4)
        except HarnessError as error:
            self.why = _sentence(error)

    def _tell(self, rung: str, ok: bool, began: float, message: str) -> None:
        step = RecoveryStep(str(rung), ok, time.monotonic() - began, message)
        log.debug("%s: %s: %s (%.1f s)", self.target.serial, step.rung, message, step.seconds)
        self.on_step(step)


def _sentence(error: HarnessError) -> str:
    """The error without the phone's name, which everybody who reads a failure knows."""
    return f"{error.message}; {error.advice}" if error.advice else error.message
