"""What a report says of outputs: in rows, in words, in every format."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from harness.records import Agreement, SessionKey, SessionRecord
from harness.report.agreement import agreement_entry
from harness.report.answers import limits
from harness.report.csv_ import to_csv
from harness.report.document import build_document
from harness.report.html import to_html
from harness.report.markdown import to_markdown
from harness.report.terminal import to_text
from harness.report.words import outputs
from harness.results.verdicts import void_wrong
from tests.records import session
from tests.report.runs import repeated, run_of

GPU = SessionKey("m", "int8", "gpu", {}, 4)


def checked(sample: int, verdict: str | None, **fields: Any) -> SessionRecord:
    values: dict[str, Any] = {
        "max_abs_error": 0.5,
        "error_pct": 4.2,
        "cosine": 0.9,
        "top1": True,
        "mean_abs_error": 0.1,
    }
    if verdict != "agrees":
        values["reason"] = "output 'y' is all zero" if verdict == "wrong" else "no file"
    found = Agreement(sample, fields.pop("source", "f.npz"), verdict, **{**values, **fields})
    return session(f"b/{100 + sample}", key=GPU, kind="outputs", agreement=found)


def document(*checks: SessionRecord) -> dict[str, Any]:
    timed = repeated("b", 1000, 1001, 1002, key=GPU)
    return build_document(run_of(*void_wrong([*timed, *checks])))


def row(*checks: SessionRecord) -> dict[str, Any]:
    (found,) = document(*checks)["rows"]
    assert isinstance(found, dict)
    return found


def test_where_nobody_asked_there_is_a_reason_and_no_word() -> None:
    found = row()
    assert found["agreement"]["verdict"] is None and found["agreement"]["source"] is None
    assert found["agreement"]["reason"] == "outputs were not part of this run" and outputs(found) == ""


def test_all_inputs_together() -> None:
    found = row(checked(0, "agrees"), checked(1, "agrees", max_abs_error=0.7, error_pct=5.0, cosine=0.8, top1=False))
    entry = found["agreement"]
    assert (entry["verdict"], entry["inputs"], entry["inputs_wrong"], entry["source"]) == ("agrees", 2, 0, "f.npz")
    assert (entry["max_abs_error"], entry["error_pct"], entry["cosine_min"], entry["top1_agreement"]) == (
        0.7,
        5.0,
        0.8,
        0.5,
    )
    assert entry["reason"] is None and found["outcome"] == "ok" and found["sessions"] == found["sessions_run"] == 3
    assert found["latency_ms"]["median"] == pytest.approx(1.001), "their times count for nothing"


def test_a_wrong_output_is_the_rows_outcome_and_voids_its_speed() -> None:
    found = row(checked(0, "agrees"), checked(1, "wrong"), checked(2, None))
    assert (found["outcome"], found["sessions"], found["latency_ms"]["median"]) == ("wrong_output", 0, None)
    want = "input 1: output 'y' is all zero (1 of 2 inputs are wrong)"
    assert found["outcome_line"] == found["latency_ms"]["reason"] == found["agreement"]["reason"] == want
    assert "wrong_output" in found["flags"] and found["outcomes"] == {"void": 3}
    (entry,) = document(checked(1, "wrong"))["tiers"]
    assert entry["phones_ok"] == 0 and entry["outcomes"] == {"wrong_output": 1}


def test_a_row_that_crashed_beside_a_wrong_output_is_wrong() -> None:
    sessions = [*repeated("b", 1000, key=GPU), session("b/0009", key=GPU, outcome="crash"), checked(0, "wrong")]
    (found,) = build_document(run_of(*void_wrong(sessions)))["rows"]
    assert found["outcome"] == "wrong_output"


def test_inputs_that_were_not_checked_are_told() -> None:
    assert row(checked(0, None), checked(1, None))["agreement"]["reason"] == "no file"
    found = row(checked(0, "agrees"), checked(1, None))["agreement"]
    assert (found["verdict"], found["inputs"], found["reason"]) == (
        "agrees",
        1,
        "1 of 2 inputs were not checked: no file",
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"max_abs_error": 0.0, "error_pct": 0.0}, "equal"),
        ({}, "4.2 % off"),
        ({"error_pct": 1e-7}, "below 0.01 % off"),
        ({"error_steps": 2.0}, "2 steps off"),
        ({"error_steps": 0.2}, "4.2 % off"),
    ],
)
def test_words_of_what_agrees(fields: dict[str, Any], said: str) -> None:
    assert outputs(row(checked(0, "agrees", **fields))) == said


def test_words_of_what_does_not() -> None:
    assert outputs(row(checked(0, "wrong"))) == "wrong" and outputs(row(checked(0, None))) == "not checked"


def test_every_format_shows_it() -> None:
    found = document(checked(0, "agrees"))
    run = run_of()
    assert "4.2 % off" in to_text(found) and "4.2 % off" in to_html(found, run)
    assert "| outputs |" in to_markdown(found) and "4.2 % off" in to_markdown(found)
    (line,) = csv.DictReader(io.StringIO(to_csv(found)))
    assert (line["agreement"], line["agreement_inputs"], line["agreement_error_pct"]) == ("agrees", "1", "4.2")
    json.dumps(found, allow_nan=False)
    assert "outputs" not in to_text(document()).splitlines()[8]


def test_what_cannot_be_said() -> None:
    assert not any("utputs of" in line for line in limits(document()))
    assert "The outputs of 1 of 1 row are not checked: no file." in limits(document(checked(0, None)))
    random = limits(document(checked(0, "agrees", source="random inputs")))
    assert any("random inputs" in line for line in random)
    assert not any("random" in line for line in limits(document(checked(0, "agrees"))))


def test_nothing_of_nothing() -> None:
    assert agreement_entry([])["reason"] == "outputs were not part of this run"
