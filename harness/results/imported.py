"""Writes a run folder of sessions that were measured elsewhere, with their files as evidence."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.durable import sync_folder
from harness.errors import HostError
from harness.records import PhoneRecord, SessionRecord
from harness.results.folder import RunFolder, phones_meta


def write_imported(
    out: Path,
    run_id: str,
    meta: dict[str, Any],
    phone: PhoneRecord,
    sessions: Sequence[tuple[SessionRecord, Mapping[str, Path]]],
) -> Path:
    """A finished run folder `out`/`run_id`; the files are copied before a session counts.

    Args:
        meta: further keys of run.json.
        sessions: records, and their files by the kind that the record's evidence names them.

    Raises:
        HostError: the disk refuses.
    """
    folder = RunFolder.create(out, run_id, {**meta, "phones": phones_meta([phone]), "finished": False})
    sources = []
    for record, files in sessions:
        place = folder.path / "raw" / record.block_id / "s" / record.session_id.rsplit("/", 1)[1]
        evidence = {}
        for kind, path in files.items():
            target = place / kind / path.name
            _copy(path, target)
            evidence[kind] = target.relative_to(folder.path).as_posix()
            digest = hashlib.sha256(target.read_bytes()).hexdigest()
            sources.append({"session_id": record.session_id, "file": path.name, "sha256": digest})
        folder.journal.append(dataclasses.replace(record, evidence=evidence))
    reason = "measured elsewhere"
    times = {"wall_s": None, "wall_s_reason": reason, "ideal_s": None, "ideal_s_reason": reason}
    folder.finish({"imported": sources, "bytes_pushed": 0, **times, "finished": True})
    return folder.path


def _copy(path: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        sync_folder(target.parent)
    except OSError as error:
        raise HostError(
            f"{path} cannot be copied to {target}: {error.strerror}", advice="make room on the disk"
        ) from error
