"""The report in every format says what the records say, and nothing twice differently."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harness.records import Delegation, SessionKey
from harness.report.csv_ import to_csv
from harness.report.document import build_document
from harness.report.html import to_html
from harness.report.markdown import to_markdown
from harness.report.words import number
from harness.results.folder import Run
from tests.records import phone, session


def run(*sessions: object, phones: int = 1) -> Run:
    records = tuple(phone(f"P{n}", model=f"Phone {n}") for n in range(1, phones + 1))
    return Run(Path("runs/r"), {"run_id": "r", "started": "2026"}, records, sessions)  # type: ignore[arg-type]


def three(**fields: object) -> list[object]:
    return [session(f"b{fields}/{n:04d}", inference_avg_us=1000.0 + n, **fields) for n in range(3)]


def test_row_has_the_contract_keys_and_the_median() -> None:
    document = build_document(run(*three()))
    (row,) = document["rows"]
    assert document["schema"] == 1 and row["outcome"] == "ok" and row["sessions"] == 3
    assert row["latency_ms"]["median"] == pytest.approx(1.001)
    low, high = row["latency_ms"]["ci95"]
    assert low < 1.001 < high
    assert row["power_mw"] == {"value": None, "ci95": [None, None], "reason": "not measured"}
    assert row["delegation"]["nodes_delegated"] == 9 and row["device"] == "Own Phone 1"


def test_a_fallback_is_an_outcome() -> None:
    key = SessionKey("m", "", "gpu", {}, 4)
    document = build_document(run(*three(key=key, outcome="fallback", delegation=Delegation("none", 0, 9))))
    (row,) = document["rows"]
    assert row["outcome"] == "fallback"
    (tier,) = document["tiers"]
    assert tier["median_ms"] is None and tier["phones_ok"] == 0


def test_void_sessions_do_not_count() -> None:
    document = build_document(run(session("b/0"), session("b/1", inference_avg_us=9e6, flags=("suspended",))))
    assert document["rows"][0]["latency_ms"]["median"] == 1.0
    assert document["rows"][0]["sessions"] == 1


class _Tags(HTMLParser):
    VOID = frozenset({"meta", "br", "link", "img", "path", "use", "rect", "circle"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.mark.parametrize("phones", [1, 40])
def test_page_is_whole_self_contained_and_the_same_twice(phones: int) -> None:
    key = SessionKey("<b>&$x$ 模型", "a|b", "gpu", {"precision": "fp32"}, 1)
    sessions = [s for n in range(1, phones + 1) for s in three(phone_id=f"P{n}", key=key)]
    made = run(*sessions, phones=phones)
    page = to_html(build_document(made), made)
    parser = _Tags()
    parser.feed(page)
    assert parser.open == []
    assert "<b>&" not in page and "&lt;b&gt;&amp;" in page
    assert not re.search(r"(?:src|href)=[\"']?https?:|url\(https?:|@import|<script", page)
    assert "virtual" in page.lower() and number(1.001) in page
    assert page == to_html(build_document(made), made)


def test_empty_and_all_failed_runs() -> None:
    for made in (run(), run(session("b/0", outcome="crash", inference_avg_us=None))):
        document = build_document(made)
        assert to_html(document, made) and to_markdown(document)
    (row,) = document["rows"]
    assert row["latency_ms"]["median"] is None and row["latency_ms"]["reason"]


def test_csv_and_markdown_agree_with_the_document() -> None:
    document = build_document(run(*three()))
    (line,) = csv.DictReader(io.StringIO(to_csv(document)))
    assert float(line["latency_median_ms"]) == document["rows"][0]["latency_ms"]["median"]
    assert line["energy_mj"] == "" and line["energy_reason"]
    text = to_markdown(document)
    assert "Virtual" in text and number(1.001) in text
