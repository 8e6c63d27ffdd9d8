"""Variants really built: each has the property that gives it its name, inside the flatbuffer."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest

from harness.variants.model_file import GraphInfo, read_model_file
from tests.racks import harness

pytest.importorskip("tensorflow", reason="needs the extra `models`")
pytestmark = [pytest.mark.models, pytest.mark.slow]

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
"""
RECIPE = """
source: {factory: "train:model"}
representative: {npz: d.npz, samples: 20}
variants:
  - float32
  - float16
  - dynamic_range
  - int8
  - int8: {inputs: float32, name: int8_float_io}
  - int16x8
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recipe")
    (folder / "train.py").write_text(TRAIN)
    (folder / "recipe.yaml").write_text(RECIPE)
    np.savez(folder / "d.npz", image=np.random.default_rng(0).uniform(0, 1, (30, 8, 8, 1)).astype(np.float32))
    done = harness("variants", "build", str(folder / "recipe.yaml"), "--out", str(folder / "out"), timeout=600)
    assert done.code == 0, done.out + done.err
    return folder


def graph(built: Path, name: str) -> GraphInfo:
    return read_model_file(built / "out" / f"{name}.tflite").graphs[0]


def ends(found: GraphInfo) -> set[str]:
    return {found.tensors[i].type for i in (*found.inputs, *found.outputs)}


def weights(found: GraphInfo) -> set[str]:
    return {w.type for w in found.weights}


def test_each_is_what_its_name_says(built: Path) -> None:
    assert weights(graph(built, "float32")) == {"FLOAT32"}
    assert weights(graph(built, "float16")) == {"FLOAT16"} and ends(graph(built, "float16")) == {"FLOAT32"}
    assert ends(graph(built, "dynamic_range")) == {"FLOAT32"}
    assert weights(graph(built, "int8")) == {"INT8"} and ends(graph(built, "int8")) == {"INT8"}
    assert weights(graph(built, "int8_float_io")) == {"INT8"} and ends(graph(built, "int8_float_io")) == {"FLOAT32"}
    wide = graph(built, "int16x8")
    assert weights(wide) == {"INT8"} and any(t.type == "INT16" and not t.constant_bytes for t in wide.tensors)


def test_all_come_from_the_same_weights(built: Path) -> None:
    whole, half = (sorted(graph(built, n).weights, key=lambda w: w.elements) for n in ("float32", "float16"))
    for a, b in zip(whole, half, strict=True):
        assert a.values is not None and b.values is not None
        assert np.allclose(a.values, b.values, atol=1e-3)


def test_the_list_says_what_was_built_from_what(built: Path) -> None:
    document = json.loads((built / "out/variants.json").read_text())
    assert [v["name"] for v in document["variants"]][:3] == ["float32", "float16", "dynamic_range"]
    assert len(document["source"]["sha256"]) == 64 and "tensorflow" in document["tools"]
    sizes = {v["name"]: v["file_bytes"] for v in document["variants"]}
    assert sizes["int8"] < sizes["float16"] < sizes["float32"]


def test_nothing_is_built_twice_and_a_change_builds_again(built: Path) -> None:
    words = ("variants", "build", str(built / "recipe.yaml"), "--out", str(built / "out"))
    started = time.monotonic()
    again = harness(*words)
    assert "6 of 6 variants are there, 6 of them from before." in again.out and time.monotonic() - started < 20
    (built / "out/int8.tflite").write_bytes(b"damaged")
    assert "5 of them from before." in harness(*words, timeout=300).out
    assert weights(graph(built, "int8")) == {"INT8"}


def test_one_failure_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(TRAIN)
    np.savez(tmp_path / "d.npz", image=np.ones((3, 4, 4, 1)))
    (tmp_path / "recipe.yaml").write_text(RECIPE.partition("  - float16")[0] + "  - int8\n")
    done = harness("variants", "build", str(tmp_path / "recipe.yaml"), "--out", str(tmp_path / "out"), timeout=300)
    assert done.code == 1 and "input 'image' is 8 × 8 × 1, and an example is 4 × 4 × 1" in done.out
    assert [p.name for p in sorted((tmp_path / "out").glob("*.tflite"))] == ["float32.tflite"]


def test_weights_that_are_no_numbers(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "recipe.yaml").write_text("source: {factory: 'train:broken'}\nvariants: [float32]\n")
    done = harness("variants", "build", str(tmp_path / "recipe.yaml"), "--out", str(tmp_path / "out"), timeout=300)
    assert done.code == 1 and "the model holds weights that are no numbers; train it again" in done.out
