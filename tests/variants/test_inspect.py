"""What is in a model file, read and shown."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.benchmark.sample import sample_model
from harness.errors import UsageError
from harness.variants.inspect import inspect
from harness.variants.model_file import read_model_file
from harness.variants.properties import distinct, sparsity
from tests.racks import MODELS, harness
from tests.virtual.bench.tiny import G, Op, T, build


def test_work_and_parameters_of_a_known_network(tmp_path: Path) -> None:
    (graph,) = inspect(read_model_file(sample_model(tmp_path)))["graphs"]
    assert graph["macs"] == pytest.approx(300e6, rel=0.01), "as the paper says of MobileNetV2"
    assert graph["parameters"] == pytest.approx(3.4e6, rel=0.03)
    assert {o["op"]: o["count"] for o in graph["ops"]}["DEPTHWISE_CONV_2D"] == 17
    assert sum(o["count"] for o in graph["ops"]) == 65 and graph["inputs"][0]["shape"] == [1, 224, 224, 3]


def test_an_int8_model_is_quantized_by_channel() -> None:
    model = read_model_file(MODELS / "digits_int8.tflite")
    found = inspect(model)
    (graph,) = found["graphs"]
    assert graph["inputs"][0]["quantization"]["zero_point"] == -128 and graph["inputs"][0]["type"] == "INT8"
    assert all(w["type"] == "INT8" and w["distinct"] <= 256 for w in graph["weights"])
    assert any(w["channels_quantized"] > 1 for w in graph["weights"])
    assert found["signatures"][0]["key"] == "serving_default" and not found["needs_flex"]


def test_half_precision_weights_are_found_behind_their_dequantization() -> None:
    whole, half = (inspect(read_model_file(MODELS / f"digits_{n}.tflite"))["graphs"][0] for n in ("float32", "float16"))
    assert {w["type"] for w in half["weights"]} == {"FLOAT16"} and len(half["weights"]) == len(whole["weights"])
    assert half["macs"] == whole["macs"] and half["weights_mb"] == pytest.approx(whole["weights_mb"] / 2, rel=0.02)


def test_zeros_and_distinct_values_are_counted(tmp_path: Path) -> None:
    values = np.array([[0, 0, 0, 1.5], [0, 2.5, 1.5, 0]], np.float32)
    tensors = [T("x", (1, 4)), T("w", (2, 4), values), T("b", (2,), np.zeros(2, np.float32)), T("y", (1, 2))]
    path = build(tmp_path / "m.tflite", G(tensors, [Op("FULLY_CONNECTED", (0, 1, 2), (3,))], (0,), (3,)))
    (weight,) = read_model_file(path).graphs[0].weights
    assert sparsity(weight) == 5 / 8 and distinct(weight) == 3
    assert read_model_file(path).macs == 8


def test_what_needs_tensorflow_says_so() -> None:
    found = inspect(read_model_file(MODELS / "flex.tflite"))
    assert found["needs_flex"] and found["graphs"][0]["ops"][0]["custom"]


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_file_is_told_and_no_more(data: st.DataObject) -> None:
    import tempfile

    whole = (MODELS / "partial_gpu.tflite").read_bytes()
    at = data.draw(st.integers(8, len(whole)))
    damaged = whole[:at] + data.draw(st.binary(max_size=30)) + whole[at + data.draw(st.integers(0, 40)) :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.tflite"
        path.write_bytes(data.draw(st.sampled_from([damaged, damaged[:at], b"TFL3", b""])))
        try:
            json.dumps(inspect(read_model_file(path)), allow_nan=False)
        except UsageError as error:
            assert "model" in str(error) and ";" in str(error)


def test_as_a_command(tmp_path: Path) -> None:
    done = harness("variants", "inspect", str(MODELS / "digits_int8.tflite"))
    assert done.code == 0 and "61.6 million MACs, 60 178 parameters" in done.out and "CONV_2D" in done.out
    document = json.loads(harness("variants", "inspect", "--json", str(MODELS / "digits_int8.tflite")).out)
    assert document["schema"] == 1 and document["graphs"][0]["macs"] > 60e6
    text = tmp_path / "m.tflite"
    text.write_text("no model")
    wrong = harness("variants", "inspect", str(text))
    assert wrong.code == 2 and "is no TensorFlow Lite flatbuffer; give a .tflite file" in wrong.err
