"""Half precision on the virtual GPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.virtual.bench.cases import MODELS, on_phone
from tests.virtual.bench.tiny import lookup, square_chain


def given(work: Path) -> tuple[str, ...]:
    """Flags for one fixed input to a digits model, and an output file."""
    from ai_edge_litert.interpreter import Interpreter

    detail = Interpreter(model_path=str(MODELS / "digits_float32.tflite")).get_input_details()[0]
    values = np.random.default_rng(3).uniform(0, 1, detail["shape"]).astype(np.float32)
    (work / "in.bin").write_bytes(values.tobytes())
    shape = ",".join(str(n) for n in detail["shape"])
    return (
        f"--input_layer={detail['name']}",
        f"--input_layer_shape={shape}",
        f"--input_layer_value_files={detail['name'].replace(':', '::')}:in.bin",
        "--output_filepath=out.bin",
        "--num_runs=1",
        "--min_secs=0",
        "--warmup_min_secs=0",
    )


def outputs(work: Path, *flags: str, model: str = "models/digits_float32.tflite") -> npt.NDArray[np.float32]:
    """What a session leaves in its output file."""
    played = on_phone(work, f"--graph={model}", *flags, *given(work))
    assert played.code == 0, played.err
    return np.frombuffer((work / "out.bin").read_bytes(), np.float32)


def test_the_gpu_computes_in_half_precision_unless_told_otherwise(tmp_path: Path) -> None:
    cpu = outputs(tmp_path)
    half = outputs(tmp_path, "--use_gpu=true")
    full = outputs(tmp_path, "--use_gpu=true", "--gpu_precision_loss_allowed=false")
    assert np.array_equal(full, cpu)
    assert not np.array_equal(half, cpu)
    assert np.array_equal(half, half.astype(np.float16).astype(np.float32))
    assert np.abs(half - cpu).max() < 0.01


def test_the_outputs_are_those_of_the_interpreter(tmp_path: Path) -> None:
    from ai_edge_litert.interpreter import Interpreter

    ours = outputs(tmp_path)
    interpreter = Interpreter(model_path=str(MODELS / "digits_float32.tflite"), num_threads=1)
    interpreter.allocate_tensors()
    detail = interpreter.get_input_details()[0]
    values = np.frombuffer((tmp_path / "in.bin").read_bytes(), np.float32).reshape(detail["shape"])
    interpreter.set_tensor(detail["index"], values)
    interpreter.invoke()
    assert np.array_equal(ours, interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).ravel())


def test_xnnpack_can_be_forced_to_half_precision(tmp_path: Path) -> None:
    cpu = outputs(tmp_path)
    half = outputs(tmp_path, "--use_xnnpack=true", "--xnnpack_force_fp16=true")
    assert not np.array_equal(half, cpu)
    assert np.abs(half - cpu).max() < 0.01


def test_half_precision_overflows_where_single_does_not(tmp_path: Path) -> None:
    square_chain(tmp_path / "big.tflite", 20.0, 4)  # 20^16 = 6.6e20

    def last(*flags: str) -> float:
        flags = ("--graph=big.tflite", *flags, "--output_filepath=o", "--num_runs=1", "--min_secs=0")
        assert on_phone(tmp_path, *flags).code == 0
        return float(np.frombuffer((tmp_path / "o").read_bytes(), np.float32)[0])

    assert last() == pytest.approx(6.5536e20, rel=1e-5)
    assert np.isinf(last("--use_gpu=true"))


def test_values_between_operators_are_rounded_too(tmp_path: Path) -> None:
    # 1.01 ** 8 by squaring: rounded after each step it is another number than when rounded once at the end.
    square_chain(tmp_path / "small.tflite", 1.01, 3)
    step = np.float16(1.01)
    for _ in range(3):
        step = np.float16(np.float32(step) * np.float32(step))
    flags = ("--graph=small.tflite", "--output_filepath=o", "--input_layer=x", "--input_layer_shape=1")
    (tmp_path / "zero").write_bytes(bytes(4))
    played = on_phone(tmp_path, *flags, "--input_layer_value_files=x:zero", "--use_gpu=true", "--min_secs=0")
    assert played.code == 0, played.err
    assert np.frombuffer((tmp_path / "o").read_bytes(), np.float32)[0] == np.float32(step)
    assert step != np.float16(np.float32(1.01) ** 8)


def test_errors_of_a_rewritten_model_name_the_nodes_of_the_real_one(tmp_path: Path) -> None:
    lookup(tmp_path / "m.tflite")
    flags = ("--input_layer=i", "--input_layer_shape=4", "--input_layer_value_range=i,50,60", "--warmup_min_secs=0")
    played = on_phone(tmp_path, "--graph=m.tflite", *flags, "--use_nnapi=true", "--nnapi_allow_fp16=true")
    assert "ERROR: gather index out of bounds\nERROR: Node number 0 (GATHER) failed to invoke.\n" in played.err
    assert played.code == 1
