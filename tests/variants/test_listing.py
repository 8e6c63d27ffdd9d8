"""variants.json read back, and taken by suites."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from harness.benchmark.suite import load_suite, suite_from_flags
from harness.errors import UsageError
from harness.variants.listing import read_list
from tests.racks import MODELS


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "variants"
    folder.mkdir()
    variants: list[dict[str, Any]] = []
    for name in ("float32", "int8"):
        shutil.copy(MODELS / f"digits_{name}.tflite", folder / f"{name}.tflite")
        variants.append({"name": name, "kind": name, "file": f"{name}.tflite"})
    variants.append({"name": "int16x8", "kind": "int16x8", "error": "it broke"})
    (folder / "variants.json").write_text(json.dumps({"schema": 1, "variants": variants}))
    return folder


def test_what_was_built_and_what_was_not(built: Path) -> None:
    found = read_list(built)
    assert [(v.name, v.path and v.path.name, v.error) for v in found] == [
        ("float32", "float32.tflite", None), ("int8", "int8.tflite", None), ("int16x8", None, "it broke"),
    ]  # fmt: skip


def test_suites_take_every_built_variant(built: Path, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("models:\n  - {name: digits, built: variants}\ndelegates: [cpu]\n")
    files = load_suite(tmp_path / "s.yaml").model_files()
    assert [(m.name, m.variant) for m in files] == [("digits", "float32"), ("digits", "int8")]
    flags = suite_from_flags([built], delegates=["cpu"], threads=[1], sessions=1).model_files()
    assert [(m.name, m.variant) for m in flags] == [("variants", "float32"), ("variants", "int8")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{name: d, built: variants, path: variants/int8.tflite}", "needs one of path, variants and built"),
        ("{name: d, built: none}", r"s.yaml:2: models\[0\].built: .* holds no variants.json"),
        ("{name: d, built: variants, accuracy: none.json}", "accuracy: there is no file"),
    ],
)
def test_what_suites_refuse(built: Path, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "s.yaml").write_text(f"models:\n  - {text}\n")
    with pytest.raises(UsageError, match=said):
        load_suite(tmp_path / "s.yaml")


def test_lists_that_cannot_be_used(built: Path) -> None:
    (built / "int8.tflite").unlink()
    with pytest.raises(UsageError, match="int8.tflite, which is gone"):
        read_list(built)
    (built / "variants.json").write_text("[]")
    with pytest.raises(UsageError, match="is damaged"):
        read_list(built)
    (built / "variants.json").unlink()
    with pytest.raises(UsageError, match="harness variants build"):
        read_list(built)
