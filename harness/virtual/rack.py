"""A rack of virtual phones in this process."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Literal

from harness.errors import EnvironmentFault, UsageError
from harness.virtual.faults import PhonePlan
from harness.virtual.initlink import InitError
from harness.virtual.ledger import LedgerFile
from harness.virtual.phone import VirtualPhone
from harness.virtual.profile import Profile, profiles
from harness.virtual.program import programs
from harness.virtual.programs import load
from harness.virtual.tools import build_tools

#: How the file of a probe bundle ends.
_FILES = (".json",)
Mode = Literal["auto", "namespace", "portable"]


def choose_profiles(count: int, wanted: list[str], load_file: Callable[[Path], Profile]) -> list[Profile]:
    """The kinds of phone to start: those of `wanted` (NAME or NAME:COUNT), filled up to `count` in shipped order.

    Args:
        load_file: reads a kind from a file, where NAME ends as a file of one does.

    Raises:
        UsageError: an unknown name, a bad count, or a file that is none.
    """
    known = profiles()
    chosen: list[Profile] = []
    for item in wanted:
        # From the right, since a path may hold a colon.
        name, colon, number = item.rpartition(":")
        if not colon or number.endswith(_FILES):
            name, number = item, "1"
        if not (number.isdigit() and int(number) > 0):
            raise UsageError(f"--profile {item!r} needs a count of at least 1", advice=f"as in {name}:2")
        if name.endswith(_FILES):
            kind = load_file(Path(name))
        elif name in known:
            kind = known[name]
        else:
            advice = f"choose from {', '.join(known)}, or give a file of harness probe"
            raise UsageError(f"there is no virtual phone {name!r}", advice=advice)
        chosen += [kind] * int(number)
    order = list(known.values())
    while len(chosen) < count:
        chosen.append(order[len(chosen) % len(order)])
    return chosen


class Rack:
    """Phones that live as long as this context.

    Args:
        kinds: one profile a phone.
        mode: "namespace" gives each phone its own root; "portable" works where user namespaces are refused; "auto"
            takes the first that works.
        seed: decides serial numbers, noise and every random draw.
        rate: phone seconds per real second.
        port: first port, the next phones take the following ones; 0 takes free ones.
        ledger: gets what truly happens.
    """

    def __init__(
        self,
        kinds: list[Profile],
        *,
        mode: Mode = "auto",
        seed: int = 0,
        rate: float = 1.0,
        port: int = 0,
        plans: list[PhonePlan] | None = None,
        ledger: LedgerFile | None = None,
    ) -> None:
        self._kinds = kinds
        self._mode = mode
        self._seed = seed
        self._rate = rate
        self._port = port
        self._plans = plans or [PhonePlan()] * len(kinds)
        self._ledger = ledger
        self._folder = Path()
        self.shell = ""
        self.mode = mode
        self.phones: list[VirtualPhone] = []

    async def __aenter__(self) -> Rack:
        load()
        self._folder = Path(tempfile.mkdtemp(prefix="harness-rack-"))
        self._folder.chmod(0o755)
        tools = self._folder / "tools"
        # The host's date is the phone's unless its clock runs or jumps by itself.
        own_clock = self._rate != 1.0 or any(plan.faults or plan.campaign for plan in self._plans)
        names = [n for n in programs() if n != "date" or own_clock]
        self.shell = build_tools(tools, names, rate=self._rate)
        try:
            for index, kind in enumerate(self._kinds):
                await self._start(index, kind, tools)
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _start(self, index: int, kind: Profile, tools: Path) -> None:
        phone = self._make(index, kind, tools, namespace=self.mode != "portable")
        try:
            await phone.start(self._port + index if self._port else 0)
        except InitError as error:
            await phone.stop()
            if self._mode != "auto" or index:
                raise EnvironmentFault(
                    f"this machine refuses user namespaces: {error}", advice="use --mode portable"
                ) from error
            self.mode = "portable"
            phone = self._make(index, kind, tools, namespace=False)
            await phone.start(self._port + index if self._port else 0)
        except OSError as error:
            await phone.stop()
            what = f"port {self._port + index}" if self._port else "a virtual phone"
            raise EnvironmentFault(f"{what} cannot be used: {error}", advice="try another --port") from error
        if self.mode == "auto":
            self.mode = "namespace"
        self.phones.append(phone)

    def _make(self, index: int, kind: Profile, tools: Path, *, namespace: bool) -> VirtualPhone:
        folder = self._folder / str(index)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return VirtualPhone(
            kind,
            folder,
            tools,
            index=index,
            seed=self._seed,
            rate=self._rate,
            namespace=namespace,
            plan=self._plans[index],
            ledger=self._ledger,
        )

    async def note_states(self) -> None:
        """Write to the ledger how each phone stands."""
        for phone in self.phones:
            await phone.note_state()

    async def _stop(self) -> None:
        for phone in self.phones:
            await phone.stop()
        for folder in self._folder.rglob("*"):
            if folder.is_dir() and not folder.is_symlink():
                folder.chmod(0o755)
        shutil.rmtree(self._folder, ignore_errors=True)
