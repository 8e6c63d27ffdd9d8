"""The journal of a run: a JSON line per event, synced before it counts, under one writer's lock."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from harness.errors import HostError
from harness.records import SessionRecord, from_json, to_json


class Journal:
    """Appends to `path`; a second writer is refused. Appending a session twice keeps the first.

    Raises:
        HostError: another process writes this journal, or the disk refuses.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._guard = threading.Lock()
        sessions, self.blocks, length = _read(path)
        self.sessions: dict[str, SessionRecord] = {s.session_id: s for s in sessions}
        try:
            self._file: BinaryIO = path.open("ab")
            _lock(self._file, path)
            # A line that a crash tore is cut off, so that the next one starts on a line of its own.
            self._file.truncate(length)
        except OSError as error:
            raise HostError(f"{path} cannot be written: {error.strerror}") from error

    def append(self, record: SessionRecord) -> bool:
        """Sync a finished session to disk; False where it is known already."""
        with self._guard:
            if record.session_id in self.sessions:
                return False
            self._write({"event": "session", "session": to_json(record)})
            self.sessions[record.session_id] = record
            return True

    def begin_block(self, block_id: str, phone_id: str) -> None:
        """Sync that a block is about to start on a phone, so that it can be collected after a crash."""
        with self._guard:
            if block_id not in self.blocks:
                self._write({"event": "block", "block_id": block_id, "phone_id": phone_id})
                self.blocks[block_id] = phone_id

    def close(self) -> None:
        """Let the lock go."""
        self._file.close()

    def _write(self, event: dict[str, Any]) -> None:
        try:
            self._file.write(json.dumps(event, sort_keys=True, ensure_ascii=False).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise HostError(
                f"{self.path} cannot be written: {error.strerror}", advice="make room on the disk"
            ) from error


def read_journal(path: Path) -> tuple[list[SessionRecord], dict[str, str]]:
    """Sessions in order, and block ids with their phones; a torn last line is left out."""
    sessions, blocks, _ = _read(path)
    return sessions, blocks


def _read(path: Path) -> tuple[list[SessionRecord], dict[str, str], int]:
    sessions: dict[str, SessionRecord] = {}
    blocks: dict[str, str] = {}
    length = 0
    for end, event in _events(path):
        length = end
        if event.get("event") == "session":
            record = from_json(SessionRecord, event["session"])
            sessions.setdefault(record.session_id, record)
        elif event.get("event") == "block":
            blocks[event["block_id"]] = event["phone_id"]
    return list(sessions.values()), blocks, length


def _events(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    if not path.exists():
        return
    end = 0
    for line in path.read_bytes().splitlines(keepends=True):
        if not line.endswith(b"\n"):
            return
        end += len(line)
        with contextlib.suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict):
                yield end, event


def _lock(file: BinaryIO, path: Path) -> None:
    try:
        import fcntl
    except ImportError:  # Windows: a second writer is not noticed there
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise HostError(f"another harness writes {path}", advice="wait for it, or choose another --out") from None
