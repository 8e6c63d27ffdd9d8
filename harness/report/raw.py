"""What lies in the run folder of one session: its files with their sums, and the command that the phone was given."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from harness.dumps.battery import battery
from harness.records import SessionRecord

#: raw/BLOCK/s/INDEX
_FOLDER_PARTS = 4


@dataclass(frozen=True)
class RawFile:
    """A file of a session. path: inside the run folder; sha256 and size are None, with the reason, where it is gone."""

    path: str
    size_bytes: int | None
    sha256: str | None
    reason: str | None = None


@dataclass(frozen=True)
class Raw:
    """What one session left. command: as the phone's shell got it; battery_pct: before it; None where not kept."""

    files: tuple[RawFile, ...] = ()
    command: str | None = None
    battery_pct: float | None = None


def read_raw(run_path: Path, sessions: Iterable[SessionRecord]) -> dict[str, Raw]:
    """session_id to what it left; every file is read once for its sum."""
    return {s.session_id: _read(run_path, s) for s in sessions}


def read_commands(run_path: Path, sessions: Iterable[SessionRecord]) -> dict[str, Raw]:
    """session_id to its command alone."""
    return {s.session_id: Raw(command=_text(run_path, s.evidence.get("cmd"))) for s in sessions}


def _read(run_path: Path, session: SessionRecord) -> Raw:
    named = sorted(set(session.evidence.values()))
    folders = sorted({str(PurePosixPath(*PurePosixPath(p).parts[:_FOLDER_PARTS])) for p in named})
    found = {
        path.relative_to(run_path).as_posix()
        for folder in folders
        for path in (run_path / folder).rglob("*")
        if path.is_file()
    }
    files = tuple(_file(run_path, path) for path in sorted(found | set(named)))
    charge = next((p for p in sorted(found) if p.endswith("/before/battery")), None)
    text = _text(run_path, charge)
    return Raw(files, _text(run_path, session.evidence.get("cmd")), battery(text)["level_pct"] if text else None)


def _file(run_path: Path, path: str) -> RawFile:
    try:
        data = (run_path / path).read_bytes()
    except OSError as error:
        return RawFile(path, None, None, error.strerror or "it cannot be read")
    return RawFile(path, len(data), hashlib.sha256(data).hexdigest())


def _text(run_path: Path, path: str | None) -> str | None:
    if path is None:
        return None
    try:
        return (run_path / path).read_bytes().decode("utf-8", "replace").strip()
    except OSError:
        return None
