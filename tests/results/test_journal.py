"""What is synced stays, whatever happens to the writer."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import HostError, UsageError
from harness.records import PhaseStats, Quantity, SessionRecord, from_json, to_json
from harness.results.folder import RunFolder, list_runs, load_run
from harness.results.journal import Journal, read_journal
from tests.records import session


def test_a_record_survives_json() -> None:
    record = session("b/0001", timed_run=PhaseStats(3, p95_us=7.0), power_mw=Quantity(reason="charging"))
    import json

    assert from_json(SessionRecord, json.loads(json.dumps(to_json(record)))) == record


def test_append_is_idempotent_and_reloads(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.begin_block("b", "p")
    assert journal.append(session("b/0000")) and not journal.append(session("b/0000", outcome="crash"))
    journal.close()
    again = Journal(tmp_path / "j")
    assert not again.append(session("b/0000"))
    assert again.blocks == {"b": "p"} and again.sessions["b/0000"].outcome == "ok"


def test_a_torn_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal = Journal(path)
    journal.append(session("b/0000"))
    journal.close()
    with path.open("ab") as file:
        file.write(b'{"event": "session", "session": {"session_id": "b/00')
    again = Journal(path)
    again.append(session("b/0001"))
    again.close()
    assert [s.session_id for s in read_journal(path)[0]] == ["b/0000", "b/0001"]


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    first = Journal(tmp_path / "j")
    with pytest.raises(HostError, match="another harness writes"):
        Journal(tmp_path / "j")
    first.close()


_WRITER = """
import sys
from pathlib import Path
from harness.results.journal import Journal
from tests.records import session
journal = Journal(Path(sys.argv[1]))
for n in range(100000):
    journal.append(session(f"b/{n:06d}"))
    print(n, flush=True)
"""


def test_a_killed_writer_loses_nothing_it_reported(tmp_path: Path) -> None:
    path = tmp_path / "j"
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout
    reported = [int(writer.stdout.readline()) for _ in range(50)]
    writer.send_signal(signal.SIGKILL)
    reported += [int(line) for line in writer.stdout.read().splitlines()]
    writer.wait()
    kept = [s.session_id for s in read_journal(path)[0]]
    assert kept[: len(reported)] == [f"b/{n:06d}" for n in reported]
    Journal(path).close()


def test_folder_tables_and_list(tmp_path: Path) -> None:
    import duckdb

    folder = RunFolder.create(tmp_path, "r1", {"seed": 3})
    folder.journal.append(session("b/0000"))
    folder.journal.append(session("b/0001", outcome="crash"))
    folder.finish({"finished": True})
    run = load_run(folder.path)
    assert run.meta["seed"] == 3 and len(run.sessions) == 2
    rows = duckdb.sql(f"SELECT outcome, inference_avg_us FROM '{folder.path}/sessions.parquet' ORDER BY 1").fetchall()
    assert [r[0] for r in rows] == ["crash", "ok"]
    assert duckdb.sql(f"SELECT sessions FROM '{folder.path}/summary.parquet'").fetchall() == [(1,)]
    assert [r.path for r in list_runs(tmp_path)] == [folder.path]
    with pytest.raises(UsageError, match="is no run folder"):
        load_run(tmp_path)


def test_schema_is_documented() -> None:
    from harness.results.schema import describe

    page = (Path(__file__).parents[2] / "docs" / "run_folder.md").read_text()
    assert describe() in page
