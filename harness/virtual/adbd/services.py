"""What an adb client may open on a virtual phone: shells, exec, sync, reboot."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import signal
import struct
import termios
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from harness.virtual.adbd.sync import serve_sync
from harness.virtual.adbd.transport import Service, Stream

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone

_STDIN, _STDOUT, _STDERR, _EXIT, _CLOSE_STDIN, _WINDOW = range(6)
_CHUNK = 64 * 1024


def find_service(phone: VirtualPhone, name: str) -> Service | None:
    """The service for an adb request such as `shell,v2,TERM=xterm:ls`, or None to refuse it."""
    kind, _, argument = name.partition(":")
    base, *options = kind.split(",")
    if base == "shell" and "v2" in options:
        use_pty = "pty" in options or ("raw" not in options and not argument)
        return lambda stream: _shell_v2(phone, stream, argument, use_pty, options)
    if base == "shell":
        return lambda stream: _shell_plain(phone, stream, argument, use_pty=not argument)
    if base == "exec":
        return lambda stream: _shell_plain(phone, stream, argument, use_pty=False)
    if base == "sync":
        return lambda stream: serve_sync(stream, phone.tree, phone.pushes)
    if base == "reboot":
        return lambda stream: _reboot(phone, stream)
    if base in ("tcpip", "usb", "root", "unroot", "remount"):
        return lambda stream: _refuse(stream, base)
    return None


async def _refuse(stream: Stream, base: str) -> None:
    text = {
        "root": "adbd cannot run as root in production builds\n",
        "unroot": "adbd not running as root\n",
        "remount": 'Not running as root. Try "adb root" first.\n',
    }.get(base, f"a virtual phone stays on TCP: {base} is not offered\n")
    await stream.write(text.encode())


async def _reboot(phone: VirtualPhone, stream: Stream) -> None:
    stream.end()
    phone.reboot_soon()


async def _shell_v2(phone: VirtualPhone, stream: Stream, command: str, use_pty: bool, options: list[str]) -> None:
    term = next((o.removeprefix("TERM=") for o in options if o.startswith("TERM=")), "dumb")
    child = await _Child.start(phone, command, use_pty, term)

    async def pump(kind: int, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(_CHUNK):
            await stream.write(struct.pack("<BI", kind, len(data)) + data)

    async def incoming() -> None:
        while True:
            kind, length = struct.unpack("<BI", await stream.read_exactly(5))
            data = await stream.read_exactly(length)
            if kind == _STDIN:
                await child.feed(data)
            elif kind == _CLOSE_STDIN:
                child.close_stdin()
            elif kind == _WINDOW:
                child.resize(data)

    async def work() -> None:
        await asyncio.gather(pump(_STDOUT, child.stdout), *([pump(_STDERR, child.stderr)] if child.stderr else []))
        status = await child.wait()
        code = status if status >= 0 else 128 - status
        await stream.write(struct.pack("<BIB", _EXIT, 1, code & 0xFF))

    await _until_done(child, work(), incoming())


async def _shell_plain(phone: VirtualPhone, stream: Stream, command: str, *, use_pty: bool) -> None:
    child = await _Child.start(phone, command, use_pty, "dumb", merge=True)

    async def incoming() -> None:
        while data := await stream.read():
            await child.feed(data)

    async def work() -> None:
        while data := await child.stdout.read(_CHUNK):
            await stream.write(data)

    # Without packets adbd only passes bytes on: a program sees its input end and its output break, and no signal.
    await _until_done(child, work(), incoming(), hang_up=False)


async def _until_done(
    child: _Child, work: Coroutine[Any, Any, None], incoming: Coroutine[Any, Any, None], *, hang_up: bool = True
) -> None:
    tasks = [asyncio.ensure_future(work), asyncio.ensure_future(incoming)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if hang_up and not child.ended:
            # The client is gone. Like adbd: hang up the one process that was started, and let its pipes break.
            child.hang_up()
        child.close()


class _Output(asyncio.StreamReaderProtocol):
    """A pty whose last user is gone gives EIO: that is its end, and what was read before must not be lost over it."""

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(None if isinstance(exc, OSError) else exc)


class _Child:
    """A shell on the phone with its ends of pipes or of a pty."""

    def __init__(self, phone: VirtualPhone, pid: int, status: asyncio.Future[int], use_pty: bool) -> None:
        self._phone = phone
        self.pid = pid
        self._status = status
        self._pty = use_pty
        self._stdin: asyncio.StreamWriter | None = None
        self._terminal = -1
        self._transports: list[asyncio.BaseTransport] = []
        self.stdout = asyncio.StreamReader()
        self.stderr: asyncio.StreamReader | None = None

    @classmethod
    async def start(cls, phone: VirtualPhone, command: str, use_pty: bool, term: str, *, merge: bool = False) -> _Child:
        if use_pty:
            master, slave = pty.openpty()
            pid, status = await phone.spawn(command, [slave], pty=True, term=term)
            child = cls(phone, pid, status, True)
            child._terminal = master
            child.stdout = await child._attach(os.dup(master))
            child._stdin = await _writer(os.dup(master))
            return child
        in_read, in_write = os.pipe()
        out_read, out_write = os.pipe()
        err_read, err_write = (-1, os.dup(out_write)) if merge else os.pipe()
        pid, status = await phone.spawn(command, [in_read, out_write, err_write], pty=False, term=None)
        child = cls(phone, pid, status, False)
        child._stdin = await _writer(in_write)
        child.stdout = await child._attach(out_read)
        if not merge:
            child.stderr = await child._attach(err_read)
        return child

    async def _attach(self, fd: int) -> asyncio.StreamReader:
        reader = asyncio.StreamReader(limit=_CHUNK)
        protocol = _Output(reader)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(lambda: protocol, os.fdopen(fd, "rb", 0))
        self._transports.append(transport)
        return reader

    @property
    def ended(self) -> bool:
        """True when the program's exit is known."""
        return self._status.done()

    async def wait(self) -> int:
        """The exit status; negative for a signal."""
        return await asyncio.shield(self._status)

    async def feed(self, data: bytes) -> None:
        """Pass input on; what a program no longer reads is lost."""
        if self._stdin:
            self._stdin.write(data)
            with contextlib.suppress(OSError):
                await self._stdin.drain()

    def close_stdin(self) -> None:
        """End the input after what was fed; a terminal stays open."""
        if self._stdin and not self._pty:
            self._stdin.close()
            self._stdin = None

    def resize(self, data: bytes) -> None:
        """Take the client's window: "24x80,0x0" and a NUL."""
        with contextlib.suppress(ValueError, OSError):
            rows, columns = data.rstrip(b"\0").split(b",")[0].split(b"x")
            fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))

    def hang_up(self) -> None:
        self._phone.kill(self.pid, signal.SIGHUP)

    def close(self) -> None:
        """Let go of the pipes; what was fed still reaches a program that reads it."""
        for transport in self._transports:
            transport.close()
        if self._stdin:
            self._stdin.close()
        if self._terminal >= 0:
            os.close(self._terminal)
            self._terminal = -1


async def _writer(fd: int) -> asyncio.StreamWriter:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), os.fdopen(fd, "wb", 0)
    )
    return asyncio.StreamWriter(transport, protocol, None, loop)
