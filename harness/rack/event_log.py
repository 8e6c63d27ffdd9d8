"""What happened on the rack, a JSON line an event, from every command and user of this machine.

A line counts when its newline is there. What a crash or a full disk leaves without one is closed off by the next
writer, and readers pass over every line that is no event and count them. Lines are not synced one by one: a power cut
may cost the last seconds. At `ROTATE_BYTES` the file becomes `events.jsonl.1`; older ones go.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.durable import encode

NAME = "events.jsonl"
ROTATE_BYTES = 4_000_000
#: Longest text of one field; a phone's output may be of any length.
_LONGEST = 2000


@dataclass(frozen=True)
class EventLog:
    """The last events, oldest first, and how many lines among them could not be read."""

    events: list[dict[str, Any]]
    damaged: int = 0


def event_line(kind: str, epoch_s: float, fields: dict[str, Any]) -> bytes:
    """One event as it is written. Pure; fields that are None are left out."""
    time = datetime.datetime.fromtimestamp(epoch_s, datetime.UTC).isoformat(timespec="milliseconds")
    event = {"time": time, "kind": kind}
    for name, value in sorted(fields.items()):
        if value is not None:
            event[name] = value[:_LONGEST] if isinstance(value, str) else value
    return encode(json.dumps(event, ensure_ascii=False, default=str)) + b"\n"


def append_event(folder: Path, line: bytes, mode: int) -> None:
    """Append a line; call it under the folder's lock.

    Raises:
        OSError: the disk refuses; what was written of the line is taken back.
    """
    path = folder / NAME
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size >= ROTATE_BYTES:
            path.replace(folder / f"{NAME}.1")
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, mode)
    try:
        with contextlib.suppress(OSError):  # of somebody else's file
            os.fchmod(file, mode)
        size = os.fstat(file).st_size
        if size and os.pread(file, 1, size - 1) != b"\n":
            line = b"\n" + line
        if os.write(file, line) != len(line):
            os.ftruncate(file, size)
            raise OSError("the disk took only part of a line")
    finally:
        os.close(file)


def read_events(folder: Path, last: int) -> EventLog:
    """The last events, over the rotation too.

    Raises:
        OSError: a file is there and cannot be read.
    """
    events: list[dict[str, Any]] = []
    damaged = 0
    for name in (NAME, f"{NAME}.1"):
        try:
            lines = (folder / name).read_bytes().split(b"\n")
        except FileNotFoundError:
            continue
        for line in reversed(lines):
            if len(events) >= last:
                return EventLog(events[::-1], damaged)
            if not line:
                continue
            try:
                event = json.loads(line)
                if not isinstance(event["kind"], str) or not isinstance(event["time"], str):
                    raise TypeError
                events.append(event)
            except (ValueError, TypeError, KeyError, RecursionError):
                damaged += 1
    return EventLog(events[::-1], damaged)
