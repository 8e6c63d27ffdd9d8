"""Faults that end or freeze processes of a phone."""

from __future__ import annotations

import random
import signal
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from harness.virtual.faults.fault import Ending, Fault, Switched, When, fault
from harness.virtual.ledger import OURS
from harness.virtual.moments import Moment

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone


@fault
class AdbdRestart(Fault):
    """adbd restarts, and every process that it ever started ends with it, detached ones too; no new boot_id."""

    kind = "adbd_restart"
    disturbs = True
    down_s: float = Field(default=2.0, ge=0, description="seconds without a link")

    @classmethod
    def draw(cls, rng: random.Random) -> AdbdRestart:
        """At once or in mid-session."""
        when = rng.choice((None, When(event="session")))
        return cls(down_s=rng.uniform(0.5, 5), when=when, after_s=rng.uniform(0.2, 3) if when else 0.0)

    async def strike(self, phone: VirtualPhone, moment: Moment | None) -> Ending:
        """End all."""
        await phone.kill_all()
        await phone.links.lose(self.kind)
        return self._back(phone)

    async def _back(self, phone: VirtualPhone) -> None:
        await phone.clock.wait(self.down_s)
        phone.links.back(self.kind)


@fault
class Suspend(Switched):
    """The phone sleeps: every process stands still and no link answers, while uptime goes on."""

    kind = "suspend"
    disturbs = True
    for_s: float | None = Field(default=30.0, gt=0, description="seconds")

    @classmethod
    def draw(cls, rng: random.Random) -> Suspend:
        """In mid-session or at once."""
        when = rng.choice((None, When(event="session")))
        return cls(for_s=rng.uniform(5, 60), when=when, after_s=rng.uniform(0.2, 3) if when else 0.0)

    async def possible(self, phone: VirtualPhone) -> bool:
        """Not in a boot."""
        return phone.running

    async def begin(self, phone: VirtualPhone) -> None:
        """Fall asleep."""
        await phone.suspend()

    async def undo(self, phone: VirtualPhone) -> None:
        """Wake up."""
        await phone.resume()


class _Killed(Fault):
    """One process of a block is killed; which is said by the file that a block keeps of it."""

    pid_file: ClassVar[str]
    disturbs = True

    @classmethod
    def draw(cls, rng: random.Random) -> Fault:
        """In mid-session, where there is one."""
        return cls(when=When(event="session"), after_s=rng.uniform(0.2, 2))

    async def possible(self, phone: VirtualPhone) -> bool:
        """Where it runs."""
        return bool(await self._found(phone))

    async def _found(self, phone: VirtualPhone) -> list[int]:
        running = await phone.processes()
        blocks = [b for b in (phone.root / OURS).glob("blocks/*") if _at_work(b, phone.state.boot_id)]
        files = [file for block in blocks if (file := block / self.pid_file).is_file()]
        named = [file.read_text().split()[:1] for file in files]
        return [int(word) for words in named for word in words if word.isdecimal() and int(word) in running]

    async def strike(self, phone: VirtualPhone, moment: Moment | None) -> Ending:
        """Kill it and nothing else."""
        for pid in await self._found(phone):
            phone.kill(pid, signal.SIGKILL)
        return None


def _at_work(block: Path, boot_id: str) -> bool:
    # Of an ended block, or one of another boot, the process ids may be anybody's by now.
    boot = block / "boot_id"
    return not (block / "done").exists() and (not boot.is_file() or boot.read_text().strip() == boot_id)


@fault
class RunScriptKilled(_Killed):
    """The script that runs a block (run.sh) is killed; its sampler and its session run on as orphans."""

    kind = "run_script_killed"
    pid_file = "run.pid"


@fault
class SamplerKilled(_Killed):
    """The sampler of a session is killed; the session goes on."""

    kind = "sampler_killed"
    pid_file = "sampler.pid"
