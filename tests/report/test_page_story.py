"""Rows of the page open to their story, without a script, and are read right."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from harness.records import Delegation, Quantity
from harness.report import html
from harness.report.document import build_document
from harness.report.groups import SessionIndex
from harness.report.html import to_html
from harness.report.markdown import to_markdown
from harness.report.story.short import Short, in_short
from harness.report.story.tell import tell
from harness.report.terminal import to_text
from harness.results.folder import Run
from tests.records import session
from tests.report.folders import CPU, GPU, run_folder, timed
from tests.report.runs import repeated, run_of

THROTTLED: dict[str, Any] = {"flags": ("throttled",), "flag_reasons": {"throttled": "capped at 71 %"}}
VOID: dict[str, Any] = {"flags": ("suspended",), "flag_reasons": {"suspended": "no sample for 9.0 s"}}


def stories(page: str) -> list[str]:
    return re.findall(r"<details>.*?</details>", page, flags=re.DOTALL)


def short(run: Run, **row_changes: Any) -> Short:
    document = build_document(run)
    row = document["rows"][0]
    row["latency_ms"].update(row_changes)
    return in_short(tell(run, document, row, SessionIndex(run.sessions), {}))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return run_folder(
        tmp_path,
        timed("b/0001", 1000.0),
        timed("b/0002", 1010.0, **THROTTLED),
        timed("b/0003", 9000.0, **VOID),
        timed("b/0004", 1020.0),
        timed("b/0005", None, outcome="crash", outcome_line="Segmentation fault"),
    )


def test_a_row_opens_to_its_sessions(run: Run) -> None:
    document = build_document(run)
    page = to_html(document, run)
    (opened,) = stories(page)
    assert opened.count("<i") - opened.count("<i ") == 0
    assert len(re.findall(r"<li class=\"counts\"", opened)) == 3 and len(re.findall(r"<li class=\"void\"", opened)) == 1
    for said in (
        "throttled: capped at 71 %",
        "void, suspended: no sample for 9.0 s",
        "does not count: the program crashed (Segmentation fault)",
        "benchmark_model &#39;--graph=net int8.tflite&#39; --num_runs=5",
        f"harness explain RUN {document['rows'][0]['row']}",
        "a virtual phone, which says nothing about real ones",
        "from the runtime info file that the program wrote",
        "no range of runs",
    ):
        assert said in opened, said
    assert "<script" not in page and " onclick" not in page


def test_a_session_without_a_time_has_no_dot(run: Run) -> None:
    (opened,) = stories(to_html(build_document(run), run))
    (failed,) = re.findall(r"<li class=\"failed\".*?</li>", opened)
    assert "<i" not in failed and "–" in failed


def test_what_all_sessions_share_is_said_once() -> None:
    found = short(run_of(*repeated("b", 1000, 1001, 1002, **THROTTLED)))
    assert found.common == ("throttled: capped at 71 %",) and not any(line.notes for line in found.lines)
    one = short(run_of(*repeated("b", 1000, **THROTTLED)))
    assert one.common == () and one.lines[0].notes == ("throttled: capped at 71 %",)


def test_a_row_without_a_figure_tells_why_and_draws_nothing() -> None:
    found = short(run_of(*repeated("b", None, None, outcome="refused", outcome_line="too large", args=())))
    assert found.track is None and found.lines == () and found.sense == "No figure: too large."
    assert found.common == ("does not count: not tried (too large)",) and found.commands == ()


def test_two_sessions_have_no_band() -> None:
    found = short(run_of(*repeated("b", 1000, 1001)))
    assert found.ends is None and found.track is not None and found.track.low is None
    assert found.sense.startswith("No interval: 2 values are too few")


def test_a_band_that_goes_on_has_an_arrow() -> None:
    made = run_of(*repeated("b", 1000, 1001, 1002))
    assert short(made, ci95=[1.0, 1.002]).ends == ("1.00", "1.00")
    assert short(made, ci95=[0.5, 9.0]).ends == ("‹ 0.500", "9.00 ›")


def test_outliers_and_the_remark_on_stability_where_the_row_has_them() -> None:
    made = run_of(*repeated("b", 1000, 1001, 1500))
    found = short(made, stability={"words": "unstable: needs about 9 more sessions", "outliers": ["b/0002"]})
    assert found.remark == "unstable: needs about 9 more sessions"
    assert [line.outlier for line in found.lines] == [False, False, True]
    assert found.lines[2].notes == ("far from the others",) and found.lines[2].kind == "counts"


def test_a_fallback_is_said_to_be_the_cpus_time() -> None:
    fallen = {"key": GPU, "outcome": "fallback", "delegation": Delegation("none", 0, 9)}
    assert "3 sessions on the CPU can tell" in short(run_of(*repeated("b", 1000, 1001, 1002, **fallen))).sense


def test_energy_is_told_once_where_one_reason_holds_for_power_too() -> None:
    unknown = Quantity(reason="charging over USB")
    made = run_of(*repeated("b", 1000, power_mw=unknown, energy_mj=unknown))
    assert dict(short(made).facts)["energy"] == "energy of one inference not measured: charging over USB"


def test_a_tie_is_never_shown_as_a_winner() -> None:
    made = run_of(*repeated("a", 1000, 1200, 1100, key=GPU), *repeated("b", 1050, 1150, 1250, key=CPU))
    page = to_html(build_document(made), made)
    assert 'class="tie">or CPU affinity=f0 4 threads' in page and "cannot be told apart from CPU" in page
    assert "clearly ahead of" not in page


def test_intervals_are_named_for_what_they_are() -> None:
    made = run_of(*repeated("a", 1000, 1200, 1100))
    page = to_html(build_document(made), made)
    assert page.count(">its 95 % interval</a>") == 2 and 'id="interval"' in page
    assert "It is not the fastest and slowest run, nor the range of sessions" in page


def test_keys_of_other_parts_are_shown_and_explained_where_they_are() -> None:
    made = run_of(*repeated("a", 1000, 1001, 999, energy_mj=Quantity(2.0)))
    document = build_document(made)
    plain = to_html(document, made)
    for word in ("uncalibrated</span></dt>", "<dt>unstable</dt>", "<dt>state</dt>"):
        assert word not in plain
    (row,) = document["rows"]
    words = "unstable: needs about 9 more sessions for ±2 %"
    row["latency_ms"]["stability"] |= {"words": words, "stable": False, "needs_sessions": 9}
    row["energy"] = {"absolute": "uncalibrated", "u_mj": 0.2, "errors_mj": {"idle": 0.1}}
    row["state"] = {"held": {"screen": "off"}}
    page = to_html(document, made)
    for word in ("uncalibrated</span></dt>", "<dt>unstable</dt>", "<dt>state</dt>", "budget of its errors ± 0.200 mJ"):
        assert word in page
    assert page.count("unstable: needs about 9 more sessions for ±2 %") == 2, "in the row and in its story"
    assert "unstable: ~9 more" in to_text(document) and "needs about 9 more sessions" in to_markdown(document)


def test_a_page_of_very_many_rows_has_no_stories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "_MOST_STORIES", 2)
    few = run_of(*(session(f"a{n}/0", phone_id=f"P{n}") for n in (1, 2)), phones=2)
    many = run_of(*(session(f"a{n}/0", phone_id=f"P{n}") for n in (1, 2, 3)), phones=3)
    assert len(stories(to_html(build_document(few), few))) == 2
    assert stories(to_html(build_document(many), many)) == []
