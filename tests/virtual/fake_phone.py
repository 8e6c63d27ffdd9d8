"""A phone without processes or adb: state, tree and programs only, on a clock that stands until it is told."""

from __future__ import annotations

import asyncio
import posixpath
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from harness.virtual.profile import Profile, profiles
from harness.virtual.program import Call, programs
from harness.virtual.programs import load
from harness.virtual.state import PhoneState


class FakeClock:
    """Time that moves when told."""

    rate = 1.0

    def __init__(self) -> None:
        self.uptime_s = 100.0
        self.epoch_s = 1_750_000_000.0

    def now_s(self) -> float:
        """Seconds since boot."""
        return self.uptime_s

    def wall_s(self) -> float:
        """Seconds since 1970."""
        return self.epoch_s + self.uptime_s

    def jump(self, seconds: float) -> None:
        """Set the wall clock."""
        self.epoch_s += seconds

    async def sleep(self, seconds: float) -> None:
        """It passes at once."""
        self.uptime_s += seconds


class FakeLinks:
    """No link, but whether there might be one."""

    def __init__(self) -> None:
        self.online = True

    async def lose(self, reason: str) -> None:
        """Kept."""
        self.online = False

    def back(self, reason: str) -> None:
        """Kept."""
        self.online = True


class FakePhone:
    """What programs need of a VirtualPhone."""

    def __init__(self, profile: Profile, root: Path, *, seed: int = 1) -> None:
        self.profile = profile
        self.root = root
        self.clock = FakeClock()
        self.state = PhoneState(profile, self.clock, root, seed=seed, serialno="VIRTUAL0001")
        self.links = FakeLinks()
        self.reboots = 0
        self.state.populate()

    def reboot_soon(self) -> None:
        """Counted."""
        self.reboots += 1

    def strip_root(self, path: str) -> str:
        """A path as the phone knows it."""
        return path.removeprefix(str(self.root)) or "/"

    def free_kb(self) -> int:
        """All of it."""
        return self.state.free_kb

    def pass_time(self, seconds: float, step_s: float = 0.5) -> None:
        """Let time pass with ticks as a rack makes them."""
        end = self.clock.uptime_s + seconds
        while self.clock.uptime_s < end:
            self.clock.uptime_s = min(end, self.clock.uptime_s + step_s)
            self.state.tick()

    def read(self, path: str) -> str:
        """A file of the phone, whatever its mode."""
        place = self.root / path.lstrip("/")
        mode = place.stat().st_mode
        place.chmod(0o444)
        text = place.read_text()
        place.chmod(mode & 0o777)
        return text


@dataclass
class FakeCall:
    """A running program whose output is kept."""

    phone: FakePhone
    argv: list[str]
    cwd: str = "/"
    pid: int = 4242
    stdout: str = ""
    stderr: str = ""
    held_mb: list[float] = field(default_factory=list)
    text: bytes = b""
    detached: bool = False

    async def out(self, text: str | bytes) -> None:
        """Keep it."""
        self.stdout += text if isinstance(text, str) else text.decode()

    async def err(self, text: str | bytes) -> None:
        """Keep it."""
        self.stderr += text if isinstance(text, str) else text.decode()

    async def stdin(self) -> bytes:
        """What was put there."""
        return self.text

    async def daemonise(self) -> None:
        """Kept."""
        self.detached = True

    async def resident(self, megabytes: float, mapped: str = "") -> None:
        """Keep it."""
        self.held_mb.append(megabytes)

    def path(self, on_phone: str) -> Path:
        """Below the root."""
        return self.phone.root / posixpath.join(self.cwd, on_phone).lstrip("/")


@dataclass(frozen=True)
class Result:
    """What a program left."""

    stdout: str
    stderr: str
    exit_code: int


def run(phone: FakePhone, *argv: str) -> Result:
    """Run a program to its end."""
    load()
    call = FakeCall(phone, list(argv))
    code = asyncio.run(_finish(call))
    return Result(call.stdout, call.stderr, code)


async def _finish(call: FakeCall) -> int:
    return await programs()[call.argv[0]](cast(Call, call))


def make(name: str, root: Path, **changes: object) -> FakePhone:
    """A phone of that kind; `changes` replace fields of its profile."""
    return FakePhone(profiles()[name].model_copy(update=changes), root)
