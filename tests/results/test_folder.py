"""Run folders: written in steps, read back whole, listed even when damaged."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.durable import write_atomic
from harness.errors import HostError, UsageError
from harness.results.folder import RunFolder, list_runs, load_run, new_run_id, phones_meta
from tests.racks import harness
from tests.records import phone, session


def make_run(out: Path, run_id: str = "r1", **meta: Any) -> RunFolder:
    folder = RunFolder.create(out, run_id, {"seed": 3, "started": "2026-01-01T00:00:00+00:00", **meta})
    folder.journal.append(session("b/0000"))
    folder.journal.append(session("b/0001", outcome="crash"))
    return folder


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    phones = [phone("b", ram_mb=7000.5, abilist=("arm64-v8a",)), phone("a", reasons={"gpu": "the phone does not say"})]
    folder = make_run(tmp_path / "new" / "out", phones=phones_meta(phones))
    folder.finish({"finished": True, "wall_s": 1.5})
    run = load_run(folder.path)
    assert run.meta["seed"] == 3 and run.meta["finished"] and run.meta["sessions"] == 2 and run.meta["schema"] == 1
    assert run.phones == (phones[1], phones[0])
    assert [s.outcome for s in run.sessions] == ["ok", "crash"] and run.damage == ()
    assert not list(folder.path.glob("*.part")) and not (folder.path / ".tables").exists()


def test_an_unfinished_run_can_be_read_and_resumed(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    assert len(load_run(folder.path).sessions) == 2
    with pytest.raises(HostError, match="another harness writes"):
        RunFolder.resume(folder.path)
    folder.journal.close()
    again = RunFolder.resume(folder.path)
    assert again.meta == folder.meta and len(again.journal.sessions) == 2
    again.finish({"finished": True})
    assert load_run(folder.path).meta["finished"]


def test_finished_is_written_after_the_tables(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    (folder.path / "sessions.parquet").mkdir()
    (folder.path / "sessions.parquet" / "in_the_way").touch()
    with pytest.raises(HostError, match=r"tables of .* cannot be written: .*; make room"):
        folder.finish({"finished": True})
    run = load_run(folder.path)
    assert not run.meta.get("finished") and len(run.sessions) == 2
    assert not list(folder.path.glob("*.part"))


def test_odd_names_in_meta(tmp_path: Path) -> None:
    folder = make_run(tmp_path, argv=["模型 $(x) '\n.tflite", "m\udcff.tflite"])
    assert load_run(folder.path).meta["argv"] == ["模型 $(x) '\n.tflite", "m\udcff.tflite"]
    assert "模型" in (folder.path / "run.json").read_text(encoding="utf-8")


def test_run_ids_sort_by_time_and_differ() -> None:
    now = datetime.datetime(2026, 3, 1, 12, 0, 0, tzinfo=datetime.UTC)
    later = now + datetime.timedelta(seconds=1)
    one, other, next_one = new_run_id(now, "a"), new_run_id(now, "b"), new_run_id(later, "a")
    assert one != other and sorted([next_one, other, one])[-1] == next_one
    assert one == new_run_id(now, "a") and one.startswith("20260301-120000-")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (None, "is no run folder; give a folder that holds a run.json"),
        ("", "run.json is damaged; journal.jsonl beside it"),
        ("{", "is damaged"),
        ("[]", "is damaged"),
        ("{}", "is damaged"),
        ('{"schema": "1"}', "is damaged"),
        ('{"schema": 1, "phones": [{"phone_id": "a"}]}', "is damaged"),
        ('{"schema": 1, "phones": ["a"]}', "is damaged"),
        ('{"schema": 2}', "was written by a newer harness; update"),
    ],
)
def test_bad_folders(tmp_path: Path, text: str | None, what: str) -> None:
    folder = tmp_path / "a run"
    folder.mkdir()
    if text is not None:
        (folder / "run.json").write_text(text)
    with pytest.raises(UsageError, match=what) as caught:
        load_run(folder)
    assert "\n" not in str(caught.value)
    if text is not None:
        (line,) = list_runs(tmp_path)
        assert line.reason and line.sessions is None


def test_damaged_lines_are_told(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    folder.journal.close()
    with (folder.path / "journal.jsonl").open("ab") as file:
        file.write(b"rubbish\n")
    run = load_run(folder.path)
    assert len(run.sessions) == 2
    assert run.damage == (f"{folder.path}/journal.jsonl:3: this line cannot be read and is left out",)


def test_no_folder_and_one_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no folder"):
        list_runs(tmp_path / "none")
    make_run(tmp_path)
    with pytest.raises(HostError, match="cannot be made: File exists; choose another --out"):
        make_run(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(HostError, match="cannot be made: Not a directory"):
        make_run(tmp_path / "file")


def test_harness_runs_lists_them(tmp_path: Path) -> None:
    later = make_run(tmp_path, "20260102-000000-000000", phones=phones_meta([phone()]))
    make_run(tmp_path, "20260101-000000-000000").journal.close()
    later.finish({"finished": True, "wall_s": 2.0})
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").touch()
    (tmp_path / "else").mkdir()

    document = json.loads(harness("runs", str(tmp_path), "--json").out)
    assert document["schema"] == 1
    first, second, broken = document["rows"]
    assert [first["finished"], first["sessions"], first["phones"]] == [False, 2, 0]
    assert second == {
        "path": str(later.path),
        "run_id": "20260102-000000-000000",
        "started": "2026-01-01T00:00:00+00:00",
        "finished": True,
        "provenance": ["virtual"],
        "phones": 1,
        "sessions": 2,
        "wall_s": 2.0,
        "reason": None,
    }
    assert "is damaged" in broken["reason"] and broken["sessions"] is None
    shown = harness("runs", str(tmp_path))
    assert shown.code == 0 and shown.out.splitlines()[-1] == "3 runs." and "unfinished" in shown.out
    assert harness("runs", str(tmp_path / "none")).code == 2


_KILLED = """
import sys
from pathlib import Path
from harness.results.folder import RunFolder
folder = RunFolder.create(Path(sys.argv[1]), "r", {})
print("ready", flush=True)
n = 0
while True:
    n += 1
    folder.write_meta({"n": n, "filler": "x" * 200_000})
"""


def test_run_json_is_whole_whenever_the_writer_is_killed(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", _KILLED, str(tmp_path)], stdout=subprocess.PIPE)
    assert writer.stdout
    writer.stdout.readline()
    try:
        for _ in range(200):
            load_run(tmp_path / "r")
    finally:
        writer.kill()
        writer.wait(30)
    load_run(tmp_path / "r")


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "file"
    write_atomic(target, "old")
    (tmp_path / "file.part").mkdir()
    with pytest.raises(OSError):
        write_atomic(target, "new")
    assert target.read_text() == "old"
