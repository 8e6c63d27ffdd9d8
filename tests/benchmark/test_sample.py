"""The sample model: always the same, and it really runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.benchmark.models import read_model
from harness.benchmark.sample import sample_model
from harness.errors import HostError


def test_it_is_made_once_and_always_the_same(tmp_path: Path) -> None:
    first = sample_model(tmp_path / "a")
    moment = first.stat().st_mtime_ns
    assert sample_model(tmp_path / "a").stat().st_mtime_ns == moment
    assert sample_model(tmp_path / "b").read_bytes() == first.read_bytes()
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["sample.tflite"]
    assert read_model(first, name="sample", variant="").size_bytes == pytest.approx(14e6, rel=0.01)


def test_it_computes_something(tmp_path: Path) -> None:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(sample_model(tmp_path)))
    interpreter.allocate_tensors()
    (given,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert tuple(given["shape"]) == (1, 224, 224, 3) and tuple(result["shape"]) == (1, 1000)
    scores = []
    for seed in (1, 2):
        image = np.random.RandomState(seed).uniform(0, 1, given["shape"]).astype(np.float32)
        interpreter.set_tensor(given["index"], image)
        interpreter.invoke()
        scores.append(interpreter.get_tensor(result["index"])[0].copy())
        assert np.isfinite(scores[-1]).all() and scores[-1].sum() == pytest.approx(1, abs=1e-4)
    assert scores[0].max() < 0.99 and not np.allclose(scores[0], scores[1])


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match="cannot be written"):
        sample_model(tmp_path / "file")
