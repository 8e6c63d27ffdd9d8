"""The rack's side of a phone's init process (init.py): start it, ask it for programs, end it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any, TypeVar

from harness.virtual.init import kill_tagged
from harness.virtual.tools import host_folders, python

START_S = 20.0
_Value = TypeVar("_Value")


class InitError(OSError):
    """The init process could not set the phone up, e.g. because user namespaces are refused."""


class InitLink:
    """A running init. `lost` is set when it is gone."""

    def __init__(self, process: asyncio.subprocess.Process, control: socket.socket, portable_root: str | None) -> None:
        self._process = process
        self._control = control
        self._portable_root = portable_root
        self._ids = 0
        self._sending = asyncio.Lock()
        self._pids: dict[int, asyncio.Future[int]] = {}
        self._statuses: dict[int, asyncio.Future[int]] = {}
        self._lists: dict[int, asyncio.Future[list[tuple[int, str]]]] = {}
        self._reading: asyncio.Task[None] | None = None
        # Held because a stream closes when its writer is collected.
        self._writer: asyncio.StreamWriter | None = None

    @classmethod
    async def start(cls, root: Path, tools: Path, *, namespace: bool) -> InitLink:
        """Start the init process of the phone whose tree is `root`.

        Raises:
            InitError: with the reason.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        process = await asyncio.create_subprocess_exec(
            python(),
            "-IS",
            str(Path(__file__).parent / "init.py"),
            str(theirs.fileno()),
            pass_fds=[theirs.fileno()],
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=None if os.environ.get("HARNESS_VIRTUAL_DEBUG") else asyncio.subprocess.DEVNULL,
            start_new_session=True,
            env={"PHONE_ROOT": str(root)} if not namespace else {},
        )
        theirs.close()
        ours.setblocking(False)
        link = cls(process, ours, None if namespace else str(root))
        reader, link._writer = await asyncio.open_connection(sock=ours.dup())
        config = {"mode": "namespace" if namespace else "portable", "root": str(root), "binds": _binds(tools)}
        try:
            await link._send(config, [])
            first = await asyncio.wait_for(_message(reader), START_S)
        except (asyncio.IncompleteReadError, TimeoutError, OSError):
            first = {"error": "the phone's first process ended at once"}
        if "error" in first:
            await link.kill()
            raise InitError(first["error"])
        link._reading = asyncio.get_running_loop().create_task(link._read(reader))
        return link

    async def spawn(
        self, argv: list[str], env: dict[str, str], cwd: str, fds: list[int], *, pty: bool
    ) -> tuple[int, asyncio.Future[int]]:
        """Start a program; the descriptors are given away and closed here.

        Returns:
            Its process id on the phone, and the exit status to come (negative: the signal it died of).

        Raises:
            InitError: the phone went away.
        """
        self._ids += 1
        number = self._ids
        loop = asyncio.get_running_loop()
        self._pids[number] = loop.create_future()
        status = self._statuses[number] = loop.create_future()
        message = {"id": number, "argv": argv, "env": env, "cwd": cwd, "pty": pty}
        try:
            await self._send(message, fds)
        finally:
            for fd in fds:
                os.close(fd)
        return await self._pids[number], status

    async def signal(self, pid: int, number: int) -> None:
        """Send a signal to a process of the phone; nothing happens where it is gone."""
        with contextlib.suppress(OSError):
            await self._send({"kill": pid, "signal": number}, [])

    async def signal_all(self, number: int) -> None:
        """Send a signal to every process of the phone."""
        with contextlib.suppress(OSError):
            await self._send({"all": number}, [])

    async def show(self, source: str, target: str) -> None:
        """Bind a path of the phone over another."""
        with contextlib.suppress(OSError):
            await self._send({"show": source, "at": target}, [])

    async def limit_files(self, most: int | None) -> None:
        """Let no process write a file beyond `most` bytes; None lifts the limit."""
        with contextlib.suppress(OSError):
            await self._send({"limit": most}, [])

    async def processes(self) -> list[tuple[int, str]]:
        """Process id and command line of everything that runs on the phone.

        Raises:
            InitError: the phone went away.
        """
        self._ids += 1
        answer: asyncio.Future[list[tuple[int, str]]] = asyncio.get_running_loop().create_future()
        self._lists[self._ids] = answer
        await self._send({"processes": self._ids}, [])
        return await answer

    async def kill(self) -> None:
        """End the phone at once: init and everything on it."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        if self._portable_root and sys.platform == "linux":
            kill_tagged(self._portable_root)
        if self._reading:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        self._fail_all()
        if self._writer:
            self._writer.close()
        self._control.close()

    async def _send(self, message: dict[str, Any], fds: list[int]) -> None:
        data = json.dumps(message).encode()
        async with self._sending:
            try:
                socket.send_fds(self._control, [struct.pack("<I", len(data))], fds)
                await asyncio.get_running_loop().sock_sendall(self._control, data)
            except OSError as error:
                raise InitError(f"the phone went away: {error}") from error

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                message = await _message(reader)
                if "pid" in message:
                    _resolve(self._pids.pop(message["id"]), message["pid"])
                elif "found" in message:
                    _resolve(self._lists.pop(message["id"]), [(pid, words) for pid, words in message["found"]])
                elif "status" in message:
                    _resolve(self._statuses.pop(message["id"]), message["status"])
        except (asyncio.IncompleteReadError, ConnectionError):
            self._fail_all()

    def _fail_all(self) -> None:
        for future in self._pids.values():
            _refuse(future)
        for asked in self._lists.values():
            _refuse(asked)
        for future in self._statuses.values():
            _resolve(future, -signal.SIGKILL)
        self._lists.clear()
        self._pids.clear()
        self._statuses.clear()


def _resolve(future: asyncio.Future[_Value], value: _Value) -> None:
    if not future.done():
        future.set_result(value)


def _refuse(future: asyncio.Future[_Value]) -> None:
    if not future.done():
        future.set_exception(InitError("the phone went away"))
        future.exception()  # whoever asked may be gone too: then nobody is to be told


async def _message(reader: asyncio.StreamReader) -> dict[str, Any]:
    (length,) = struct.unpack("<I", await reader.readexactly(4))
    found: dict[str, Any] = json.loads(await reader.readexactly(length))
    return found


def _binds(tools: Path) -> list[tuple[str, str, bool]]:
    """What of the host is seen on the phone: source, path on the phone, read-only."""
    devices = ("null", "zero", "full", "random", "urandom", "tty", "pts")
    return [
        (str(tools), "/system/bin", True),
        *((p, p, True) for p in host_folders()),
        *((f"/dev/{n}", f"/dev/{n}", False) for n in devices),
        # Where the host keeps libraries outside the usual folders.
        *((p, p, True) for p in ("/etc/ld.so.cache",) if Path(p).exists()),
    ]


def make_mount_points(root: Path, tools: Path) -> None:
    """Make the places in a phone's tree where the host's folders go; before the tree is made read-only."""
    for source, target, _ in _binds(tools):
        place = root / target.lstrip("/")
        if Path(source).is_dir():
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
