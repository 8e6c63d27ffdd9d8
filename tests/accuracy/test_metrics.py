"""Metrics against figures counted by hand."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.accuracy.metrics import make_metric
from harness.errors import UsageError
from harness.variants.evaluation import MetricSpec

SCORES = np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.2, 0.2, 0.6], [0.4, 0.4, 0.2]])


def metric(name: str, folder: Path = Path(), **options: Any) -> Any:
    return make_metric(MetricSpec(name=name, **options), folder)


def test_top_k() -> None:
    labels = np.array([1, 1, 0, 1])
    assert metric("top1").score({"y": SCORES}, labels).by_example.tolist() == [1, 0, 0, 0], "of equal scores the first"
    assert metric("top2").score({"y": SCORES}, labels).by_example.tolist() == [1, 1, 1, 1]
    assert metric("top1").score({"y": SCORES}, labels).value == 25
    assert metric("top1").score({"y": SCORES}, np.eye(3)[labels]).value == 25, "one-hot labels"
    assert metric("top1").answers({"y": SCORES}).classes.tolist() == [1, 0, 2, 0]
    binary = {"y": np.array([[0.2], [0.9]])}
    assert metric("top1").score(binary, np.array([0, 1])).value == 100, "one score is that of the second class"


@given(st.lists(st.lists(st.floats(-1, 1), min_size=5, max_size=5), min_size=1, max_size=20), st.data())
def test_top_1_is_argmax_and_more_never_lose(scores: list[list[float]], data: st.DataObject) -> None:
    labels = np.array(data.draw(st.lists(st.integers(0, 4), min_size=len(scores), max_size=len(scores))))
    outputs = {"y": np.array(scores)}
    right = [metric(f"top{k}").score(outputs, labels).by_example for k in range(1, 5)]
    assert right[0].tolist() == (outputs["y"].argmax(1) == labels).astype(float).tolist()
    assert all((a <= b).all() for a, b in itertools.pairwise(right))


def test_errors_of_values() -> None:
    outputs, labels = {"a": np.zeros((2, 3)), "b": np.array([[1.0, 3], [0, 0]])}, np.array([[0.0, 0], [0, 1]])
    assert metric("mae", output="b").score(outputs, labels).by_example.tolist() == [2, 0.5]
    assert metric("mse", output=1).score(outputs, labels).value == (5 + 0.5) / 2
    assert not metric("mae").higher_is_better
    with pytest.raises(UsageError, match="the model has no output 'c'; its outputs: a, b"):
        metric("mae", output="c").score(outputs, labels)
    with pytest.raises(UsageError, match="give labels of the output's shape"):
        metric("mae", output="a").score(outputs, labels)


@pytest.mark.parametrize(
    ("labels", "said"),
    [(np.array([0, 1, 2, 3]), "labels are 0 to 3, and the model has 3 classes"), (np.array([0.5] * 4), "labels are 0.5"),
     (np.zeros((4, 2)), "give a class number an example")],
)  # fmt: skip
def test_labels_that_are_no_classes(labels: np.ndarray, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        metric("top1").score({"y": SCORES}, labels)


def test_a_function_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "own_metric.py").write_text(
        "def first(outputs, label):\n    return outputs['y'][0] - (label or 0)\ndef bad(outputs, label):\n    return 1 / 0\n"
    )
    made = metric("own_metric:first", tmp_path, lower_is_better=True)
    assert made.score({"y": SCORES}, np.array([1, 0, 0, 0])).by_example.tolist() == [-0.9, 0.5, 0.2, 0.4]
    assert made.score_alone({"y": SCORES}).value == pytest.approx(0.3) and not made.higher_is_better
    with pytest.raises(UsageError, match="fails on example 0: ZeroDivisionError"):
        metric("own_metric:bad", tmp_path).score({"y": SCORES}, np.zeros(4))
    with pytest.raises(UsageError, match="cannot be found"):
        metric("own_metric:none", tmp_path)


def test_iou_counted_by_hand() -> None:
    labels = np.array([[[0, 0], [1, 255]], [[1, 1], [1, 1]]])
    masks = np.array([[[0, 1], [1, 1]], [[1, 1], [0, 0]]])
    found = metric("iou").score({"y": masks}, labels)
    # class 0: in both 1, in one or the other 2 + 2; class 1: 1 + 2 of 2 + 4; the ignored pixel counts nowhere
    assert found.value == pytest.approx(100 * (1 / 4 + 3 / 6) / 2)
    assert metric("iou").score({"y": np.eye(2)[masks]}, labels).value == pytest.approx(found.value), "from scores"
    assert metric("iou").score({"y": masks * 0.9}, labels).value == pytest.approx(found.value), "from one score a pixel"
    with pytest.raises(UsageError, match="a label is 255, and the model has 2 classes; give its number as ignore"):
        metric("iou", ignore=None).score({"y": np.eye(2)[masks]}, labels)
    with pytest.raises(UsageError, match="give labels of the output's height and width"):
        metric("iou").score({"y": np.zeros((2, 3, 3, 2))}, labels)
