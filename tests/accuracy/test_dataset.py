"""Arrays of examples, read and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.accuracy.dataset import load_dataset
from harness.errors import UsageError
from harness.variants.evaluation import Evaluation


def npz(folder: Path, **arrays: Any) -> Path:
    np.savez(folder / "d.npz", **arrays)
    return folder / "d.npz"


def test_inputs_labels_and_samples(tmp_path: Path) -> None:
    path = npz(tmp_path, a=np.zeros((6, 2)), b=np.ones((6, 3)), labels=np.arange(6))
    data = load_dataset(Evaluation(npz=path, samples=4))
    assert data.count == 4 and set(data.inputs) == {"a", "b"} and data.labels is not None
    assert data.labels.tolist() == [0, 1, 2, 3]
    other = load_dataset(Evaluation(npz=path, samples=4, labels="b"))
    assert set(other.inputs) == {"a", "labels"} and other.sha256 != data.sha256
    assert load_dataset(Evaluation(npz=path, samples=4)).sha256 == data.sha256


def test_one_changed_value_is_another_dataset(tmp_path: Path) -> None:
    array = np.zeros((600, 2))
    first = load_dataset(Evaluation(npz=npz(tmp_path, a=array))).sha256
    array[555, 1] = 1
    assert load_dataset(Evaluation(npz=npz(tmp_path, a=array))).sha256 != first


def test_a_factory_beside_the_recipe_may_give_examples_of_different_lengths(tmp_path: Path) -> None:
    (tmp_path / "own_text.py").write_text(
        "import numpy as np\ndef make():\n"
        "    return {'ids': [np.arange(1, n + 1) for n in (3, 1, 2)], 'labels': [0, 1, 0]}\n"
    )
    data = load_dataset(Evaluation(factory="own_text:make"), tmp_path)
    assert data.inputs["ids"].tolist() == [[1, 2, 3], [1, 0, 0], [1, 2, 0]] and data.lengths["ids"].tolist() == [
        3,
        1,
        2,
    ]


def test_declared_lengths(tmp_path: Path) -> None:
    path = npz(tmp_path, ids=np.ones((2, 5)), n=np.array([5, 2]))
    assert load_dataset(Evaluation(npz=path, lengths={"ids": "n"})).lengths["ids"].tolist() == [5, 2]
    path = npz(tmp_path, ids=np.ones((2, 5)), n=np.array([6, 0]))
    with pytest.raises(UsageError, match="lengths of 'ids' are 0 to 6; they must be 1 to 5"):
        load_dataset(Evaluation(npz=path, lengths={"ids": "n"}))
    with pytest.raises(UsageError, match="has no array 'm'"):
        load_dataset(Evaluation(npz=path, lengths={"ids": "m"}))


@pytest.mark.parametrize(
    ("arrays", "spec", "said"),
    [
        ({"a": np.zeros((3, 2)), "labels": np.zeros(4)}, {}, "holds 3 of a, 4 of labels"),
        ({"a": np.zeros((0, 2))}, {}, "holds no example"),
        ({"a": np.array([[np.nan, 1]])}, {}, "a holds NaN or Inf"),
        ({"a": np.array(["x", "y"])}, {}, "a is of type <U1"),
        ({"a": np.zeros((3, 2))}, {"labels": "l"}, "no array 'l' of labels; it holds a"),
        ({"labels": np.zeros(3)}, {}, "holds no input, only labels"),
        ({"a": np.float32(3)}, {}, "a is a single value"),
    ],
)
def test_what_does_not_fit(tmp_path: Path, arrays: dict[str, Any], spec: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load_dataset(Evaluation(npz=npz(tmp_path, **arrays), **spec))


def test_what_is_no_evaluation() -> None:
    for bad in ({}, {"npz": Path("a"), "factory": "a:b"}, {"npz": Path("a"), "labels_csv": Path("b")}):
        with pytest.raises(ValueError, match=r"exactly one of|goes with images"):
            Evaluation(**bad)
    with pytest.raises(ValueError, match="no metric 'topp'"):
        Evaluation.model_validate({"npz": Path("a"), "metric": "topp"})
