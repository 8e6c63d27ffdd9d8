"""A run is a folder: run.json, journal.jsonl, raw/, and Parquet tables at the end (docs/run_folder.md)."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.durable import sync_folder, write_atomic
from harness.errors import HostError, UsageError
from harness.records import PhoneRecord, SessionRecord, from_json, to_json
from harness.results.added import with_added
from harness.results.journal import Journal, read_journal
from harness.results.verdicts import void_wrong

SCHEMA = 1
META = "run.json"
JOURNAL = "journal.jsonl"


@dataclass(frozen=True)
class Run:
    """A run as read back: what run.json says, and its sessions in the order in which they finished.

    Timed sessions of a condition whose outputs are wrong carry the flag `wrong_output`, whatever the journal holds.
    `damage` holds a sentence a thing that could not be read.
    """

    path: Path
    meta: dict[str, Any]
    phones: tuple[PhoneRecord, ...]
    sessions: tuple[SessionRecord, ...]
    damage: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunLine:
    """A run in a list; `reason` says why one cannot be read, and then the rest is None or empty."""

    path: Path
    run_id: str
    started: str | None = None
    finished: bool | None = None
    provenance: tuple[str, ...] = ()
    phones: int | None = None
    sessions: int | None = None
    wall_s: float | None = None
    reason: str | None = None


def new_run_id(now: datetime.datetime, salt: str) -> str:
    """A name that sorts by time and differs between runs of one second.

    Args:
        now: UTC.
        salt: anything random.
    """
    return f"{now:%Y%m%d-%H%M%S}-{hashlib.sha256(salt.encode()).hexdigest()[:6]}"


class RunFolder:
    """A run that is being written."""

    def __init__(self, path: Path, meta: dict[str, Any]) -> None:
        self.path = path
        self.meta = meta
        self.journal = Journal(path / JOURNAL)

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
        sync_folder(out)
        folder = cls(path, {"schema": SCHEMA, "run_id": run_id, **meta})
        folder.write_meta({})
        return folder

    @classmethod
    def resume(cls, path: Path) -> RunFolder:
        """A folder that a run left unfinished.

        Raises:
            UsageError: it is no run folder.
            HostError: a harness still writes it.
        """
        return cls(path, _read_meta(path))

    def write_meta(self, changes: dict[str, Any]) -> None:
        """Put `changes` into run.json, in one step.

        Raises:
            HostError: the disk refuses; run.json is as it was.
        """
        meta = {**self.meta, **changes}
        try:
            write_atomic(self.path / META, json.dumps(meta, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
        except OSError as error:
            raise HostError(
                f"{self.path / META} cannot be written: {error.strerror}", advice="make room on the disk"
            ) from error
        self.meta = meta

    def finish(self, changes: dict[str, Any]) -> None:
        """Write the tables, complete run.json and let the journal go.

        `finished` in `changes` is written last, so that a finished run has its tables.

        Raises:
            HostError: the disk refuses; the journal holds every session all the same.
        """
        from harness.results.tables import write_tables

        rest = {k: v for k, v in changes.items() if k != "finished"}
        self.write_meta({**rest, "sessions": len(self.journal.sessions)})
        self.journal.close()
        write_tables(load_run(self.path))
        self.write_meta({"finished": changes.get("finished", True)})


def load_run(path: Path) -> Run:
    """Read a run folder; the journal is the truth, tables can always be made again from it.

    Raises:
        UsageError: it is no run folder, or run.json is damaged.
    """
    meta = _read_meta(path)
    try:
        phones = tuple(from_json(PhoneRecord, p) for p in meta.get("phones", []))
    except (TypeError, AttributeError):
        raise _damaged(path) from None
    try:
        found = read_journal(path / JOURNAL)
    except OSError as error:
        raise UsageError(f"{path / JOURNAL} cannot be read: {error.strerror}") from None
    damage = tuple(f"{path / JOURNAL}:{n}: this line cannot be read and is left out" for n in found.damaged)
    sessions, more = with_added(path, void_wrong(found.sessions))
    return Run(path, meta, phones, sessions, damage + more)


def list_runs(out: Path) -> list[RunLine]:
    """Every run below `out`, oldest first, the damaged ones too; other folders are passed over.

    Raises:
        UsageError: there is no such folder.
    """
    if not out.is_dir():
        raise UsageError(f"{str(out)!r} is no folder", advice="give the --out of earlier runs")
    found = [_line(p.parent) for p in out.glob(f"*/{META}")]
    return sorted(found, key=lambda r: (r.run_id, str(r.path)))


def phones_meta(phones: list[PhoneRecord]) -> list[dict[str, Any]]:
    """Phones as run.json keeps them."""
    return [to_json(p) for p in sorted(phones, key=lambda p: p.phone_id)]


def _line(path: Path) -> RunLine:
    try:
        meta = _read_meta(path)
        sessions = meta.get("sessions") if meta.get("finished") else None
        return RunLine(
            path,
            str(meta.get("run_id", path.name)),
            meta.get("started"),
            bool(meta.get("finished")),
            tuple(sorted({p["provenance"] for p in meta.get("phones", [])})),
            len(meta.get("phones", [])),
            sessions if sessions is not None else len(read_journal(path / JOURNAL).sessions),
            meta.get("wall_s"),
        )
    except UsageError as error:
        return RunLine(path, path.name, reason=str(error))
    except (OSError, TypeError, KeyError):
        return RunLine(path, path.name, reason=str(_damaged(path)))


def _read_meta(path: Path) -> dict[str, Any]:
    try:
        meta = json.loads((path / META).read_bytes())
    except OSError:
        advice = "give a folder that holds a run.json; harness runs DIR lists them"
        raise UsageError(f"{str(path)!r} is no run folder", advice=advice) from None
    except ValueError:
        raise _damaged(path) from None
    if not isinstance(meta, dict) or not isinstance(meta.get("schema"), int):
        raise _damaged(path)
    if meta["schema"] > SCHEMA:
        raise UsageError(f"{str(path)!r} was written by a newer harness", advice="update phone-rack-harness")
    return meta


def _damaged(path: Path) -> UsageError:
    return UsageError(f"{path / META} is damaged", advice="journal.jsonl beside it still holds the sessions")
