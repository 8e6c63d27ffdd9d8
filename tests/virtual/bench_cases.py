"""Plays the stand-in as the Linux program that was recorded, against the models that were recorded."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from harness.virtual.bench.plan import Build
from harness.virtual.bench.session import run
from harness.virtual.profile import Profile, profiles
from harness.virtual.program import Call, Signalled

#: One for all cases: the worker that computes belongs to the loop that started it.
_LOOP = asyncio.new_event_loop()


class FastClock:
    """Time that needs no waiting."""

    rate = 1.0

    def now_s(self) -> float:
        """Always the same."""
        return 1.0

    async def sleep(self, seconds: float) -> None:
        """At once."""


class CoolState:
    """A phone that never warms up."""

    def __init__(self) -> None:
        self.random = random.Random(1)
        self.mem_available_kb = 8_000_000
        self.loads: list[str] = []

    def speed(self, kind: str) -> float:
        """Full speed."""
        return 1.0

    @contextlib.contextmanager
    def load(self, kind: str, share: float) -> Iterator[None]:
        """Counted, so that a test can see them end."""
        self.loads.append(kind)
        try:
            yield
        finally:
            self.loads.remove(kind)

    def log(self, *_: Any, **__: Any) -> None:
        """Nowhere."""


@dataclass
class FakePhone:
    """What the stand-in needs of a phone."""

    profile: Profile
    clock: FastClock = field(default_factory=FastClock)
    state: CoolState = field(default_factory=CoolState)


class Recorder:
    """A call that keeps what is printed. `folder` is where relative paths start."""

    def __init__(self, argv: list[str], folder: Path, work: Path) -> None:
        self.phone = FakePhone(profiles()["pixel-8-pro"])
        self.argv = argv
        self.cwd = "/"
        self.pid = 1
        self.folder, self.work = folder, work
        self.printed = {"o": "", "e": ""}

    async def out(self, text: str | bytes) -> None:
        """Standard output."""
        self.printed["o"] += text if isinstance(text, str) else text.decode()

    async def err(self, text: str | bytes) -> None:
        """Standard error."""
        self.printed["e"] += text if isinstance(text, str) else text.decode()

    async def resident(self, megabytes: float) -> None:
        """Not held."""

    def path(self, on_phone: str) -> Path:
        """Models from the recording, everything else in a folder of the test."""
        if on_phone.startswith("models/"):
            return self.folder / on_phone
        return self.work / on_phone.removeprefix("work/") if not on_phone.startswith("/") else Path(on_phone)


def play(command: str, folder: Path, work: Path, *, gpu: bool) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one recorded command."""
    argv = shlex.split(command.split(";")[-1])
    call = Recorder(argv, folder, work)
    try:
        code = _LOOP.run_until_complete(run(cast(Call, call), Build(gpu=gpu, android=False)))
    except Signalled as died:
        code = 128 + died.number
    assert call.phone.state.loads == []
    return code, call.printed["o"], call.printed["e"]


def masked(text: str) -> list[str]:
    """Lines with numbers and addresses masked, and the usage table reduced to its first line."""
    lines = []
    for line in text.splitlines():
        if line.startswith(("\t--", "Flags:")):
            continue
        line = re.sub(r"^(count=|INFO: count=).*", r"\1", line)
        line = re.sub(r"\b\d+(?:\.\d+)?(?:e[+-]\d+)?(?=ms|\b)", "#", line)
        line = re.sub(r"-#|\+#", "#", line)
        lines.append(line.rstrip())
    return [line for line in lines if line]
