"""How far a run is, read while it is written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from harness.results.folder import RunFolder
from harness.results.progress import ProgressReader
from tests.records import session


def test_progress_follows_a_run_that_is_written(tmp_path: Path) -> None:
    reader = ProgressReader(tmp_path / "R1")
    assert (reader.read().done, reader.read().planned, reader.read().run_id) == (0, None, "R1")
    phones = [{"phone_id": "P1", "model": "Pixel", "provenance": "virtual"}]
    folder = RunFolder.create(tmp_path, "R1", {"planned": {"P1": 3, "P2": 2}, "phones": phones})
    first = session("first")
    phone_id = first.phone_id
    folder.journal.append(first)
    now = reader.read()
    assert (now.done, now.planned, now.by_phone, now.finished) == (1, 5, {phone_id: 1}, False)
    assert now.phones == {"P1": ("Pixel", "virtual")} and now.last[phone_id].startswith(first.key.model)
    folder.journal.append(replace(first, session_id="another", outcome="crash"))
    journal = folder.path / "journal.jsonl"
    with journal.open("ab") as file:
        file.write(b'rubbish\n{"event": "session", "session": {}}\n{"event": "sess')
    assert reader.read().done == 2 and reader.read().last[phone_id].endswith(": crash")
    folder.journal.close()
    resumed = RunFolder.resume(folder.path)  # cuts the torn end off
    resumed.journal.append(first)
    resumed.journal.append(replace(first, session_id="third", phone_id="P2"))
    resumed.write_meta({"finished": True})
    now = reader.read()
    assert (now.done, now.by_phone, now.finished) == (3, {phone_id: 2, "P2": 1}, True)
    resumed.journal.close()


def test_damage_is_a_run_without_results(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("[]")
    (tmp_path / "journal.jsonl").write_bytes(b"\xff\xfe\n")
    found = ProgressReader(tmp_path).read()
    assert (found.done, found.planned, found.finished) == (0, None, False)
    (tmp_path / "run.json").write_text(json.dumps({"planned": {"P1": "x"}, "phones": [], "run_id": "R"}))
    assert ProgressReader(tmp_path).read().planned is None
