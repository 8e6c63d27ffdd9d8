"""From a Keras model with a planted layer to a recipe that builds an accurate variant, by the commands alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from tests.racks import harness

pytest.importorskip("tensorflow", reason="needs the extra `models`")
pytestmark = [pytest.mark.models, pytest.mark.slow]

TRAIN = """
def model():
    import keras
    keras.utils.set_random_seed(3)
    layers = keras.layers
    made = keras.Sequential([
        keras.Input((8, 8, 1), name="image"),
        layers.Conv2D(4, 3, activation="relu", name="first"),
        layers.Conv2D(8, 3, activation="relu", name="spoilt"),
        layers.Conv2D(8, 3, activation="relu", name="third"),
        layers.Flatten(), layers.Dense(10),
    ])
    kernel, bias = made.get_layer("spoilt").get_weights()
    after, after_bias = made.get_layer("third").get_weights()
    kernel[..., 0] = abs(kernel[..., 0]) * 1e4
    after[:, :, 0] = 0  # the large channel says nothing, but its range swallows those that do
    made.get_layer("spoilt").set_weights([kernel, bias])
    made.get_layer("third").set_weights([after, after_bias])
    return made
"""


def test_explain_names_the_layer_and_its_entry_restores_the_accuracy(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "calibration.npz", image=rng.uniform(0, 1, (60, 8, 8, 1)).astype(np.float32))
    np.savez(tmp_path / "test.npz", image=rng.uniform(0, 1, (300, 8, 8, 1)).astype(np.float32))
    (tmp_path / "train.py").write_text(TRAIN)
    recipe = {
        "source": {"factory": "train:model"},
        "representative": {"npz": "calibration.npz"},
        "evaluation": {"npz": "test.npz", "max_drop": 5},
        "variants": ["float32", "int8"],
    }
    path, out = tmp_path / "recipe.yaml", str(tmp_path / "out")
    path.write_text(yaml.safe_dump(recipe))
    done = harness("variants", "explain", str(path), "--out", out, "--json", timeout=900)
    assert done.code == 1, done.err
    found = json.loads(done.out)
    worst = next(layer for layer in found["layers"] if layer["rank"] == 1)
    assert "spoilt" in worst["layer"] and worst["channels"]["within_one_step"] > 0
    assert found["remedies"][0]["restores"], found["remedies"]

    recipe["variants"] = ["float32", "int8", found["remedies"][0]["entry"]]
    path.write_text(yaml.safe_dump(recipe))
    done = harness("variants", "build", str(path), "--out", out, timeout=900)
    assert done.code == 0, done.out
    done = harness("variants", "evaluate", str(path), "--out", out)
    drops = {m["name"]: m["drop"] for m in json.loads((tmp_path / "out/accuracy.json").read_text())["models"].values()}
    assert drops["int8"] > 20 and drops[found["remedies"][0]["name"]] <= 5
