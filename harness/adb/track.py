"""Follows the phones of an adb server in a thread: reconnects, and reports each change once."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

_RETRY_S = 0.5


@dataclass(frozen=True)
class DeviceChange:
    """A phone is now in `state`; None: it is gone."""

    serial: str
    state: str | None


class DeviceTracker:
    """Snapshots of the server compared with each other, so that absent-and-back within one change is one change.

    While the server is away nothing is reported; when it is back, the differences are.
    """

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._changes: queue.Queue[DeviceChange | None] = queue.Queue()
        self._known: dict[str, str] = {}
        self._closing = threading.Event()
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="adb-track", daemon=True)
        self._thread.start()

    def get(self, timeout_s: float) -> DeviceChange | None:
        """The next change, or None when there is none in time or the tracker was closed."""
        try:
            return self._changes.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def __iter__(self) -> Iterator[DeviceChange]:
        while (change := self._changes.get()) is not None:
            yield change

    def close(self) -> None:
        """End the thread; iteration stops."""
        self._closing.set()
        if self._socket:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._changes.put(None)

    def _run(self) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(OSError, ValueError):
                self._follow()
            self._closing.wait(_RETRY_S)

    def _follow(self) -> None:
        with socket.create_connection(self._address, timeout=5) as link:
            self._socket = link
            link.settimeout(None)
            link.sendall(b"0012host:track-devices")
            stream = link.makefile("rb")
            if stream.read(4) != b"OKAY":
                return
            while head := stream.read(4):
                text = stream.read(int(head, 16)).decode("utf-8", "replace")
                self._compare(dict(line.split("\t", 1) for line in text.splitlines() if "\t" in line))

    def _compare(self, now: dict[str, str]) -> None:
        for serial in sorted(self._known.keys() - now.keys()):
            self._changes.put(DeviceChange(serial, None))
        for serial, state in sorted(now.items()):
            if self._known.get(serial) != state:
                self._changes.put(DeviceChange(serial, state))
        self._known = now
