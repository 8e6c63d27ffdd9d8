"""Variants really built: each has the property that gives it its name, inside the flatbuffer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.variants.model_file import GraphInfo, read_model_file
from harness.variants.properties import distinct_in_channel, sparsity
from tests.racks import harness

pytest.importorskip("tensorflow", reason="needs the extra `models`")
pytestmark = [pytest.mark.models, pytest.mark.slow]

#: Every kind, from scikit-learn's digits; what `make variants` builds.
DIGITS = Path(__file__).parents[1] / "models" / "variants"
TRAIN = """
import numpy as np

def model():
    import keras
    layers = keras.layers
    return keras.Sequential([
        keras.Input((8, 8, 1), name="image"), layers.Conv2D(6, 3, activation="relu"), layers.Flatten(), layers.Dense(4),
    ])

def broken():
    made = model()
    made.set_weights([np.full_like(w, np.nan) for w in made.get_weights()])
    return made

def free():
    import keras
    return keras.Sequential([keras.Input((None, None, 1), name="image"), keras.layers.Conv2D(6, 3)])
"""
RECIPE = "source: {factory: 'train:model'}\nrepresentative: {npz: d.npz, samples: 20}\nvariants: [float32, int8]\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("digits") / "out"
    done = harness("variants", "build", str(DIGITS / "recipe.yaml"), "--out", str(out), timeout=900)
    assert done.code == 0, done.out + done.err
    return out


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    np.savez(tmp_path / "d.npz", image=np.random.default_rng(0).uniform(0, 1, (30, 8, 8, 1)).astype(np.float32))
    return tmp_path


def build(folder: Path, *more: str) -> Any:
    return harness("variants", "build", str(folder / "recipe.yaml"), "--out", str(folder / "out"), *more, timeout=300)


def graph(built: Path, name: str) -> GraphInfo:
    return read_model_file(built / f"{name}.tflite").graphs[0]


def sidecar(built: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((built / f"{name}.json").read_text())
    return found


def ends(found: GraphInfo) -> set[str]:
    return {found.tensors[i].type for i in (*found.inputs, *found.outputs)}


def weights(found: GraphInfo) -> set[str]:
    return {w.type for w in found.weights}


def kernels(found: GraphInfo) -> list[Any]:
    """Weights of all layers but the depthwise one, which is neither pruned nor clustered."""
    return [w for w in found.weights if w.shape[0] != 1 or len(w.shape) != 4]


def test_types_are_what_the_name_says(built: Path) -> None:
    assert weights(graph(built, "float32")) == {"FLOAT32"}
    assert weights(graph(built, "float16")) == {"FLOAT16"} and ends(graph(built, "float16")) == {"FLOAT32"}
    assert "INT8" in weights(graph(built, "dynamic_range")) and ends(graph(built, "dynamic_range")) == {"FLOAT32"}
    assert weights(graph(built, "int8")) == {"INT8"} and ends(graph(built, "int8")) == {"INT8"}
    assert weights(graph(built, "int8_float_io")) == {"INT8"} and ends(graph(built, "int8_float_io")) == {"FLOAT32"}
    wide = graph(built, "int16x8")
    assert weights(wide) == {"INT8"} and any(t.type == "INT16" and not t.constant_bytes for t in wide.tensors)
    assert "INT8" in weights(graph(built, "weights_int8")) and "INT4" in weights(graph(built, "weights_int4"))
    mixed = graph(built, "mixed")
    assert {w.type: "digit" in w.name for w in mixed.weights}["FLOAT32"] and "INT8" in weights(mixed)


@pytest.mark.parametrize("name", ["qat", "pqat", "cqat", "pcqat", "pruned+int8", "clustered+int8"])
def test_chains_that_end_in_int8_leave_nothing_in_float(built: Path, name: str) -> None:
    found = graph(built, name)
    assert {t.type for t in found.tensors} <= {"INT8", "INT32"} and weights(found) == {"INT8"}


@pytest.mark.parametrize("name", ["pruned", "pruned+int8", "pqat", "pcqat"])
def test_pruned_ones_are_sparse_in_every_kernel(built: Path, name: str) -> None:
    for kernel in kernels(graph(built, name)):
        assert (sparsity(kernel) or 0) >= 0.6 - 1 / kernel.elements, kernel.name
    assert sidecar(built, "float32")["sparsity"] < 0.1


@pytest.mark.parametrize("name", ["clustered", "clustered+int8", "cqat", "pcqat"])
def test_clustered_ones_have_few_values_in_every_kernel(built: Path, name: str) -> None:
    found = graph(built, name)
    for kernel in kernels(found):
        assert (distinct_in_channel(found, kernel) or 99) <= 16, kernel.name
    assert max(distinct_in_channel(graph(built, "qat"), k) or 0 for k in kernels(graph(built, "qat"))) > 16


def test_fine_tuning_leaves_its_curve(built: Path) -> None:
    curve = sidecar(built, "pcqat")["curve"]
    assert [(c["step"], c["epoch"]) for c in curve] == [
        (step, epoch) for step in ("pruned", "clustered", "qat") for epoch in (1, 2, 3, 4)
    ]
    assert all(0 < c["loss"] < 5 and 0 < c["val_accuracy"] <= 1 for c in curve)
    assert sidecar(built, "int8")["curve"] == []


def test_all_come_from_the_same_weights(built: Path) -> None:
    whole, half = (sorted(graph(built, n).weights, key=lambda w: (w.elements, w.shape)) for n in ("float32", "float16"))
    for a, b in zip(whole, half, strict=True):
        assert a.values is not None and b.values is not None
        assert np.allclose(a.values, b.values, atol=1e-2)


def test_the_list_says_what_was_built_from_what(built: Path) -> None:
    document = json.loads((built / "variants.json").read_text())
    assert [v["name"] for v in document["variants"]][:3] == ["float32", "float16", "dynamic_range"]
    assert len(document["source"]["sha256"]) == 64 and "tensorflow" in document["tools"]
    assert len(document["representative_sha256"]) == len(document["training_sha256"]) == 64
    sizes = {v["name"]: v["file_bytes"] for v in document["variants"]}
    assert sizes["weights_int4"] < sizes["int8"] < sizes["float16"] < sizes["float32"]
    squeezed = {v["name"]: v["deflated_bytes"] for v in document["variants"]}
    assert squeezed["pcqat"] < squeezed["pqat"] < squeezed["qat"]
    assert sidecar(built, "qat")["representative_sha256"] is None and sidecar(built, "int8")["training_sha256"] is None


def test_nothing_is_built_twice_and_damage_is_built_again(built: Path) -> None:
    words = ("variants", "build", str(DIGITS / "recipe.yaml"), "--out", str(built))
    assert "17 of 17 variants are there, 17 of them from before." in harness(*words).out
    (built / "int8.tflite").write_bytes(b"damaged")
    assert "16 of them from before." in harness(*words, timeout=300).out
    assert weights(graph(built, "int8")) == {"INT8"}


def test_a_file_as_the_source(built: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", image=np.random.default_rng(0).uniform(0, 1, (30, 16, 16, 1)).astype(np.float32))
    (tmp_path / "recipe.yaml").write_text(
        f"source: {{tflite: {built / 'float32.tflite'}}}\nrepresentative: {{npz: d.npz}}\n"
        "variants: [float32, float16, dynamic_range, int8, int16x8, {int8: {name: float_io, inputs: float32}}]\n"
    )
    done = build(tmp_path)
    assert done.code == 1 and "a .tflite source becomes int8 with inputs and outputs in int8 only" in done.out
    out = tmp_path / "out"
    assert (out / "float32.tflite").read_bytes() == (built / "float32.tflite").read_bytes()
    assert weights(graph(out, "float16")) == {"FLOAT16"} and ends(graph(out, "int8")) == {"INT8"}
    assert "INT16" in {t.type for t in graph(out, "int16x8").tensors}


def test_one_failure_leaves_the_others(folder: Path) -> None:
    np.savez(folder / "d.npz", image=np.ones((3, 4, 4, 1)))
    done = build(folder)
    assert done.code == 1 and "input 'image' is 8 × 8 × 1, and an example is 4 × 4 × 1" in done.out
    assert [p.name for p in sorted((folder / "out").glob("*.tflite"))] == ["float32.tflite"]


def test_weights_that_are_no_numbers(folder: Path) -> None:
    (folder / "recipe.yaml").write_text("source: {factory: 'train:broken'}\nvariants: [float32]\n")
    done = build(folder)
    assert done.code == 1 and "the model holds weights that are no numbers; train it again" in done.out


def test_shapes_that_are_free_stay_free(folder: Path) -> None:
    (folder / "recipe.yaml").write_text("source: {factory: 'train:free'}\nvariants: [float32]\n")
    assert build(folder).code == 0
    found = graph(folder / "out", "float32")
    assert found.tensors[found.inputs[0]].shape == (1, -1, -1, 1)


def test_operators_that_tensorflow_lite_has_not(folder: Path) -> None:
    script = (
        "import tensorflow as tf; f = lambda x: {'y': tf.linalg.det(tf.reshape(x, (1, 3, 3)))};"
        "tf.saved_model.save(tf.Module(), 'saved', signatures={'serving_default': tf.function(f,"
        " input_signature=[tf.TensorSpec((1, 9), tf.float32, 'x')])})"
    )
    subprocess.run([sys.executable, "-c", script], cwd=folder, check=True, capture_output=True)
    (folder / "recipe.yaml").write_text(
        "source: {saved_model: saved}\nvariants: [float32, {float32: {name: with_flex, flex: true}}]\n"
    )
    done = build(folder)
    assert done.code == 1 and "no operator MatrixDeterminant" in done.out and "say flex: true" in done.out
    assert sidecar(folder / "out", "with_flex")["needs_flex"]


def test_ctrl_c_keeps_what_is_done(folder: Path) -> None:
    names = ", ".join(f"{{float32: {{name: v{n}}}}}" for n in range(8))
    (folder / "recipe.yaml").write_text(f"source: {{factory: 'train:model'}}\nvariants: [{names}]\n")
    command = [sys.executable, "-m", "harness", "variants", "build", "recipe.yaml", "--out", "out"]
    running = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 200
    while not list((folder / "out").glob("v*.json")) and time.monotonic() < deadline:
        time.sleep(0.2)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130 and "Traceback" not in said
    kept = len(list((folder / "out").glob("v*.json")))
    assert 0 < kept < 8 and not list((folder / "out").glob(".*-v*"))
    assert f"8 of 8 variants are there, {kept} of them from before." in build(folder).out
