"""Recipes and datasets: every fault is told with its place, before anything is trained or converted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.errors import UsageError
from harness.variants.dataset import Input, examples, read_npz
from harness.variants.recipe import load_recipe
from tests.racks import harness

GOOD = (
    "source: {factory: 'train:model'}\nrepresentative: {npz: d.npz}\nvariants: [float32, {int8: {inputs: float32}}]\n"
)


def write(folder: Path, text: str) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(text)
    return path


def test_paths_are_relative_to_the_recipe(tmp_path: Path) -> None:
    recipe = load_recipe(write(tmp_path, GOOD.replace("factory: 'train:model'", "keras: m.keras")))
    assert recipe.source.keras == tmp_path / "m.keras"
    assert recipe.representative and recipe.representative.npz == tmp_path / "d.npz"
    assert [(v.kind, v.name, v.options) for v in recipe.variants] == [
        ("float32", "float32", {}),
        ("int8", "int8", {"inputs": "float32"}),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "recipe.yaml is empty; begin with source:"),
        (GOOD.replace("float32,", "float33,"), "recipe.yaml:3: there is no kind of variant 'float33'; did you mean float32?"),
        (GOOD.replace("float32, ", "int8, "), "recipe.yaml:3: variant 'int8' is named twice"),
        (GOOD.replace("inputs: float32", "input: int8"), "recipe.yaml:3: there is no key int8.input; did you mean inputs?"),
        (GOOD.replace("inputs: float32", "inputs: int4"), "int8.inputs should be 'int8', 'uint8' or 'float32', not 'int4'"),
        (GOOD.replace("representative: {npz: d.npz}\n", ""), "int8 needs a representative dataset; add representative:"),
        (GOOD.replace("float32, ", "{float16: {name: ../x}}, "), "'../x' is no name of a file"),
        (GOOD.replace("{factory: 'train:model'}", "{keras: a, saved_model: b}"), "exactly one of keras, saved_model, tflite, factory, torch"),
        (GOOD.replace("train:model", "train model"), "recipe.yaml:1: source.factory"),
        (GOOD.replace("float32, ", "pruned, "), "recipe.yaml:3: pruned needs examples to train with; add training:"),
        (GOOD.replace("float32, ", "{pruned: {sparsity: 1.5}}, "), "recipe.yaml:3: pruned.sparsity should be less than 1, not 1.5"),
        (GOOD.replace("factory: 'train:model'", "tflite: m.tflite").replace("float32, ", "cqat, "), "cqat cannot follow from tflite: it trains; give keras or factory as the source"),
        (GOOD.replace("float32, ", "{quantizer: {recipe: w9}}, "), "quantizer.recipe should be"),
        (GOOD.replace("{npz: d.npz}", "{npz: d.npz, factory: 'a:b'}"), "recipe.yaml:2: representative: give exactly one of npz, factory"),
        (GOOD + "variant: []\n", "there is no key variant; did you mean variants?"),
    ],
)  # fmt: skip
def test_faults(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_recipe(write(tmp_path, text))
    assert said in str(caught.value)


IMAGE = [Input("image", (2, 3), "float32")]


def test_examples_fit_the_model() -> None:
    data = np.arange(24, dtype=np.float64).reshape(4, 2, 3)
    listed = examples({"anything": data}, IMAGE, 3, "d.npz")
    assert len(listed) == 3 and listed[0][0].shape == (1, 2, 3) and listed[0][0].dtype == np.float32


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"a": np.zeros((4, 2, 2))}, "input 'image' is 2 × 3, and an example is 2 × 2"),
        ({"a": np.zeros((0, 2, 3))}, "holds no example"),
        ({"a": np.full((4, 2, 3), np.nan)}, "holds values that are no numbers"),
        ({"a": np.zeros((4, 2, 3))}, "is constant; give real examples"),
        ({"a": np.full((4, 2, 3), "x")}, "is of type <U1; give numbers"),
        ({"a": np.ones(3), "b": np.ones(3)}, "has no array for input 'image'; it holds a, b"),
    ],
)
def test_datasets_that_do_not_fit(arrays: dict[str, np.ndarray], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        examples(arrays, IMAGE, 9, "d.npz")
    assert said in str(caught.value)


def test_arrays_of_different_lengths() -> None:
    inputs = [Input("a", (), "int32"), Input("b", (), "int32")]
    with pytest.raises(UsageError, match=r"its arrays hold \[2, 3\] examples"):
        examples({"a": np.arange(2), "b": np.arange(3)}, inputs, 9, "d.npz")


def test_files_that_hold_no_arrays(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_npz(path)
    path.write_bytes(b"nothing")
    with pytest.raises(UsageError, match="no file of plain arrays"):
        read_npz(path)


def test_without_tensorflow_the_command_says_how_to_get_it(tmp_path: Path) -> None:
    try:
        import tensorflow  # noqa: F401
    except ImportError:
        np.savez(tmp_path / "d.npz", x=np.ones(3))
        done = harness("variants", "build", str(write(tmp_path, GOOD)), "--out", str(tmp_path / "out"))
        assert done.code == 3 and "pip install 'phone-rack-harness[models]'" in done.err
        assert not (tmp_path / "out").exists()
