"""The `sync:` service: STAT, LIST, SEND and RECV with their second versions, on the phone's file tree.

Source of the format: the file sync notes of the Android platform tools. Failures carry the reason that a phone gives.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import struct

from harness.virtual.adbd.transport import Stream, StreamClosed
from harness.virtual.pushes import Pushes
from harness.virtual.tree import Tree

CHUNK = 64 * 1024
_ERRNO_TEXT = {
    errno.ENOSPC: "No space left on device",
    errno.EACCES: "Permission denied",
    errno.EPERM: "Operation not permitted",
    errno.ENOENT: "No such file or directory",
    errno.ENOTDIR: "Not a directory",
    errno.EISDIR: "Is a directory",
    errno.EROFS: "Read-only file system",
}


async def serve_sync(stream: Stream, tree: Tree, pushes: Pushes) -> None:
    """Answer requests until QUIT, the end of the stream, or a push that failed: after that adbd closes too."""
    session = _Session(stream, tree, pushes)
    while True:
        name, length = struct.unpack("<4sI", await stream.read_exactly(8))
        if name == b"QUIT":
            return
        if length > 1024:
            await session.fail("path too long")
            return
        path = (await stream.read_exactly(length)).decode("utf-8", "surrogateescape")
        handler = _HANDLERS.get(name)
        if handler is None:
            await session.fail(f"unknown command {name!r}")
            return
        await handler(session, path)
        if session.over:
            return


class _BadMessage(Exception):
    """The client broke the format."""


class _Session:
    def __init__(self, stream: Stream, tree: Tree, pushes: Pushes) -> None:
        self.stream = stream
        self.tree = tree
        self.pushes = pushes
        self.over = False
        self._mtime = 0

    async def fail(self, text: str) -> None:
        data = text.encode()
        await self.stream.write(struct.pack("<4sI", b"FAIL", len(data)) + data)

    async def stat_v1(self, path: str) -> None:
        info = self._lstat(path)
        mode, size, mtime = (info.st_mode, info.st_size, int(info.st_mtime)) if info else (0, 0, 0)
        await self.stream.write(struct.pack("<4s3I", b"STAT", mode, size & 0xFFFFFFFF, mtime))

    async def lstat_v2(self, path: str) -> None:
        await self._stat_v2(b"LST2", path, follow=False)

    async def stat_v2(self, path: str) -> None:
        await self._stat_v2(b"STA2", path, follow=True)

    async def _stat_v2(self, name: bytes, path: str, *, follow: bool) -> None:
        try:
            info = self.tree.resolve(path, follow=follow).lstat()
        except OSError as error:
            await self.stream.write(struct.pack("<4sI", name, error.errno or 5) + bytes(64))
            return
        await self.stream.write(struct.pack("<4sI", name, 0) + _v2_fields(info))

    async def list_v1(self, path: str) -> None:
        for entry, info in self._entries(path):
            head = struct.pack(
                "<4s4I", b"DENT", info.st_mode, info.st_size & 0xFFFFFFFF, int(info.st_mtime), len(entry)
            )
            await self.stream.write(head + entry)
        await self.stream.write(struct.pack("<4s4I", b"DONE", 0, 0, 0, 0))

    async def list_v2(self, path: str) -> None:
        for entry, info in self._entries(path):
            head = struct.pack("<4sI", b"DNT2", 0) + _v2_fields(info) + struct.pack("<I", len(entry))
            await self.stream.write(head + entry)
        await self.stream.write(b"DONE" + bytes(72))

    async def recv_v1(self, path: str) -> None:
        try:
            source = self.tree.open_for_reading(path)
        except OSError as error:
            await self.fail(f"open failed: {_text(error)}")
            return
        with source:
            while data := source.read(CHUNK):
                await self.stream.write(struct.pack("<4sI", b"DATA", len(data)) + data)
        await self.stream.write(struct.pack("<4sI", b"DONE", 0))

    async def recv_v2(self, path: str) -> None:
        await self.stream.read_exactly(8)  # its own id and the flags: no compression was offered
        await self.recv_v1(path)

    async def send_v1(self, path: str) -> None:
        name, _, mode = path.rpartition(",")
        await self._receive_file(name or path, int(mode) if name and mode.isdigit() else 0o100644)

    async def send_v2(self, path: str) -> None:
        _name, mode, _flags = struct.unpack("<4sII", await self.stream.read_exactly(12))
        await self._receive_file(path, mode)

    async def _receive_file(self, path: str, mode: int) -> None:
        if stat.S_ISLNK(mode):
            await self._receive_link(path)
            return
        push = await self.pushes.begin(path)
        try:
            place = self.tree.prepare_new_file(path)
            target = place.open("xb")
        except OSError as error:
            self.pushes.broken(push)
            await self._refuse(f"couldn't create file: {_text(error)}")
            return
        complete = False
        try:
            with target:
                while (piece := await self._next_data()) is not None:
                    target.write(await self.pushes.take(push, piece))
                    await self.pushes.go_on(push)
                await self.pushes.go_on(push, last=True)
            complete = True
        except _BadMessage as error:
            self.over = True
            await self.fail(str(error))
            return
        except StreamClosed:
            raise
        except OSError as error:
            await self._refuse(f"write failed: {_text(error)}")
            return
        finally:
            if not complete:
                self.pushes.broken(push)
                if not push.leave:
                    with contextlib.suppress(OSError):
                        place.unlink()
        # The owner's bits count for everybody, as adbd does.
        owner = mode & 0o700
        place.chmod(owner | owner >> 3 | owner >> 6)
        os.utime(place, (self._mtime, self._mtime))
        await self.stream.write(struct.pack("<4sI", b"OKAY", 0))
        await self.pushes.told(push)

    async def _receive_link(self, path: str) -> None:
        target = b""
        while (piece := await self._next_data()) is not None:
            target += piece
        try:
            self.tree.prepare_new_file(path).symlink_to(os.fsdecode(target.rstrip(b"\0")))
        except OSError as error:
            self.over = True
            await self.fail(f"failed to symlink {path}: {_text(error)}")
            return
        await self.stream.write(struct.pack("<4sI", b"OKAY", 0))

    async def _next_data(self) -> bytes | None:
        """The next piece of a file; None after the last, when the file's time is known."""
        name, length = struct.unpack("<4sI", await self.stream.read_exactly(8))
        if name == b"DONE":
            self._mtime = length
            return None
        if name != b"DATA":
            raise _BadMessage("invalid data message")
        if length > CHUNK:
            raise _BadMessage("oversize data message")
        return await self.stream.read_exactly(length)

    async def _refuse(self, text: str) -> None:
        """Fail a push. What the client has sent by then is read and dropped, or it would never see the reason."""
        self.over = True
        await self.fail(text)
        with contextlib.suppress(_BadMessage):
            while await self._next_data() is not None:
                pass

    def _lstat(self, path: str) -> os.stat_result | None:
        try:
            return self.tree.resolve(path, follow=False).lstat()
        except OSError:
            return None

    def _entries(self, path: str) -> list[tuple[bytes, os.stat_result]]:
        try:
            folder = self.tree.resolve(path)
            found = []
            for entry in sorted(os.scandir(folder), key=lambda e: e.name):
                found.append((os.fsencode(entry.name), entry.stat(follow_symlinks=False)))
            return found
        except OSError:
            return []


def _v2_fields(info: os.stat_result) -> bytes:
    return struct.pack(
        "<QQIIIIQqqq",
        info.st_dev,
        info.st_ino,
        info.st_mode,
        info.st_nlink,
        2000,
        2000,
        info.st_size,
        int(info.st_atime),
        int(info.st_mtime),
        int(info.st_ctime),
    )


def _text(error: OSError) -> str:
    return _ERRNO_TEXT.get(error.errno or 0, error.strerror or "Unknown error")


_HANDLERS = {
    b"STAT": _Session.stat_v1,
    b"STA2": _Session.stat_v2,
    b"LST2": _Session.lstat_v2,
    b"LIST": _Session.list_v1,
    b"LIS2": _Session.list_v2,
    b"RECV": _Session.recv_v1,
    b"RCV2": _Session.recv_v2,
    b"SEND": _Session.send_v1,
    b"SND2": _Session.send_v2,
}
