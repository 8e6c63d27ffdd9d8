"""One virtual phone: its tree, its processes, its adb port, and the state that passes with its clock."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from harness.virtual.adbd.services import find_service
from harness.virtual.adbd.sync import Storage
from harness.virtual.adbd.transport import FEATURES, Transport
from harness.virtual.calls import serve_client
from harness.virtual.clock import PhoneClock
from harness.virtual.faults import Faults
from harness.virtual.initlink import InitError, InitLink, make_mount_points
from harness.virtual.ledger import LedgerFile, PhoneLedger, left_files
from harness.virtual.profile import Profile
from harness.virtual.settings_table import changed
from harness.virtual.state import PhoneState
from harness.virtual.tree import Tree

#: Real seconds between updates of the phone's state and of /proc/uptime.
TICK_S = 0.02
#: Phone seconds from reboot to answering adb again.
BOOT_S = 12.0


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
        faults: Faults,
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
        self.faults = faults
        self.authorized = not (profile.unauthorized or faults.unauthorized)
        self._tools = tools
        self.state = PhoneState(profile, self.clock, self.root, seed=seed * 1000 + index, serialno=self.serialno)
        self.ledger = PhoneLedger(ledger, self._where)
        self._first_settings: dict[tuple[str, str], str] = {}
        self.storage = Storage(self._take_storage)
        self._written = 0
        self._init: InitLink | None = None
        self._server: asyncio.Server | None = None
        self._programs: asyncio.Server | None = None
        self._transports: set[Transport] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.online = True
        #: Its USB port gives power, and what hangs until it is cut.
        self.powered = True
        self.wedged = False

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
        self.faults.apply(self)
        self.state.populate()
        self._first_settings = dict(self.state.settings)
        self.state.settings.watcher = self._note_setting
        socket_path = self.root / "dev/socket/rack"
        socket_path.parent.mkdir(parents=True, exist_ok=True)
        socket_path.unlink(missing_ok=True)
        self._programs = await asyncio.start_unix_server(lambda r, w: serve_client(self, r, w), path=str(socket_path))
        self._init = await InitLink.start(self.root, self._tools, namespace=self.namespace)
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        self.serial = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self.ledger.note("start", profile=self.profile.name)
        self.ledger.note("boot")
        self._task(self._pass_time())
        for fault in self.faults.timed(self):
            self._task(fault)

    async def stop(self) -> None:
        """End everything on the phone and its port."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server:
            self._server.close()
        await self.drop_links()
        self.ledger.close()
        if self._init:
            await self._init.kill()
        if self._programs:
            self._programs.close()
        self.state.close()

    async def reboot(self) -> None:
        """Lose every process and link at once; /data stays, boot_id and uptime are new."""
        self.online = False
        if self._init:
            await self._init.kill()
        await self.drop_links()
        await self.clock.sleep(BOOT_S)
        self.clock.restart()
        self.state.boot()
        self._init = await InitLink.start(self.root, self._tools, namespace=self.namespace)
        self.ledger.note("boot")
        self.online = True

    def reboot_soon(self) -> None:
        """Reboot in the background, as the answer to a client that must not wait for it."""
        self.ledger.note("reboot", runs=self.ledger.under_way)
        self._task(self.reboot())

    async def allow(self) -> None:
        """Somebody taps Allow on the phone's USB debugging dialog."""
        self.authorized = True
        for transport in list(self._transports):
            await transport.allow()

    async def drop_links(self) -> None:
        """Lose every adb connection, as a pulled cable does; what runs detached runs on."""
        for transport in list(self._transports):
            await transport.close()

    async def set_power(self, on: bool) -> None:
        """Switch the power of its USB port: without it there is no link, and the phone runs on its battery."""
        self.powered = on
        self.state.machine.plugged = self.profile.battery.plugged if on else "none"
        if not on:
            self.wedged = False
            await self.drop_links()

    async def wedge(self) -> None:
        """Its USB hangs: no link comes up until its port was without power."""
        self.wedged = True
        await self.drop_links()

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
        running: list[tuple[int, str]] | None = None
        if self._init:
            with contextlib.suppress(InitError):
                running = await self._init.processes()
        state = self.state
        self.ledger.note(
            "state",
            online=self.online,
            settings=changed(self._first_settings, state.settings),
            screen_on=state.machine.screen_on,
            battery_faked=state.battery_service.stopped,
            thermal_faked=state.thermal_override is not None,
            running=None if running is None else [{"pid": pid, "command": words} for pid, words in running],
            runs=self.ledger.under_way,
            **left_files(self.root),
        )

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
            self._task(self._init.signal(pid, number))

    def strip_root(self, path: str) -> str:
        """A path as the phone knows it: without PHONE_ROOT, which scripts put before it in portable mode."""
        root = str(self.root)
        return path[len(root) :] or "/" if not self.namespace and path.startswith(root) else path

    def publish_resident(self, pid: int, megabytes: float | None) -> None:
        """In portable mode, show a program's memory below the phone's /proc; None removes it again."""
        if self.namespace:
            return
        folder = self.root / "proc" / str(pid)
        if megabytes is None:
            shutil.rmtree(folder, ignore_errors=True)
            return
        folder.mkdir(exist_ok=True)
        pages = int(megabytes * 256)
        (folder / "statm").write_text(f"{pages * 2} {pages} 1024 1 0 {pages} 0\n")
        (folder / "status").write_text(f"VmHWM:\t{pages * 4:8d} kB\nVmRSS:\t{pages * 4:8d} kB\n")

    def free_kb(self) -> int:
        """What may still be written to /data, kB."""
        return max(0, self.state.free_kb - self._used_kb())

    def _used_kb(self) -> int:
        total = 0
        for folder, _, names in os.walk(self.root / "data/local/tmp"):
            for name in names:
                with contextlib.suppress(OSError):
                    total += (Path(folder) / name).lstat().st_blocks // 2
        return total

    def _take_storage(self, count: int) -> None:
        self._written += count
        # Measured again every few megabytes; a walk per packet would slow every push down.
        if self._written > 4 << 20 or self.state.free_kb < 64 << 10:
            self._written = 0
            if self.free_kb() <= count // 1024:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.online or not self.powered or self.wedged:
            writer.close()
            return
        p = self.profile
        transport = Transport(
            reader,
            writer,
            banner=f"ro.product.name={p.device};ro.product.model={p.model};ro.product.device={p.device}",
            features=FEATURES if p.shell_v2 else ("cmd",),
            find_service=lambda name: find_service(self, name),
            authorized=self.authorized,
            silent=self.faults.offline,
            delay=self.faults.delay,
        )
        self._transports.add(transport)
        try:
            await transport.run()
        finally:
            self._transports.discard(transport)

    async def _pass_time(self) -> None:
        while True:
            self.state.tick()
            await asyncio.sleep(TICK_S)

    def _task(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
