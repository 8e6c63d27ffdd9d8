"""One virtual phone: its tree, its processes, its adb port, and the state that passes with its clock."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Literal, TypeVar

from harness.virtual.adbd.services import find_service
from harness.virtual.calls import serve_client
from harness.virtual.clock import PhoneClock
from harness.virtual.faults.engine import Engine
from harness.virtual.faults.plan import PhonePlan
from harness.virtual.initlink import InitError, InitLink, make_mount_points
from harness.virtual.ledger import LedgerFile, PhoneLedger, left_files
from harness.virtual.links import Links
from harness.virtual.moments import Moment, Moments
from harness.virtual.nodes import process
from harness.virtual.profile import Profile
from harness.virtual.pushes import Pushes
from harness.virtual.settings_table import changed
from harness.virtual.shown import STASH, ShownThreads
from harness.virtual.state import PhoneState
from harness.virtual.tree import Tree

#: Real seconds between updates of the phone's state and of /proc/uptime.
TICK_S = 0.02
#: Phone seconds from reboot to answering adb again.
BOOT_S = 12.0
#: Moments that end a fault before its time, by its `until`.
_ENDS = {"time": (), "reboot": ("boot",), "power": ("boot", "power"), "reconnect": ("boot", "power", "connect")}
_Result = TypeVar("_Result")


class VirtualPhone:
    """A phone of a rack; `serial` is its adb address once `start` returned."""

    def __init__(
        self,
        profile: Profile,
        folder: Path,
        tools: Path,
        *,
        index: int,
        seed: int,
        rate: float,
        namespace: bool,
        plan: PhonePlan,
        ledger: LedgerFile | None = None,
    ) -> None:
        self.profile = profile
        self.index = index
        self.seed = seed
        self.root = folder / "root"
        self.tree = Tree(self.root)
        self.clock = PhoneClock(rate)
        self.namespace = namespace
        self.serialno = f"VIRTUAL{seed % 10000:04d}{index:03d}"
        self.serial = ""
        self.plan = plan
        self.faults = plan.standing
        self.moments = Moments()
        self.links = Links(
            profile,
            lambda name: find_service(self, name),
            lambda: self.moments.come("connect"),
            lambda command: self.moments.come("shell", command),
        )
        #: Its USB port gives power.
        self.powered = True
        #: Nothing can be written: programs' files stay empty.
        self.full = False
        #: Called with the old address when the phone has another one.
        self.moved: Callable[[str], None] | None = None
        self._tools = tools
        self.state = PhoneState(profile, self.clock, self.root, seed=seed * 1000 + index, serialno=self.serialno)
        self.ledger = PhoneLedger(ledger, self._where)
        self._first_settings: dict[tuple[str, str], str] = {}
        self.pushes = Pushes(self)
        self._shown = ShownThreads(self)
        self._init: InitLink | None = None
        self._server: asyncio.Server | None = None
        self._programs: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self, port: int = 0) -> None:
        """Boot, and listen on `port` (0: a free one).

        Raises:
            InitError: the namespaces are refused here.
            OSError: the port is taken.
        """
        # Before the tree stands: then most of it is read-only.
        if self.namespace:
            make_mount_points(self.root, self._tools)
        else:
            place = self.root / "system/bin"
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.is_symlink():
                place.symlink_to(self._tools)
        (self.root / STASH).mkdir(parents=True, exist_ok=True)
        self.faults.apply(self)
        self.state.populate()
        self._first_settings = dict(self.state.settings)
        self.state.settings.watcher = self._note_setting
        socket_path = self.root / "dev/socket/rack"
        socket_path.parent.mkdir(parents=True, exist_ok=True)
        socket_path.unlink(missing_ok=True)
        self._programs = await asyncio.start_unix_server(lambda r, w: serve_client(self, r, w), path=str(socket_path))
        self._init = await InitLink.start(self.root, self._tools, namespace=self.namespace)
        self.ledger.note("start", profile=self.profile.name)
        self.ledger.note("boot")
        await Engine(self, self.plan.faults, self.plan.campaign).begin()
        await self._listen(port)
        self.task(self._pass_time())

    async def stop(self) -> None:
        """End everything on the phone and its port."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server:
            self._server.close()
        await self.links.drop()
        self.ledger.close()
        if self._init:
            await self._init.kill()
        if self._programs:
            self._programs.close()
        self.state.close()

    async def reboot(self) -> None:
        """Lose every process and link at once; /data stays, boot_id and uptime are new. Nothing where it is down."""
        if self.running:
            await self.go_down()
            await self.come_up()

    async def go_down(self) -> None:
        """The first half of a reboot: nothing runs and nothing answers."""
        if self._init:
            init, self._init = self._init, None
            await init.kill()
        await self.links.lose("boot")

    async def come_up(self) -> None:
        """The second half, when it has taken its time."""
        await self.clock.wait(BOOT_S)
        self.clock.restart()
        self.state.boot()
        self._init = await InitLink.start(self.root, self._tools, namespace=self.namespace)
        if self.full:
            await self.set_full(full=True)
        self.ledger.note("boot")
        self.links.speak("suspend")
        self.links.back("boot")
        await self.moments.come("boot")

    def reboot_soon(self) -> None:
        """Reboot in the background, as the answer to a client that must not wait for it."""
        self.ledger.note("reboot", runs=self.ledger.under_way)
        self.task(self.reboot())

    @property
    def running(self) -> bool:
        """False from the loss of everything until the phone has booted again."""
        return self._init is not None

    async def kill_all(self) -> None:
        """End every process at once; the phone does not boot."""
        if self._init:
            await self._init.signal_all(signal.SIGKILL)

    async def suspend(self) -> None:
        """Let everything stand still but CLOCK_BOOTTIME and the wall clock."""
        self.links.hush("suspend")
        if self._init:
            await self._init.signal_all(signal.SIGSTOP)
        self.clock.suspend()
        self.state.suspend()

    async def resume(self) -> None:
        """Go on where `suspend` left it; nothing where a boot ended that."""
        self.state.resume()
        self.clock.resume()
        if self._init:
            await self._init.signal_all(signal.SIGCONT)
        self.links.speak("suspend")

    async def set_full(self, *, full: bool) -> None:
        """Let writes of programs fail, or work again."""
        self.full = full
        if self._init:
            await self._init.limit_files(0 if full else None)

    async def move(self) -> None:
        """Listen at another port: another address, and so another serial in adb's eyes."""
        was = self.serial
        if self._server:
            self._server.close()
        await self.links.drop()
        await self._listen(0)
        self.ledger.note("address", was=was)
        if self.moved:
            self.moved(was)

    async def lasts(self, for_s: float | None, until: Literal["time", "reconnect", "reboot", "power"]) -> None:
        """Wait for the end of a fault: its time, or a moment that ends such a one."""
        over = asyncio.Event()

        def listen(moment: Moment) -> None:
            if moment.event in _ENDS[until]:
                over.set()

        forget = self.moments.listen(listen)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), None if for_s is None else for_s / self.clock.rate)
        finally:
            forget()

    async def set_power(self, on: bool) -> None:
        """Switch the power of its USB port: without it there is no link, and the phone runs on its battery."""
        if on == self.powered:
            return
        self.powered = on
        self.state.set_plugged(self.profile.battery.plugged if on else "none")
        self.ledger.note("power", on=on)
        if on:
            await self.moments.come("power")
            self.links.back("power")
        else:
            await self.links.lose("power")

    async def spawn(
        self, command: str, fds: list[int], *, pty: bool, term: str | None
    ) -> tuple[int, asyncio.Future[int]]:
        """Run a command line in the phone's shell, or an interactive shell where it is empty.

        Raises:
            InitError: the phone is down.
        """
        prefix = "" if self.namespace else str(self.root)
        environment = {
            "PATH": f"{prefix}/system/bin",
            "HOME": "/",
            "HOSTNAME": self.profile.device,
            "USER": "shell",
            "SHELL": f"{prefix}/system/bin/sh",
            "TMPDIR": f"{prefix}/data/local/tmp",
            "ANDROID_ROOT": "/system",
            "ANDROID_DATA": "/data",
            "EXTERNAL_STORAGE": f"{prefix}/sdcard",
            "ASAN_OPTIONS": "",
        }
        if not self.namespace:
            environment["PHONE_ROOT"] = prefix
        if self.clock.rate != 1.0:
            # The builtin sleep of mksh knows only the host's time.
            environment["SLEEP"] = f"{prefix}/system/bin/sleep"
        if term:
            environment["TERM"] = term
        if pty and not command:
            environment["PS1"] = "$HOSTNAME:$PWD $ "
        shell = f"{prefix}/system/bin/sh"
        argv = [shell, "-c", command] if command else [shell, *(["-i"] if pty else [])]
        if self._init is None:
            raise InitError("the phone is down")
        return await self._init.spawn(argv, environment, prefix or "/", fds, pty=pty)

    async def note_state(self) -> None:
        """Write to the ledger how the phone stands: what was left changed, running or lying about."""
        running, state = await self.processes() if self.running else None, self.state
        self.ledger.note(
            "state",
            online=self.links.online,
            settings=changed(self._first_settings, state.settings),
            screen_on=state.machine.screen_on,
            battery_faked=state.battery_service.stopped,
            thermal_faked=state.thermal_override is not None,
            running=None if running is None else [{"pid": pid, "command": words} for pid, words in running.items()],
            runs=self.ledger.under_way,
            true_mw=[[round(at, 4), round(mw, 3)] for at, mw in state.ledger.series],
            **left_files(self.root),
        )

    async def processes(self) -> dict[int, str]:
        """Command lines by process id of everything that runs on the phone."""
        with contextlib.suppress(InitError):
            if self._init:
                return dict(await self._init.processes())
        return {}

    def _where(self) -> dict[str, Any]:
        return {
            "phone": self.index,
            "phone_id": self.serialno,
            "serial": self.serial,
            "boot": self.state.boots,
            "boot_id": self.state.boot_id,
            "uptime_s": round(self.clock.now_s(), 3),
        }

    def _note_setting(self, name: tuple[str, str], value: str | None, old: str | None) -> None:
        self.ledger.note("setting", setting="/".join(name), value=value, old=old)

    def kill(self, pid: int, number: int) -> None:
        """Send a signal to one process of the phone."""
        if self._init:
            self.task(self._init.signal(pid, number))

    def show(self, source: str, target: str) -> None:
        """Bind a path of the phone over another."""
        if self._init:
            self.task(self._init.show(source, target))

    def strip_root(self, path: str) -> str:
        """A path as the phone knows it: without PHONE_ROOT, which scripts put before it in portable mode."""
        root = str(self.root)
        return path[len(root) :] or "/" if not self.namespace and path.startswith(root) else path

    def publish_resident(self, pid: int, name: str, megabytes: float, file_mb: float) -> None:
        """In portable mode, show a program's memory below the phone's /proc. file_mb: the part that files back."""
        if self.namespace:
            return
        folder = self.root / "proc" / str(pid)
        folder.mkdir(exist_ok=True)
        shown = process.files(name, self.profile.kernel, int(megabytes * 1024), int(file_mb * 1024))
        for file, text in shown.items():
            (folder / file).write_text(text)

    def forget_resident(self, pid: int) -> None:
        """Take it away again."""
        if not self.namespace:
            shutil.rmtree(self.root / "proc" / str(pid), ignore_errors=True)

    def free_kb(self) -> int:
        """What may still be written to /data, kB."""
        return 0 if self.full else max(0, self.state.free_kb - self._used_kb())

    def _used_kb(self) -> int:
        total = 0
        for folder, _, names in os.walk(self.root / "data/local/tmp"):
            for name in names:
                with contextlib.suppress(OSError):
                    total += (Path(folder) / name).lstat().st_blocks // 2
        return total

    async def _listen(self, port: int) -> None:
        self._server = await asyncio.start_server(self.links.accept, "127.0.0.1", port)
        self.serial = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _pass_time(self) -> None:
        while True:
            self.state.tick()
            self._shown.tick()
            await asyncio.sleep(TICK_S)

    def task(self, coroutine: Coroutine[Any, Any, _Result]) -> asyncio.Task[_Result]:
        """Run something for as long as the phone is there."""
        task: asyncio.Task[_Result] = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
