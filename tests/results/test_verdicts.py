"""A wrong output voids the timed sessions of its condition, and no others, wherever a run is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from harness.records import Agreement, SessionKey, SessionRecord
from harness.results.folder import RunFolder, load_run
from harness.results.tables import session_row
from harness.results.verdicts import void_wrong
from tests.records import session

CPU, GPU = (SessionKey("m", "int8", delegate, {}, 4) for delegate in ("cpu", "gpu"))


def checked(name: str, verdict: str | None, key: SessionKey = GPU, **fields: Any) -> SessionRecord:
    found = Agreement(0, "f.npz", verdict, None if verdict == "agrees" else "why", error_pct=40.0, signs=("nan",))
    outcome = "wrong_output" if verdict == "wrong" else "ok"
    return session(name, key=key, kind="outputs", agreement=found, outcome=outcome, **fields)


def test_all_threads_of_the_condition_are_void_and_nothing_else() -> None:
    sessions = [
        session("b/0000", key=GPU),
        session("b/0001", key=SessionKey("m", "int8", "gpu", {}, 1), flags=("busy",)),
        session("b/0002", key=CPU),
        session("b/0003", key=SessionKey("m", "int8", "gpu", {"precision": "fp32"}, 4)),
        session("b/0004", key=SessionKey("m", "float32", "gpu", {}, 4)),
        session("c/0000", key=GPU, phone_id="P2"),
        checked("b/0005", "wrong"),
        checked("b/0006", "agrees"),
    ]
    flags = {s.session_id: s.flags for s in void_wrong(sessions)}
    assert flags.pop("b/0000") == ("wrong_output",) and flags.pop("b/0001") == ("busy", "wrong_output")
    assert set(flags.values()) == {()}


def test_what_agrees_or_was_not_checked_voids_nothing() -> None:
    sessions = [session("b/0000", key=GPU), checked("b/0001", "agrees"), checked("b/0002", None)]
    assert list(void_wrong(sessions)) == sessions


def test_a_run_is_read_with_it_and_its_tables_hold_it(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "r", {})
    for record in (session("b/0000", key=GPU), session("b/0001", key=CPU), checked("b/0002", "wrong"), checked("b/0003", "agrees", CPU)):  # fmt: skip
        folder.journal.append(record)
    folder.finish({})
    assert '"flags": []' in (folder.path / "journal.jsonl").read_text(), "the journal is not edited"
    assert [s.flags for s in load_run(folder.path).sessions[:2]] == [("wrong_output",), ()]
    found = duckdb.sql(
        f"SELECT session_id, kind, counts, agreement, agreement_signs, error_pct FROM '{folder.path}/sessions.parquet'"
    ).fetchall()
    assert found == [
        ("b/0000", "timing", False, None, None, None),
        ("b/0001", "timing", True, None, None, None),
        ("b/0002", "outputs", False, "wrong", ["nan"], 40.0),
        ("b/0003", "outputs", False, "agrees", ["nan"], 40.0),
    ]
    assert duckdb.sql(f"SELECT delegate, sessions FROM '{folder.path}/summary.parquet'").fetchall() == [("cpu", 1)]


def test_a_journal_of_before_is_of_timed_sessions() -> None:
    assert session("b/0000").kind == "timing" and session_row(session("b/0000"))["counts"] is True
