"""Models really run, in processes of their own."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.accuracy.dataset import Dataset
from harness.accuracy.feeds import takes_stored
from harness.accuracy.pool import Pool, WorkerDied
from harness.accuracy.runner import ModelFailed, run_in, run_model
from harness.errors import EnvironmentFault, UsageError
from harness.variants.model_file import read_model_file
from tests.racks import MODELS
from tests.virtual.bench.tiny import G, Op, T, build, lookup, sums

INT8 = MODELS / "digits_int8.tflite"


def plain_loop(path: Path, images: np.ndarray) -> np.ndarray:
    """The outputs as anybody would compute them."""
    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    (into,), (out,) = interpreter.get_input_details(), interpreter.get_output_details()
    found = []
    for image in images:
        if into["dtype"] is np.int8:
            scale, zero = into["quantization"]
            image = np.clip(np.rint(image / scale) + zero, -128, 127).astype(np.int8)
        interpreter.set_tensor(into["index"], image[None])
        interpreter.invoke()
        value = interpreter.get_tensor(out["index"])[0]
        scale, zero = out["quantization"]
        found.append((value.astype(np.float32) - zero) * scale if scale else value)
    return np.stack(found)


@pytest.mark.parametrize("name", ["digits_float32", "digits_int8"])
def test_outputs_are_those_of_a_plain_loop(name: str) -> None:
    images = np.random.default_rng(0).uniform(0, 1, (37, 64, 64, 1)).astype(np.float32)
    found = run_model(MODELS / f"{name}.tflite", {"image": images})
    assert list(found) == ["output_0"] and isinstance(found["output_0"], np.ndarray)
    assert np.allclose(found["output_0"], plain_loop(MODELS / f"{name}.tflite", images), atol=1e-5)


def test_stored_values_are_not_quantized_again() -> None:
    images = np.random.default_rng(0).integers(-128, 127, (3, 64, 64, 1), np.int8)
    model = read_model_file(INT8)
    data = Dataset("x", {"": images})
    assert takes_stored([model], data)
    assert not takes_stored([model, read_model_file(MODELS / "digits_float32.tflite")], data)
    real = (images.astype(np.float64) + 128) * model.graphs[0].tensors[0].quantization.scale[0]  # type: ignore[union-attr]
    a, b = run_model(INT8, {"": images})["output_0"], run_model(INT8, {"": real})["output_0"]
    assert np.array_equal(np.asarray(a), np.asarray(b))


def test_values_outside_the_input_are_counted() -> None:
    images = np.full((4, 64, 64, 1), 2.0, np.float32)
    images[:, :32] = 0.5
    with Pool(1) as pool:
        ran = run_in(pool, INT8, read_model_file(INT8), Dataset("x", {"image": images}), stored=False)
    assert ran.clipped_pct == 50 and ran.host_ms > 0


def test_several_inputs_by_name_and_in_batches(tmp_path: Path) -> None:
    path = sums(tmp_path / "m.tflite")
    a, b = np.random.default_rng(0).normal(size=(2, 501, 8)).astype(np.float32)
    with Pool(2) as pool:
        ran = run_in(pool, path, read_model_file(path), Dataset("x", {"b": b, "a": a}), stored=False)
    assert ran.batch == 32 and np.array_equal(np.asarray(ran.outputs["y"]), a + b)


def test_a_model_that_refuses_batches_runs_one_by_one(tmp_path: Path) -> None:
    shape = np.array([2, 4], np.int32)
    tensors = [T("x", (1, 8)), T("s", (2,), shape, "INT32"), T("y", (2, 4))]
    path = build(tmp_path / "m.tflite", G(tensors, [Op("RESHAPE", (0, 1), (2,))], (0,), (2,)))
    x = np.arange(40, dtype=np.float32).reshape(5, 8)
    with Pool(1) as pool:
        ran = run_in(pool, path, read_model_file(path), Dataset("x", {"": x}), stored=False)
    assert ran.batch == 1 and np.array_equal(np.asarray(ran.outputs["y"]), x.reshape(5, 2, 4))


def test_a_model_that_mixes_its_batch_runs_one_by_one(tmp_path: Path) -> None:
    gathered = [T("x", (1, 8)), T("i", (1,), np.array([0], np.int32), "INT32"), T("f", (1, 8)), T("y", (1, 8))]
    path = build(tmp_path / "g.tflite", G(gathered, [Op("GATHER", (0, 1), (2,)), Op("ADD", (2, 0), (3,))], (0,), (3,)))
    x = np.random.default_rng(0).normal(size=(9, 8)).astype(np.float32)
    with Pool(1) as pool:  # in a batch, the first example would be added to all
        ran = run_in(pool, path, read_model_file(path), Dataset("x", {"": x}), stored=False)
    assert ran.batch == 1 and np.allclose(np.asarray(ran.outputs["y"]), 2 * x)


def test_inputs_without_a_batch(tmp_path: Path) -> None:
    ids = np.array([[0, 1, 2, 3], [9, 9, 0, 5]], np.int64)
    found = np.asarray(run_model(lookup(tmp_path / "m.tflite"), {"i": ids})["y"])
    assert np.array_equal(found, 2 * np.arange(80).reshape(10, 8)[ids])


def test_outputs_whose_shape_depends_on_the_example() -> None:
    x = np.array([[1] * 8, [0] * 8, [-1] * 7 + [1]], np.float32)
    (found,) = run_model(MODELS / "dynamic.tflite", {"x": x}).values()
    assert (
        isinstance(found, list)
        and [v.shape for v in found] == [(8, 2), (0, 2), (1, 2)]
        and found[2].tolist() == [[0, 7]]
    )


@settings(max_examples=5)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=12))
def test_padding_is_cut_off_where_the_length_is_free(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int]
) -> None:
    path = tmp_path_factory.getbasetemp() / "free.tflite"
    tensors = [T("x", (1, -1)), T("axes", (1,), np.array([1], np.int32), "INT32"), T("y", (1,))]
    _free(build(path, G(tensors, [Op("SUM", (0, 1), (2,))], (0,), (2,))))
    x = np.ones((len(lengths), 6), np.float32)
    data = Dataset("x", {"x": x}, None, {"x": np.array(lengths)})
    assert np.asarray(run_model(path, data)["y"]).reshape(-1).tolist() == lengths
    assert np.asarray(run_model(path, Dataset("x", {"x": x}))["y"]).reshape(-1).tolist() == [6] * len(lengths)


def _free(path: Path) -> None:
    """Declare the second dimension of the input as free, as converters do."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes(), 0))
    tensor = model.subgraphs[0].tensors[0]
    tensor.shape, tensor.shapeSignature = np.array([1, 1], np.int32), np.array([1, -1], np.int32)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (
            {"x": np.zeros((2, 32, 32, 1), np.float32)},
            "input 'image' is 1 x 64 x 64 x 1, and an example is 32 x 32 x 1",
        ),
        ({"x": np.zeros((2, 1)), "z": np.zeros((2, 1))}, "no array for input 'image'; it holds 'x', 'z'"),
    ],
)
def test_inputs_that_do_not_fit(inputs: dict[str, np.ndarray], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        run_model(INT8, inputs)


def test_fractions_are_no_whole_numbers(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="int32 without a scale, and its array holds fractions"):
        run_model(lookup(tmp_path / "m.tflite"), {"i": np.full((1, 4), 0.5)})


def test_what_the_interpreter_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    with pytest.raises(ModelFailed, match="gather index out of bounds"):
        run_model(lookup(tmp_path / "m.tflite"), {"i": np.full((1, 4), 99)})


def test_tensorflows_own_operators_need_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EnvironmentFault, match="TensorFlow is not installed; pip install"):
        run_model(MODELS / "flex.tflite", {"x": np.zeros((1, 4, 4), np.float32)})


@pytest.mark.models
@pytest.mark.slow
def test_tensorflows_own_operators_run_where_tensorflow_has_them() -> None:
    pytest.importorskip("tensorflow", reason="needs the extra `models`")
    try:
        found = run_model(MODELS / "flex.tflite", {"x": 2 * np.eye(4, dtype=np.float32)[None]})["Identity"]
    except ModelFailed as error:  # as it is with TensorFlow 2.21
        assert "Flex delegate" in error.message and "plus-flex" in error.advice
    else:
        assert np.asarray(found).reshape(-1).tolist() == [16]


def test_a_worker_that_is_killed_is_replaced() -> None:
    with Pool(1) as pool:
        request = {"do": "none", "model": "none", "flex": False, "feeds": []}
        assert "error" in pool.ask(request)
        (worker,) = pool._idle
        os.kill(worker._process.pid, signal.SIGKILL)
        worker._process.wait()
        with pytest.raises(WorkerDied, match="crashed with signal SIGKILL"):
            pool.ask(request)
        assert "error" in pool.ask(request)


def test_no_worker_outlives_its_pool() -> None:
    with Pool(1) as pool:
        pool.ask({"do": "none", "model": "none", "flex": False, "feeds": []})
        (worker,) = pool._idle
    assert worker._process.poll() is not None and not pool.scratch.exists()
