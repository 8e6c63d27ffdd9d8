"""Files to and from a phone over `sync:`, with deadlines and the phone's own reasons for a failure."""

from __future__ import annotations

import io
import logging
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from harness.adb.link import Deadline, Link, open_service
from harness.errors import HostError, PhoneError, PhoneTransientError, StorageFullError

if TYPE_CHECKING:
    from adbutils import AdbClient

log = logging.getLogger("harness.adb")

_CHUNK = 64 * 1024


def send_file(client: AdbClient, serial: str, source: Path | bytes, path: str, *, mode: int, timeout_s: float) -> int:
    """Write a file on the phone, in place; the caller sees to a temporary name.

    Returns:
        Bytes sent.

    Raises:
        PhoneError: the phone refused, with its reason (storage full, permission denied).
        PhoneTransientError: the link was lost.
        DeadlineError: it took too long.
        HostError: the source cannot be read.
    """
    try:
        stream: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    except OSError as error:
        raise HostError(f"{source!r} cannot be read: {error.strerror}") from error
    sent, started = 0, time.monotonic()
    with stream, open_service(client, serial, "sync:", Deadline(timeout_s)) as link:
        request = f"{path},{0o100000 | mode}".encode()
        try:
            link.send(struct.pack("<4sI", b"SEND", len(request)) + request)
            while data := stream.read(_CHUNK):
                link.send(struct.pack("<4sI", b"DATA", len(data)) + data)
                sent += len(data)
            link.send(struct.pack("<4sI", b"DONE", int(time.time())))
        except PhoneTransientError as lost:
            # The phone may have closed because it refused: its reason is then still to be read.
            reason = _pending_failure(link)
            if reason is None:
                raise
            raise _refused(serial, path, reason) from lost
        name, length = link.read_frame()
        if name == b"FAIL":
            raise _refused(serial, path, link.read(length).decode("utf-8", "replace"))
    took_s = time.monotonic() - started
    log.debug("%s push %s: %d bytes in %.3f s", serial, path, sent, took_s, extra={"serial": serial})
    return sent


def receive_file(client: AdbClient, serial: str, path: str, target: BinaryIO, *, timeout_s: float) -> int:
    """Read a file of the phone into `target`.

    Returns:
        Bytes received.

    Raises:
        PhoneError: the phone refused, with its reason.
        PhoneTransientError: the link was lost.
        DeadlineError: it took too long.
    """
    received, started = 0, time.monotonic()
    with open_service(client, serial, "sync:", Deadline(timeout_s)) as link:
        request = path.encode()
        link.send(struct.pack("<4sI", b"RECV", len(request)) + request)
        while True:
            name, length = link.read_frame()
            if name == b"DONE":
                took_s = time.monotonic() - started
                log.debug("%s pull %s: %d bytes in %.3f s", serial, path, received, took_s, extra={"serial": serial})
                return received
            if name == b"FAIL":
                reason = link.read(length).decode("utf-8", "replace")
                raise PhoneError(f"{path} cannot be read: {reason}", serial=serial)
            target.write(link.read(length))
            received += length


def _pending_failure(link: Link) -> str | None:
    try:
        name, length = link.read_frame()
        return link.read(length).decode("utf-8", "replace") if name == b"FAIL" else None
    except PhoneTransientError:
        return None


def _refused(serial: str, path: str, reason: str) -> PhoneError:
    if "No space left" in reason:
        return StorageFullError(
            f"storage is full, so {path} could not be written", serial=serial, advice="run harness clean"
        )
    return PhoneError(f"{path} could not be written: {reason}", serial=serial)
