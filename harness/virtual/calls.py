"""The rack's end of the programs it plays: one Unix socket per phone, one coroutine per running client."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import posixpath
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.virtual.hook import RunHook
from harness.virtual.nodes.process import has_rollup
from harness.virtual.program import Exited, Signalled, programs
from harness.virtual.runs import begin_run, model_of

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone

#: Exit code of a program whose player failed.
_BROKEN = 70

log = logging.getLogger("harness.virtual")


class ClientCall:
    """A `Call` (see program.py) whose client is a process on the phone.

    Attributes:
        stdout: the file on the phone that standard output goes to; "" where it is a pipe or a terminal.
        hooks: what faults do to it.
    """

    def __init__(
        self,
        phone: VirtualPhone,
        argv: list[str],
        cwd: str,
        pid: int,
        stdout: str,
        writer: asyncio.StreamWriter,
        cpus: frozenset[int] | None = None,
    ) -> None:
        self.phone = phone
        self.argv = argv
        self.cwd = cwd
        self.pid = pid
        self.stdout = stdout
        self.cpus = cpus
        self.hooks: list[RunHook] = []
        self._resident_mb = self._mapped_mb = 0.0
        self._writer = writer
        self._input: asyncio.Queue[bytes] = asyncio.Queue()

    async def out(self, text: str | bytes) -> None:
        """Write to the client's standard output."""
        await self._print(b"o", text.encode() if isinstance(text, str) else text)

    async def err(self, text: str | bytes) -> None:
        """Write to the client's standard error."""
        await self._print(b"e", text.encode() if isinstance(text, str) else text)

    async def stdin(self) -> bytes:
        """All of the client's standard input."""
        await self._frame(b"i", b"")
        return await self._input.get()

    async def daemonise(self) -> None:
        """Let the client go on detached."""
        await self._frame(b"d", b"")

    async def hear(self, reader: asyncio.StreamReader) -> None:
        """Take what the client sends, until it is gone."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                (length,) = struct.unpack("<I", await reader.readexactly(4))
                self._input.put_nowait(await reader.readexactly(length))

    async def resident(self, megabytes: float, mapped: str = "") -> None:
        """Let the client hold that much more memory; part of it is the file `mapped`."""
        size = self.path(mapped).stat().st_size if mapped else 0
        if not has_rollup(self.phone.profile.kernel):
            await self._frame(b"h", b"")
        await self._frame(b"m", struct.pack("<Q", max(0, int(megabytes * (1 << 20)) - size)))
        if size:
            await self._frame(b"f", os.fsencode(self.phone.strip_root(mapped)))
        self._resident_mb += megabytes
        self._mapped_mb += size / (1 << 20)
        self.phone.publish_resident(self.pid, self.argv[0].rpartition("/")[2], self._resident_mb, self._mapped_mb)

    def path(self, on_phone: str) -> Path:
        """Where a path on the phone lies on the host.

        Raises:
            OSError: links in a circle.
        """
        return self.phone.tree.resolve(posixpath.join(self.cwd, self.phone.strip_root(on_phone)))

    async def finish_with(self, text: bytes) -> None:
        """Write to standard error past every hook."""
        await self._frame(b"e", text)

    async def finish(self, kind: bytes, number: int) -> None:
        """End the client: `x` with an exit code, `s` by a signal."""
        await self._frame(kind, struct.pack("<i", number))

    async def _print(self, kind: bytes, data: bytes) -> None:
        shown = data
        for hook in self.hooks:
            shown = await hook.printed(shown)
        if shown:
            await self._frame(kind, shown)
        for hook in self.hooks:
            await hook.after(data)

    async def _frame(self, kind: bytes, data: bytes) -> None:
        self._writer.write(kind + struct.pack("<I", len(data)) + data)
        await self._writer.drain()


async def serve_client(phone: VirtualPhone, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Play the program that a client names; cancelled when the client is gone."""
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        (length,) = struct.unpack("<I", await reader.readexactly(4))
        parts = [p.decode("utf-8", "surrogateescape") for p in (await reader.readexactly(length)).split(b"\0")]
        call = ClientCall(phone, parts[4:], parts[1], int(parts[0]), parts[2], writer, _cpus(parts[3]))
        run = begin_run(phone.ledger, call)
        running = asyncio.ensure_future(_play(call))
        gone = asyncio.ensure_future(call.hear(reader))
        try:
            await asyncio.wait({running, gone}, return_when=asyncio.FIRST_COMPLETED)
            if run is not None:
                phone.ledger.end_run(run, **_how(running))
            if running.done():
                await _end(call, running)
        finally:
            for task in (running, gone):
                task.cancel()
            await asyncio.gather(running, gone, return_exceptions=True)
            phone.forget_resident(call.pid)
    writer.close()


def _cpus(mask: str) -> frozenset[int] | None:
    """The cores of a mask that `taskset` was given; None without one."""
    try:
        return frozenset(n for n in range(64) if int(mask, 16) >> n & 1) or None
    except ValueError:
        return None


def _how(running: asyncio.Future[int]) -> dict[str, Any]:
    # Where the client is gone although its program goes on, somebody killed it.
    if not running.done():
        return {"how": "killed"}
    error = running.exception()
    if isinstance(error, ConnectionError):
        return {"how": "killed"}
    if isinstance(error, Signalled):
        return {"how": "signal", "signal": error.number}
    return {"how": "exit", "code": running.result() if error is None else _BROKEN}


async def _play(call: ClientCall) -> int:
    known = programs().get(posixpath.basename(call.argv[0]))
    if known is None:
        await call.err(f"virtual phone: {call.argv[0]} is no program of its rack\n")
        return 127
    if model_of(call):
        await call.phone.moments.come("session", " ".join(call.argv), call)
    try:
        code = await known(call)
    except Exited as ended:
        code = ended.code
    for hook in call.hooks:
        last, code = await hook.at_end(code)
        if last:
            await call.finish_with(last)
    return code


async def _end(call: ClientCall, running: asyncio.Future[int]) -> None:
    error = running.exception()
    if error is None:
        await call.finish(b"x", running.result())
    elif isinstance(error, Signalled):
        await call.finish(b"s", error.number)
    elif isinstance(error, ConnectionError):
        pass  # the client was killed while it was written to
    else:
        # A fault of ours must look like one, not like something a phone printed.
        log.error("program %s failed", call.argv[0], exc_info=error)
        await call.err(f"virtual phone: {call.argv[0]} failed: {error!r}\n")
        await call.finish(b"x", _BROKEN)
