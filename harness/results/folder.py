"""A run is a folder: run.json, journal.jsonl, raw/, and Parquet tables at the end. Runs are never edited."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import HostError, UsageError
from harness.records import PhoneRecord, SessionRecord, from_json, to_json
from harness.results.journal import Journal, read_journal

SCHEMA = 1


@dataclass(frozen=True)
class Run:
    """A run as read back: what run.json says, and its sessions in the order in which they finished."""

    path: Path
    meta: dict[str, Any]
    phones: tuple[PhoneRecord, ...]
    sessions: tuple[SessionRecord, ...]


def new_run_id(now: datetime.datetime, salt: str) -> str:
    """A name that sorts by time and differs between runs of one second."""
    return f"{now:%Y%m%d-%H%M%S}-{hashlib.sha256(salt.encode()).hexdigest()[:6]}"


class RunFolder:
    """A run that is being written."""

    def __init__(self, path: Path, meta: dict[str, Any]) -> None:
        self.path = path
        self.meta = meta
        self.journal = Journal(path / "journal.jsonl")

    @classmethod
    def create(cls, out: Path, run_id: str, meta: dict[str, Any]) -> RunFolder:
        """A new folder `out`/`run_id`.

        Raises:
            HostError: it cannot be made.
        """
        path = out / run_id
        try:
            (path / "raw").mkdir(parents=True)
        except OSError as error:
            raise HostError(f"{path} cannot be made: {error.strerror}", advice="choose another --out") from error
        folder = cls(path, {"schema": SCHEMA, "run_id": run_id, **meta})
        folder.write_meta({})
        return folder

    @classmethod
    def resume(cls, path: Path) -> RunFolder:
        """A folder that a run left unfinished.

        Raises:
            UsageError: it is no run folder.
        """
        return cls(path, _read_meta(path))

    def write_meta(self, changes: dict[str, Any]) -> None:
        """Put `changes` into run.json, in one step."""
        self.meta.update(changes)
        text = json.dumps(self.meta, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        part = self.path / "run.json.part"
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.path / "run.json")

    def finish(self, changes: dict[str, Any]) -> None:
        """Complete run.json, write the tables, and close."""
        from harness.results.tables import write_tables

        self.write_meta(changes)
        self.journal.close()
        write_tables(load_run(self.path))


def load_run(path: Path) -> Run:
    """Read a run folder; the journal is the truth, tables can always be made again from it.

    Raises:
        UsageError: it is no run folder.
    """
    meta = _read_meta(path)
    sessions, _ = read_journal(path / "journal.jsonl")
    phones = tuple(from_json(PhoneRecord, p) for p in meta.get("phones", []))
    return Run(path, meta, phones, tuple(sessions))


def list_runs(out: Path) -> list[Run]:
    """Every run below `out`, oldest first; other folders are passed over.

    Raises:
        UsageError: there is no such folder.
    """
    if not out.is_dir():
        raise UsageError(f"{out} is no folder", advice="give the --out of earlier runs")
    return [load_run(p.parent) for p in sorted(out.glob("*/run.json"))]


def phones_meta(phones: list[PhoneRecord]) -> list[dict[str, Any]]:
    """Phones as run.json keeps them."""
    return [to_json(p) for p in sorted(phones, key=lambda p: p.phone_id)]


def _read_meta(path: Path) -> dict[str, Any]:
    try:
        meta = json.loads((path / "run.json").read_text(encoding="utf-8"))
    except OSError:
        raise UsageError(f"{path} is no run folder", advice="give a folder that holds a run.json") from None
    except ValueError:
        raise UsageError(
            f"{path / 'run.json'} is damaged", advice="the journal beside it still holds the sessions"
        ) from None
    if not isinstance(meta, dict) or meta.get("schema", 0) > SCHEMA:
        raise UsageError(f"{path} was written by a newer harness", advice="update phone-rack-harness")
    return meta
