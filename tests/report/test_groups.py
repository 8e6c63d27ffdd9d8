"""Rows have names that stay, and sessions find their rows."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from harness.records import Runtime, SessionKey
from harness.report import groups
from harness.report.document import build_document
from harness.report.groups import in_order, key_of_row, key_of_session, row_names
from tests.records import session
from tests.report.runs import repeated, run_of

GPU = SessionKey("m", "", "gpu", {"precision": "fp32"}, None)


def test_a_row_and_its_sessions_have_one_key() -> None:
    sessions = [
        *repeated("a", 1000, 1001),
        session("b/0", key=GPU, runtime=Runtime("unknown", None, None), context="app"),
    ]
    rows = build_document(run_of(*sessions))["rows"]
    assert {key_of_row(r) for r in rows} == {key_of_session(s) for s in sessions}
    assert [r["row"] for r in rows] == [row_names(map(key_of_row, rows))[key_of_row(r)] for r in rows]


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
        *(replace(one, key=replace(one.key, **change)) for change in ({"threads": 1}, {"options": {"a": "b"}})),
    ]
    keys = [key_of_session(s) for s in (one, *others)]
    assert len(set(row_names(keys).values())) == 6


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
