"""accuracy.json, as runs take it over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.errors import UsageError
from harness.results.accuracy import read_accuracy

ENTRY = {
    "metric": "top1", "unit": "pct", "value": 90.0, "ci95": [85.0, 94.0], "drop": 1.0, "drop_ci95": [0.2, 2.0],
    "verdict": "real drop", "examples": 200, "base": "float32", "reference": "labels", "by_class": [1],
}  # fmt: skip


def write(folder: Path, document: Any) -> Path:
    (folder / "accuracy.json").write_text(json.dumps(document))
    return folder / "accuracy.json"


def test_what_a_run_keeps(tmp_path: Path) -> None:
    path = write(tmp_path, {"schema": 1, "models": {"a": ENTRY, "b": ENTRY}})
    (found,) = read_accuracy(path, ["a", "none"]).values()
    assert found["value"] == 90 and found["reason"] is None and "by_class" not in found


@pytest.mark.parametrize("document", [[], {}, {"schema": 1}, {"schema": 1, "models": {"a": {}}}, {"schema": "x"}])
def test_damage(tmp_path: Path, document: Any) -> None:
    with pytest.raises(UsageError, match="is damaged"):
        read_accuracy(write(tmp_path, document), ["a"])


def test_newer_and_missing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="newer harness"):
        read_accuracy(write(tmp_path, {"schema": 2, "models": {}}), [])
    with pytest.raises(UsageError, match="cannot be read"):
        read_accuracy(tmp_path / "none.json", [])
