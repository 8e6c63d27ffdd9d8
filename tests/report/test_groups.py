"""Rows have names that stay, and sessions find their rows."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from harness.records import Runtime, SessionKey, StateRecord
from harness.report import groups
from harness.report.document import build_document
from harness.report.groups import SessionIndex, in_order, key_of_session, row_names
from tests.records import session
from tests.report.runs import repeated, run_of

GPU = SessionKey("m", "", "gpu", {"precision": "fp32"}, None)


def test_rows_find_their_sessions() -> None:
    sessions = [
        *repeated("a", 1000, 1001),
        session("b/0", key=GPU, runtime=Runtime("unknown", None, None), context="app"),
        session("b/1", key=GPU, state=StateRecord({"screen": "off"})),
        session("c/0", key=GPU, kind="outputs", runtime=Runtime("unknown", None, None)),
    ]
    index, rows = SessionIndex(sessions), build_document(run_of(*sessions))["rows"]
    found = {r["row"]: {s.session_id for s in index.own(r)} for r in rows}
    assert sorted(map(sorted, found.values())) == [["a/0000", "a/0001"], ["b/0"], ["b/1"]]
    assert [[s.session_id for s in index.checks(r)] for r in rows if r["context"] == "app"] == [["c/0"]]


def test_a_name_stays_whatever_else_the_run_holds() -> None:
    alone = build_document(run_of(*repeated("a", 1000)))["rows"][0]["row"]
    beside = build_document(run_of(*repeated("a", 2000), session("b/0", key=GPU)))["rows"]
    assert alone in {r["row"] for r in beside} and len({r["row"] for r in beside}) == 2
    assert alone.startswith("r") and len(alone) == 7


def test_what_makes_another_measurement_makes_another_name() -> None:
    one = session("a/0")
    others = [
        replace(one, phone_id="P2"),
        replace(one, context="app"),
        replace(one, runtime=Runtime("tflite", None, "2" * 64)),
        replace(one, state=StateRecord({"screen": "off"})),
        *(replace(one, key=replace(one.key, **change)) for change in ({"threads": 1}, {"options": {"a": "b"}})),
    ]
    keys = [key_of_session(s) for s in (one, *others)]
    assert len(set(row_names(keys).values())) == 7


@given(st.integers(0, 5000))
def test_names_are_unique_also_where_digests_begin_alike(seed: int) -> None:
    keys = [key_of_session(session("a/0", phone_id=f"{seed}-{n}")) for n in range(40)]
    before = groups._DIGITS
    groups._DIGITS = 1
    try:
        names = row_names(keys)
    finally:
        groups._DIGITS = before
    assert len(set(names.values())) == 40


def test_sessions_come_as_they_ran() -> None:
    made = [session(i) for i in ("b/0010", "b/0009", "a/0001", "b/odd")]
    assert [s.session_id for s in in_order(made)] == ["b/odd", "b/0009", "b/0010", "a/0001"]
