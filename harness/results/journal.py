"""The journal of a run: a JSON line per event, synced before it counts, under one writer's lock.

Events are `block` (about to start on a phone, under a lease), `session` (finished) and `job` (ended, with what). A line
counts when its newline is on the disk.
What a crash leaves behind the last newline is cut off by the next writer and not read by readers; a whole line that
cannot be read (a damaged disk) is passed over and counted. Unknown events and keys are passed over, so that an older
harness reads a newer journal.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from harness.durable import encode, sync_folder
from harness.errors import HostError
from harness.records import SessionRecord, from_json, to_json

log = logging.getLogger("harness.results")


@dataclass(frozen=True)
class BlockStart:
    """A block that was about to start on a phone. lease: number and key under which the phone was held, if it was."""

    block_id: str
    phone_id: str
    lease: tuple[int, str] | None = None


@dataclass(frozen=True)
class JobEnd:
    """How a job ended: kind None where it is complete, else the kind of failure (harness/rack/failure.py) and why.

    phone_id: the phone that it ended on, None where it never had one.
    """

    job_id: str
    phone_id: str | None
    kind: str | None = None
    message: str = ""
    tries: int = 1


class JournalContents(NamedTuple):
    """What a journal holds.

    Attributes:
        sessions: in the order in which they finished, each id once.
        blocks: by block id, as last started.
        ends: by job id, as last ended.
        end: bytes up to the last newline.
        damaged: numbers of lines that cannot be read.
    """

    sessions: list[SessionRecord]
    blocks: dict[str, BlockStart]
    ends: dict[str, JobEnd]
    end: int
    damaged: list[int]


class Journal:
    """Appends to `path`; a second writer is refused. Appending a session twice keeps the first.

    Safe to use from several threads. The lock (flock) ends with the process, however that ends; Windows has none.

    Raises:
        HostError: another process writes this journal, or the disk refuses.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._guard = threading.Lock()
        try:
            self._file: BinaryIO = path.open("ab", buffering=0)
            _lock(self._file, path)
            # Read under the lock: what another writer appended until now is known.
            found = read_journal(path)
            self._end = found.end
            self._file.truncate(self._end)
            sync_folder(path.parent)
        except OSError as error:
            raise HostError(f"{path} cannot be written: {error.strerror}") from error
        for number in found.damaged:
            log.warning("%s:%d: this line cannot be read and is left out; what it held runs again", path, number)
        self.blocks = found.blocks
        self.ends = found.ends
        self.sessions: dict[str, SessionRecord] = {s.session_id: s for s in found.sessions}

    def append(self, record: SessionRecord) -> bool:
        """Sync a finished session to disk; False where it is known already.

        Raises:
            HostError: the disk refuses; the session does not count and can be appended again.
        """
        with self._guard:
            if record.session_id in self.sessions:
                return False
            self._write({"event": "session", "session": to_json(record)})
            self.sessions[record.session_id] = record
            return True

    def begin_block(self, start: BlockStart) -> None:
        """Sync that a block is about to start on a phone, so that it can be collected after a crash.

        Raises:
            HostError: the disk refuses; do not start the block.
        """
        with self._guard:
            if self.blocks.get(start.block_id) != start:
                self._write({"event": "block", **to_json(start)})
                self.blocks[start.block_id] = start

    def end_job(self, end: JobEnd) -> None:
        """Sync how a job ended; an end that is known already is not written again.

        Raises:
            HostError: the disk refuses.
        """
        with self._guard:
            if self.ends.get(end.job_id) != end:
                self._write({"event": "job", **to_json(end)})
                self.ends[end.job_id] = end

    def close(self) -> None:
        """Let the lock go."""
        self._file.close()

    def _write(self, event: dict[str, Any]) -> None:
        line = memoryview(encode(json.dumps(event, sort_keys=True, ensure_ascii=False)) + b"\n")
        size = len(line)
        try:
            while line:
                line = line[self._file.write(line) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            # Half a line would swallow the next one.
            self._file.truncate(self._end)
            raise HostError(
                f"{self.path} cannot be written: {error.strerror}", advice="make room on the disk"
            ) from error
        self._end += size


def read_journal(path: Path) -> JournalContents:
    """Read a journal; one that is missing is empty.

    Raises:
        OSError: it is there and cannot be read.
    """
    sessions: dict[str, SessionRecord] = {}
    blocks: dict[str, BlockStart] = {}
    ends: dict[str, JobEnd] = {}
    damaged = []
    # Not splitlines(): that ends lines at carriage returns too.
    *lines, _torn = path.read_bytes().split(b"\n") if path.exists() else [b""]
    for number, line in enumerate(lines, start=1):
        try:
            event = json.loads(line)
            if event["event"] == "session":
                record = from_json(SessionRecord, event["session"])
                sessions.setdefault(record.session_id, record)
            elif event["event"] == "block":
                start = from_json(BlockStart, event)
                blocks[start.block_id] = start
            elif event["event"] == "job":
                end = from_json(JobEnd, event)
                ends[end.job_id] = end
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            damaged.append(number)
    return JournalContents(list(sessions.values()), blocks, ends, sum(len(line) + 1 for line in lines), damaged)


def _lock(file: BinaryIO, path: Path) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise HostError(f"another harness writes {path}", advice="wait for it, or choose another --out") from None
