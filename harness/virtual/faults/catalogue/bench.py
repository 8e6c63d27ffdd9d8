"""Faults of the benchmark program: how it ends, or whether."""

from __future__ import annotations

import asyncio
import random
from abc import abstractmethod
from typing import TYPE_CHECKING

from pydantic import Field

from harness.virtual.calls import ClientCall
from harness.virtual.faults.fault import Ending, Fault, fault
from harness.virtual.hook import RunHook
from harness.virtual.moments import Moment
from harness.virtual.program import Exited, Signalled

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone

#: Printed by the program as its phases begin; the second is the timed one.
_PHASE = b"Running benchmark for"


class RunFault(Fault):
    """Something that happens to one run of the benchmark program: the next one, or the one that `when` names."""

    event = "session"
    disturbs = True

    async def strike(self, phone: VirtualPhone, moment: Moment | None) -> Ending:
        """Have a hand in it."""
        assert moment is not None and isinstance(moment.subject, ClientCall)
        moment.subject.hooks.append(self.hook(phone))
        return None

    @abstractmethod
    def hook(self, phone: VirtualPhone) -> RunHook:
        """What is done to the run."""


class _InPhase(RunHook):
    """Does something as soon as the timed phase was announced."""

    def __init__(self) -> None:
        self._seen = 0

    async def after(self, data: bytes) -> None:
        before, self._seen = self._seen, self._seen + data.count(_PHASE)
        if before < 2 <= self._seen:
            await self.act()

    async def act(self) -> None:
        """Hang or die."""


class _Hanging(_InPhase):
    async def act(self) -> None:
        await asyncio.Event().wait()  # until somebody kills the program


class _Dying(_InPhase):
    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    async def act(self) -> None:
        raise Signalled(self._number)


class _Ending(RunHook):
    def __init__(self, code: int, text: bytes) -> None:
        self._code = code
        self._text = text

    async def at_end(self, code: int) -> tuple[bytes, int]:
        return self._text, self._code


class _FalseSuccess(_InPhase):
    async def act(self) -> None:
        raise Exited(0)

    async def at_end(self, code: int) -> tuple[bytes, int]:
        return b"Fatal signal 11 (SIGSEGV), code 1 (SEGV_MAPERR)\nSegmentation fault\n", 0


@fault
class BenchHang(RunFault):
    """The benchmark program hangs in its timed phase and never ends."""

    kind = "bench_hang"

    def hook(self, phone: VirtualPhone) -> RunHook:
        """Hang."""
        return _Hanging()


@fault
class BenchCrash(RunFault):
    """The benchmark program dies of a signal in its timed phase."""

    kind = "bench_crash"
    signal: int = Field(default=11, ge=1, le=31, description="number of the signal")

    @classmethod
    def draw(cls, rng: random.Random) -> BenchCrash:
        """As drivers make it die, or the low-memory killer."""
        return cls(signal=rng.choice((6, 7, 9, 11)))

    def hook(self, phone: VirtualPhone) -> RunHook:
        """Die."""
        return _Dying(self.signal)


@fault
class FalseFailure(RunFault):
    """The benchmark program does and prints all that it should, and exits with a code that says failure."""

    kind = "false_failure"
    code: int = Field(default=1, ge=1, le=255, description="the exit code")

    def hook(self, phone: VirtualPhone) -> RunHook:
        """Lie."""
        return _Ending(self.code, b"")


@fault
class FalseSuccess(RunFault):
    """The benchmark program crashes in its timed phase, says so, and exits with 0."""

    kind = "false_success"

    def hook(self, phone: VirtualPhone) -> RunHook:
        """Lie."""
        return _FalseSuccess()
