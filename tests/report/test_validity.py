"""What speaks against sessions is counted, in rows, over the run, and in the last sentence."""

from __future__ import annotations

import json
from typing import Any

from harness.records import Agreement, SessionRecord
from harness.report.document import build_document
from harness.report.html import to_html
from harness.report.markdown import to_markdown
from harness.report.terminal import to_text
from harness.results.folder import Run
from harness.results.verdicts import void_wrong
from tests.records import session
from tests.report.runs import run_of


def hot(name: str, *flags: str, seen: str = "", **fields: Any) -> SessionRecord:
    reasons = {flag: seen or f"{flag} was seen" for flag in flags}
    return session(name, flags=flags, flag_reasons=reasons, **fields)


def mixed() -> Run:
    return run_of(
        hot("a/0", "suspended", "throttled"),
        hot("a/1", "throttled", seen="capped at 80 %"),
        hot("a/2", "throttled", seen="capped at 80 %"),
        hot("a/3", "cut_short", "suspended"),
        hot("a/4", "suspended", outcome="crash", inference_avg_us=None),
        hot("a/5", "from_elsewhere"),
    )


def test_a_row_counts_each_rule_with_what_was_seen() -> None:
    document = build_document(mixed())
    (row,) = document["rows"]
    assert [(e["rule"], e["voids"], e["sessions"], e["of"]) for e in row["validity"]] == [
        ("suspended", True, 3, 6),
        ("cut_short", True, 1, 6),
        ("throttled", False, 3, 6),
        ("from_elsewhere", False, 1, 6),
    ]
    throttled = row["validity"][2]
    assert throttled["seen"] == ["capped at 80 %", "throttled was seen"] and "97 %" in throttled["threshold"]
    assert row["validity"][3]["threshold"] is None and row["validity"][3]["threshold_reason"]
    json.dumps(document, allow_nan=False)


def test_at_most_three_things_are_told() -> None:
    made = run_of(*(hot(f"a/{n}", "busy", seen=f"{n} % busy") for n in range(5)))
    assert build_document(made)["rows"][0]["validity"][0]["seen"] == ["0 % busy", "1 % busy", "2 % busy"]


def test_a_session_that_failed_is_not_void_and_one_is_void_once() -> None:
    found = build_document(mixed())["run"]["validity"]
    assert (found["sessions"], found["void"]) == (6, 2)
    assert found["rules"]["suspended"] == {"sessions": 3, "voided": 2}
    assert found["rules"]["cut_short"] == {"sessions": 1, "voided": 1}
    assert found["rules"]["throttled"] == {"sessions": 3, "voided": 0}


def test_the_last_sentence_says_how_many_were_void_and_why() -> None:
    made = mixed()
    document = build_document(made)
    said = "6 sessions on 1 virtual phone, 2 void (2 suspended, 1 cut_short): "
    for text in (to_text(document), to_markdown(document), to_html(document, made)):
        assert said in text
    clean = build_document(run_of(session("a/0")))
    assert "1 session on 1 virtual phone, none void: 1 of 1 row measured." in to_text(clean)


def test_thresholds_stand_beside_flags() -> None:
    made = mixed()
    document = build_document(made)
    assert "below 97 % of the maximum clock" in to_html(document, made)
    assert "below 97 % of the maximum clock" in to_markdown(document)
    assert "a flag of another harness" in to_markdown(document)


def test_a_wrong_output_says_what_was_seen() -> None:
    wrong = Agreement(1, "f.npz", "wrong", "output 'y' is all zero")
    made = run_of(*void_wrong([session("a/0"), session("a/1", kind="outputs", agreement=wrong)]))
    (entry,) = build_document(made)["rows"][0]["validity"]
    assert entry["rule"] == "wrong_output" and entry["seen"] == ["input 1: output 'y' is all zero"]
