"""Programs of a virtual phone that the rack itself plays: dumpsys, getprop, benchmark_model …

On the phone each is a small client that sends its arguments to the rack and prints what comes back; the rack runs
the coroutine registered here. A killed client cancels the coroutine.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone


class Signalled(Exception):
    """Raised by a program to die of a signal, as a crashing process does."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Exited(Exception):
    """Raised where a program ends at once with an exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Call(Protocol):
    """One running program on a virtual phone."""

    phone: VirtualPhone
    argv: list[str]  # argv[0] is how it was called
    cwd: str  # path on the phone
    pid: int  # of the client, as the phone's shell sees it
    cpus: frozenset[int] | None  # that `taskset` keeps it to, None: all

    async def out(self, text: str | bytes) -> None:
        """Write to standard output."""

    async def err(self, text: str | bytes) -> None:
        """Write to standard error."""

    async def stdin(self) -> bytes:
        """All of standard input; asked for once."""

    async def daemonise(self) -> None:
        """Go on detached: the process that was started prints the id of the one that goes on, and ends."""

    async def resident(self, megabytes: float, mapped: str = "") -> None:
        """Let the process hold that much more, as the phone's /proc shows it; part of it is the file `mapped`."""

    def path(self, on_phone: str) -> Path:
        """Where a path on the phone (relative ones from `cwd`) lies on the host; never outside the phone's tree."""


#: A program: returns its exit code, or raises Signalled.
Program = Callable[[Call], Awaitable[int]]

_PROGRAMS: dict[str, Program] = {}


def program(name: str) -> Callable[[Program], Program]:
    """Register a coroutine as the program `name`, found in the phone's PATH."""

    def register(run: Program) -> Program:
        _PROGRAMS[name] = run
        return run

    return register


def programs() -> dict[str, Program]:
    """Every registered program by name."""
    return dict(_PROGRAMS)
