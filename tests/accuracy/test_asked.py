"""What is asked of each model is read, and told where it does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.accuracy.asked import read_asked
from harness.benchmark.work import ModelFile, OutputsWanted
from harness.errors import UsageError
from tests.accuracy.test_checks import INPUTS, model


def test_a_damaged_model_is_left_to_its_sessions(tmp_path: Path) -> None:
    path = tmp_path / "bad.tflite"
    path.write_bytes(b"\x20\0\0\0TFL3" + bytes(64))
    bad = ModelFile("bad", "", path, "0" * 64, 72)
    asked = read_asked({"bad": OutputsWanted()}, [bad])["0" * 64]
    assert asked.count == 1 and asked.reason is not None


def test_only_models_that_are_asked_for(tmp_path: Path) -> None:
    both = [model("digits_int8"), model("digits_float32")]
    assert list(read_asked({"digits_int8": OutputsWanted()}, both)) == [both[0].sha256]


def test_other_inputs_are_another_run() -> None:
    one, other = (
        read_asked({"digits_int8": OutputsWanted(path, 2)}, [model("digits_int8")]) for path in (INPUTS, None)
    )
    (mine,), (theirs,) = one.values(), other.values()
    assert mine.meta() != theirs.meta() and mine.meta()["samples"] == 2


def test_a_file_that_does_not_fit_is_told_with_the_model(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, x=np.zeros((2, 3)))
    with pytest.raises(
        UsageError, match=r"x\.npz for model digits_int8: input 'image' is 64 × 64 × 1, and an example is 3"
    ):
        read_asked({"digits_int8": OutputsWanted(path)}, [model("digits_int8")])
