"""Model files: any name, and one sentence for what is no model."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from harness.benchmark.models import model_name, read_model
from harness.errors import UsageError
from tests.racks import MODELS

SMALL = MODELS / "dynamic.tflite"


@pytest.mark.parametrize("name", ["a b", "it's", '"', "$(reboot)", "new\nline", "模型", "-rf", "é", "a;b&c|d"])
def test_models_of_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.tflite"
    path.write_bytes(SMALL.read_bytes())
    model = read_model(path)
    assert model.name == name
    assert model.sha256 == hashlib.sha256(SMALL.read_bytes()).hexdigest()
    assert model.size_bytes == SMALL.stat().st_size
    assert model.variant == "" and model.path == path


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS refuses names that are no UTF-8")
def test_a_name_that_is_no_utf8_can_be_printed(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/m\xff.tflite"))
    path.write_bytes(SMALL.read_bytes())
    assert read_model(path).name == "m\ufffd"
    assert model_name(path).encode()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04 a zip file", "is no TensorFlow Lite"),
        (b"TFL3", "is no TensorFlow Lite"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
        (b"\x1c\x00\x00\x00TFL3", "is cut short"),
    ],
)
def test_what_is_no_model(tmp_path: Path, data: bytes, what: str) -> None:
    path = tmp_path / "m.tflite"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=what):
        read_model(path)


@pytest.mark.parametrize(
    ("name", "what"), [("none.tflite", "No such file"), (".", "Is a directory"), ("a\0b", "is no path")]
)
def test_what_cannot_be_read(tmp_path: Path, name: str, what: str) -> None:
    with pytest.raises(UsageError, match=what) as caught:
        read_model(tmp_path / name)
    assert "\n" not in str(caught.value)
