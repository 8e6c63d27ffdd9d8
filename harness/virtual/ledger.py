"""The ledger of a virtual rack: what truly happened on its phones, one JSON line an event, for tests to count by.

It knows nothing of the harness that uses the phones, so that it can be held against what that harness says. Every line
has `event`, `provenance` ("virtual"), `rack` (another for each start) and `host_s` (the host's clock), and those of a
phone have `phone` (index), `phone_id`, `serial` (now), `boot` (1 for the first), `boot_id` and `uptime_s`.
docs/virtual_phones.md lists the events; ledger_reader.py reads them.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.errors import UsageError

#: Where a harness keeps its files on a phone, as seen from the phone's root.
OURS = "data/local/tmp/harness"
_MOST_FILES = 2000
_LEASE_BYTES = 4096


class LedgerFile:
    """A file that gets whole lines, each written by one call, so that several racks may share it.

    Raises:
        UsageError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise UsageError(f"--ledger {path} cannot be written: {error.strerror}") from None
        self._rack = secrets.token_hex(4)

    def write(self, event: str, fields: dict[str, Any]) -> None:
        """Append one line."""
        head = {"event": event, "provenance": "virtual", "rack": self._rack}
        line = json.dumps({**head, **fields, "host_s": round(time.time(), 3)}) + "\n"
        os.write(self._fd, line.encode())

    def close(self) -> None:
        """Let the file go."""
        os.close(self._fd)


class PhoneLedger:
    """What one phone writes; without a file it only counts the runs of benchmark programs.

    Args:
        where: the fields that tell phone, boot and uptime, asked at each line.
    """

    def __init__(self, file: LedgerFile | None, where: Callable[[], dict[str, Any]]) -> None:
        self._file = file
        self._where = where
        self._runs = 0
        self._open: set[int] = set()
        self._struck = 0
        self._faults: dict[int, str] = {}

    @property
    def under_way(self) -> list[int]:
        """Numbers of the runs that have begun and not ended."""
        return sorted(self._open)

    def note(self, event: str, **fields: Any) -> None:
        """Write one line."""
        if self._file:
            self._file.write(event, {**self._where(), **fields})

    def begin_run(self, **fields: Any) -> int:
        """A benchmark program starts; its number, counted from 1 on this phone of this rack."""
        self._runs += 1
        self._open.add(self._runs)
        self.note("run_begin", run=self._runs, faults=sorted(self._faults), **fields)
        return self._runs

    def end_run(self, run: int, *, how: str, code: int | None = None, signal: int | None = None) -> None:
        """It ended: `exit` with a code, `signal` that it sent itself, `killed` by somebody, or `rack_end`."""
        if run in self._open:
            self._open.discard(run)
            self.note("run_end", run=run, how=how, code=code, signal=signal)

    def begin_fault(self, kind: str, *, disturbs: bool, **fields: Any) -> int:
        """A fault strikes; its number, counted from 1 on this phone. `runs`: those that were under way."""
        self._struck += 1
        self._faults[self._struck] = kind
        head = {"fault": self._struck, "kind": kind, "disturbs": disturbs, "runs": self.under_way}
        self.note("fault", **head, **fields)
        return self._struck

    def end_fault(self, number: int) -> None:
        """What it did is over."""
        if kind := self._faults.pop(number, None):
            self.note("fault_end", fault=number, kind=kind)

    def close(self) -> None:
        """End what still runs, as the rack ends under it."""
        for run in self.under_way:
            self.end_run(run, how="rack_end")


def left_files(root: Path) -> dict[str, Any]:
    """What a harness has left below its folder: `files` (path and bytes), how many there are, and `leases` by path."""
    ours = root / OURS
    files: dict[str, int] = {}
    leases: dict[str, str] = {}
    count = 0
    for folder, _, names in os.walk(ours):
        for name in sorted(names):
            place = Path(folder) / name
            path = place.relative_to(ours).as_posix()
            try:
                size = place.lstat().st_size
                if path.startswith("leases/"):
                    leases[path] = place.read_bytes()[:_LEASE_BYTES].decode("utf-8", "replace")
            except OSError:  # gone, or not for us to read
                continue
            count += 1
            if count <= _MOST_FILES:
                files[path] = size
    return {"files": dict(sorted(files.items())), "files_count": count, "leases": leases}
