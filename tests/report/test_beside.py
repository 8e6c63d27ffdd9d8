"""What stands beside a median is told where a row has it, and says nothing that was not measured."""

from __future__ import annotations

from typing import Any

import pytest

from harness.report.document import build_document
from harness.report.groups import SessionIndex
from harness.report.story.beside import beside_lines
from harness.report.story.short import in_short
from harness.report.story.tell import tell
from harness.report.story.text import to_text
from tests.records import session
from tests.report.runs import run_of


def figure(value: float | None, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"value": value, "ci95": [low, high], "reason": None}


SUSTAINED = {
    "start_ms": figure(7.4), "steady_ms": figure(9.1), "loss_pct": figure(23.0, 20.0, 26.0), "chains": 3,
    "throttled_after_s": 95.0, "throttled_after_s_reason": None, "reason": None,
}  # fmt: skip


def test_nothing_of_a_row_that_has_none() -> None:
    assert beside_lines({"context": "shell", "cold": None, "repeats": None}) == []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("repeats", {"why": "narrow enough"}, ("sessions", "narrow enough")),
        (
            "sustained",
            SUSTAINED,
            (
                "without a rest",
                "7.40 ms at the start, 9.10 ms in the end, 23.0 % slower (95 % interval 20.0 to 26.0 %); "
                "slower for good after 95.0 s; 3 chains",
            ),
        ),
        ("sustained", {"reason": "no chain is whole"}, ("without a rest", "no chain is whole")),
        (
            "app_ratio",
            {**figure(1.8, 1.7, 1.9), "verdict": "slower"},
            ("app to shell", "1.80 times the shell's time (95 % interval 1.70 to 1.90): slower"),
        ),
        (
            "app_ratio",
            {**figure(1.0, 0.9, 1.1), "verdict": "undecided"},
            ("app to shell", "1.00 times the shell's time (95 % interval 0.900 to 1.10): cannot be told apart"),
        ),
        ("app_ratio", {**figure(None), "reason": "no twin"}, ("app to shell", "not known: no twin")),
    ],
)
def test_words(key: str, value: dict[str, Any], said: tuple[str, str]) -> None:
    assert beside_lines({"context": "app", key: value}) == [said]


def test_a_row_of_the_shell_has_no_word_on_the_app() -> None:
    assert beside_lines({"context": "shell", "app_ratio": {**figure(None), "reason": "a row of the shell"}}) == []


def test_cold_starts_stand_in_the_story() -> None:
    timed = [session(f"b/{n}", init_us=1000.0, first_us=2000.0, repeat=n) for n in range(3)]
    cold = [
        session(f"b/1{n}", kind="cold", init_us=3000.0 + n, first_us=5000.0, repeat=n, detail={"cleared": "page cache"})
        for n in range(3)
    ]
    run = run_of(*timed, *cold)
    document = build_document(run)
    story = tell(run, document, document["rows"][0], SessionIndex(run.sessions), {})
    facts = dict(in_short(story).facts)
    assert facts["cold start"].startswith("init 3.00 ms, 3.00 times a warm one (95 % interval")
    assert facts["cold start"].endswith("; cleared: page cache; 3 sessions")
    assert facts["other sessions"] == "3 of kind cold"
    assert len(in_short(story).lines) == 3
    assert f"cold start: {facts['cold start']}" in to_text(story)
    assert [s["counted"] for s in story["session_list"]] == [True] * 3 + [False] * 3
