"""Two runs held against each other: matched rows, verdicts, and what differs besides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.compare.runs import runs_document, slower_rows
from harness.compare.runs_words import closing
from harness.records import Runtime, SessionKey, SessionRecord, StateRecord
from harness.results.folder import Run
from tests.records import phone, session

NOISE = (1.0, 1.004, 0.997, 1.002, 0.999, 1.001)


def condition(model: str, us: float, **fields: Any) -> list[SessionRecord]:
    key = SessionKey(model, "", "cpu", {}, 4)
    return [session(f"{model}/{n}", key=key, inference_avg_us=us * f, repeat=n, **fields) for n, f in enumerate(NOISE)]


def run(name: str, *conditions: Sequence[SessionRecord]) -> Run:
    return Run(Path(name), {"run_id": name}, (phone(),), tuple(s for c in conditions for s in c))


def test_matched_rows_have_verdicts_and_the_others_are_listed() -> None:
    base = run("base", condition("same", 1000), condition("worse", 1000), condition("gone", 1000))
    new = run("new", condition("same", 1002), condition("worse", 1100), condition("come", 1000))
    found = runs_document(base, new, 2.0)
    assert {r["model"]: r["verdict"] for r in found["rows"]} == {"same": "same", "worse": "slower"}
    assert [(a["model"], a["only_in"]) for a in found["unmatched"]] == [("come", "new"), ("gone", "base")]
    (row,) = slower_rows(found)
    assert row["model"] == "worse" and row["ci95"][0] < 1.1 < row["ci95"][1] and row["differs"] == []
    assert "Of 2 rows: 1 same, 1 slower. 1 by more than 2 %: confirm with harness compare --on-device" in closing(found)


def test_a_row_slower_by_less_than_the_margin_is_no_alarm() -> None:
    found = runs_document(run("a", condition("m", 1000)), run("b", condition("m", 1015)), 2.0)
    assert found["rows"][0]["verdict"] in ("same", "slower") and not slower_rows(found)


def test_a_row_that_failed_on_one_side_has_no_ratio_and_says_why() -> None:
    new = run("b", condition("m", 1000, outcome="crash"))
    (row,) = runs_document(run("a", condition("m", 1000)), new, 2.0)["rows"]
    assert row["verdict"] == "undecided" and row["ratio"] is None
    assert row["reason"] == "base: measured and new: the program crashed"


def test_another_program_state_or_flag_is_said() -> None:
    old = condition("m", 1000)
    new = condition("m", 1000, runtime=Runtime("tflite", None, "2" * 64), state=StateRecord({"screen": "on"}))
    new = [*new[:3], *condition("m", 1000, flags=("throttled",))[3:]]
    (row,) = runs_document(run("a", old), run("b", new), 2.0)["rows"]
    assert row["differs"] == ["program", "state", "throttled (0% of base, 50% of new)"]
