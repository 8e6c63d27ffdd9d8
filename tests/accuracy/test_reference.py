"""The host's outputs, from a process of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.accuracy.inputs import input_specs, random_inputs
from harness.accuracy.reference import HostRefusal, host_outputs
from harness.variants.model_file import read_model_file
from tests.racks import MODELS


def test_outputs_are_those_of_the_interpreter_and_are_kept(tmp_path: Path) -> None:
    from ai_edge_litert.interpreter import Interpreter

    model = MODELS / "digits_float32.tflite"
    samples = random_inputs(input_specs(read_model_file(model)), 2)
    found = host_outputs(model, samples, tmp_path / "r.npz")
    interpreter = Interpreter(model_path=str(model))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], samples[1][0])
    interpreter.invoke()
    want = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    assert np.allclose(found[1][0], want, atol=1e-6) and not np.allclose(found[0][0], want, atol=1e-6)
    with np.load(tmp_path / "r.npz") as kept:
        assert np.array_equal(kept["1/0"], found[1][0])
    assert [p.name for p in tmp_path.iterdir()] == ["r.npz"]


def test_a_size_that_is_free_in_the_model_is_that_of_the_input(tmp_path: Path) -> None:
    found = host_outputs(
        MODELS / "dynamic.tflite", [[np.array([[1, -1, 2, -1, -1, -1, -1, -1]], np.float32)]], tmp_path / "r.npz"
    )
    assert found[0][0].tolist() == [[0, 0], [0, 2]]


@pytest.mark.parametrize(
    ("data", "said"), [(None, "Select TensorFlow op"), (b"\x10\0\0\0TFL3" + bytes(64), "cannot run")]
)
def test_a_model_that_the_host_refuses(data: bytes | None, said: str, tmp_path: Path) -> None:
    model = MODELS / "flex.tflite"
    if data is not None:
        model = tmp_path / "bad.tflite"
        model.write_bytes(data)
    with pytest.raises(HostRefusal, match=said) as told:
        host_outputs(model, [[np.ones((1, 4, 4), np.float32)]], tmp_path / "r.npz")
    assert "\n" not in str(told.value) and len(str(told.value)) < 300


def test_a_model_that_never_ends(tmp_path: Path) -> None:
    with pytest.raises(HostRefusal, match=r"did not finish this model in 0\.01 s"):
        host_outputs(MODELS / "digits_int8.tflite", [], tmp_path / "r.npz", deadline_s=0.01)
