"""The accuracy of models in reports of phones."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from harness.report.accuracy import accuracy, drop, figure
from harness.report.csv_ import to_csv
from harness.report.document import build_document
from harness.report.html import to_html
from harness.report.markdown import to_markdown
from harness.report.terminal import to_text
from harness.results.folder import Run
from tests.report.runs import repeated, run_of
from tests.results.test_accuracy import ENTRY

KNOWN: dict[str, Any] = {**{k: v for k, v in ENTRY.items() if k != "by_class"}, "reason": None, "drop_reason": None}


def run(**meta: Any) -> Run:
    return run_of(*repeated("a", 1000.0, 1010.0, 1020.0, model_sha256="a" * 64), **meta)


def test_a_row_and_its_tier_carry_it() -> None:
    document = build_document(run(accuracy={"a" * 64: KNOWN, "b" * 64: {}}))
    assert document["rows"][0]["accuracy"] == document["tiers"][0]["accuracy"] == KNOWN
    assert "accuracy" not in document["run"]


@pytest.mark.parametrize("known", [{}, {"accuracy": {"b" * 64: KNOWN}}, {"accuracy": None}])
def test_of_another_file_nothing_is_known(known: dict[str, Any]) -> None:
    (row,) = build_document(run(**known))["rows"]
    assert row["accuracy"] == {"value": None, "reason": "accuracy was not part of this run"}


def test_every_format_shows_it() -> None:
    known, unknown = run(accuracy={"a" * 64: KNOWN}), run()
    a, b = build_document(known), build_document(unknown)
    for shown, without in (
        (to_text(a), to_text(b)), (to_markdown(a), to_markdown(b)), (to_html(a, known), to_html(b, unknown)),
    ):  # fmt: skip
        assert "top1 90.00 %" in shown and "+1.00 (+0.20 to +2.00), real drop" in shown
        assert "accuracy was not part of this run" in without and "top1" not in without
        assert "Accuracy is that of the models on the host" in shown
    (line,) = csv.DictReader(io.StringIO(to_csv(a)))
    assert line["accuracy"] == "90.0" and line["accuracy_drop_ci95_hi"] == "2.0" and line["accuracy_base"] == "float32"
    (line,) = csv.DictReader(io.StringIO(to_csv(b)))
    assert line["accuracy"] == line["accuracy_metric"] == "" and line["accuracy_reason"]


def test_words() -> None:
    assert accuracy({"accuracy": {**KNOWN, "reference": "base"}}) == "top1 agreement 90.00 %"
    assert accuracy({"accuracy": {"value": None, "reason": "x"}}) == "–"
    assert drop({"accuracy": {**KNOWN, "drop": None}}) == ""
    assert drop({"accuracy": {**KNOWN, "drop_ci95": [None, None], "verdict": None}}) == "+1.00"
    assert [figure(v, "pct", signed=True) for v in (-0.001, -1.0, 2.0)] == ["0.00", "-1.00", "+2.00"]
    assert figure(0.0123456, "", signed=True) == "+0.0123" and figure(None, "") == "–"
