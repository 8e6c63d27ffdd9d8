"""Variants against the original, on the digits models of this repository."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from harness.accuracy.dataset import Dataset
from harness.accuracy.details import by_class, confusion, disagreements, right_classes
from harness.accuracy.evaluate import Evaluated, evaluate
from harness.accuracy.metrics import make_metric
from harness.accuracy.pool import Pool, WorkerDied
from harness.errors import UsageError
from harness.variants.evaluation import MetricSpec
from tests.racks import MODELS, harness
from tests.virtual.bench.tiny import G, Op, T, build

FLOAT32, INT8 = MODELS / "digits_float32.tflite", MODELS / "digits_int8.tflite"
TOP1 = make_metric(MetricSpec(name="top1"))


def scaled(path: Path, factor: list[float]) -> Path:
    """y = x times a constant: which of two classes is largest depends on it."""
    values = np.array(factor, np.float32)
    tensors = [T("x", (1, 2)), T("f", (2,), values), T("y", (1, 2))]
    return build(path, G(tensors, [Op("MUL", (0, 1), (2,))], (0,), (2,)))


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path, Dataset]:
    """An original that is always right, and a variant that doubles the second score: wrong on 30 of 100."""
    x = np.tile(np.array([[1, 0.1], [0.4, 0.9]], np.float32), (50, 1))
    x[:60:2] = [0.9, 0.6]
    labels = np.array([0, 1] * 50)
    return scaled(tmp_path / "a.tflite", [1, 1]), scaled(tmp_path / "b.tflite", [1, 2]), Dataset("d", {"x": x}, labels)


def test_a_planted_drop_is_found(pair: tuple[Path, Path, Dataset]) -> None:
    first, second, data = pair
    base, found = evaluate([first, second], data, TOP1, first, max_drop=5)
    assert base.accuracy.value == 100 and base.accuracy.verdict is None
    assert found.accuracy.value == 70 and found.accuracy.drop == 30
    low, high = found.accuracy.drop_ci95
    assert low is not None and high is not None and 20 < low < 30 < high < 41
    assert found.accuracy.verdict == "over max_drop" and found.fails
    (back,) = [m for m in evaluate([first, second], data, TOP1, second) if m.name == "a"]
    assert back.accuracy.verdict == "better" and back.accuracy.drop == -30


def test_where_they_differ(pair: tuple[Path, Path, Dataset]) -> None:
    first, second, data = pair
    base, found = evaluate([first, second], data, TOP1, first)
    right = right_classes(data.labels, base)
    lines = by_class(found, base, right)
    assert lines is not None and [(line["class"], line["value"], line["drop"]) for line in lines] == [
        (0, 40, 60),
        (1, 100, 0),
    ]
    assert lines[0]["taken_for"] == 1 and lines[1]["taken_for"] is None
    listed = disagreements(found, base, right)
    assert len(listed) == 20 and {(d["label"], d["base_answer"], d["answer"]) for d in listed} == {(0, 0, 1)}
    assert all(d["example"] % 2 == 0 and d["example"] < 60 for d in listed)
    counts = confusion(found, right)
    assert counts is not None and counts.tolist() == [[20, 30], [0, 50]]


def test_without_labels_it_is_agreement(pair: tuple[Path, Path, Dataset]) -> None:
    first, second, data = pair
    base, found = evaluate([first, second], Dataset("d", data.inputs), TOP1, first)
    assert base.accuracy.value == 100 and found.accuracy.value == 70 and found.accuracy.verdict == "differs"
    assert found.accuracy.reference == "base"
    low, high = found.accuracy.ci95
    assert low is not None and high is not None and found.accuracy.drop_ci95 == pytest.approx((100 - high, 100 - low))
    mae = make_metric(MetricSpec(name="mae"))
    found = evaluate([second], Dataset("d", data.inputs), mae, first)[1]
    x = np.asarray(data.inputs["x"], np.float64)
    assert found.accuracy.value == pytest.approx(x[:, 1].mean() / 2, rel=1e-5)
    assert found.accuracy.drop == pytest.approx(found.accuracy.value) and found.accuracy.verdict == "differs"
    with pytest.raises(UsageError, match="needs labels, or a base model"):
        evaluate([first], Dataset("d", data.inputs), TOP1)


def test_one_that_crashes_leaves_the_others(
    pair: tuple[Path, Path, Dataset], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first, second, data = pair
    (tmp_path / "damaged.tflite").write_bytes(b"\0\0\0\0TFL3damaged")
    whole = Pool.ask

    def ask(self: Pool, request: dict[str, object]) -> dict[str, object]:
        if request["model"] == str(second):
            raise WorkerDied("the interpreter crashed with signal SIGSEGV")
        return whole(self, request)

    monkeypatch.setattr(Pool, "ask", ask)
    third = scaled(tmp_path / "c.tflite", [2, 1])
    found = evaluate([first, second, tmp_path / "damaged.tflite", third], data, TOP1, first)
    assert [m.accuracy.value is None for m in found] == [False, True, True, False]
    assert "SIGSEGV" in str(found[1].accuracy.reason) and "damaged" in str(found[2].accuracy.reason)


def test_a_dataset_that_fits_no_model_is_wrong_usage(pair: tuple[Path, Path, Dataset]) -> None:
    first, second, _ = pair
    with pytest.raises(UsageError, match="an example is 3"):
        evaluate([first, second], Dataset("d", {"x": np.zeros((2, 3))}, np.zeros(2)), TOP1)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    datasets = pytest.importorskip("sklearn.datasets", reason="needs scikit-learn")
    found = datasets.load_digits()
    images = np.repeat(np.repeat((found.images / 16).astype(np.float32), 8, 1), 8, 2)[..., None]
    return Dataset("digits", {"image": images[1500:]}, found.target[1500:])


def test_the_digits_models(digits: Dataset) -> None:
    found = {m.name: m for m in evaluate([FLOAT32, INT8], digits, TOP1, FLOAT32)}
    whole, small = found["digits_float32"], found["digits_int8"]
    assert (
        small.accuracy.drop is not None and abs(small.accuracy.drop) < 3 and small.accuracy.verdict == "no drop shown"
    )
    assert whole.accuracy.value is not None and whole.accuracy.value > 80
    assert small.clipped_pct == 0 and whole.clipped_pct is None
    assert isinstance(small, Evaluated) and small.answers is not None and small.answers.confidence.max() <= 1


def test_the_command(pair: tuple[Path, Path, Dataset], tmp_path: Path) -> None:
    first, second, data = pair
    np.savez(tmp_path / "d.npz", x=data.inputs["x"], labels=data.labels)  # type: ignore[arg-type]
    words = ("variants", "evaluate", str(first), str(second), "--dataset", str(tmp_path / "d.npz"))
    done = harness(*words, "--out", str(tmp_path / "out"), "--max-drop", "5", "--json")
    assert done.code == 1, done.err
    document = json.loads(done.out)
    assert document == json.loads((tmp_path / "out" / "accuracy.json").read_text())
    a, b = document["models"].values()
    assert a["name"] == "a" and a["drop"] is None and a["drop_reason"] == "nothing to compare with"
    assert b["verdict"] == "over max_drop" and b["confusion"] == [[20, 30], [0, 50]] and b["host"]["ratio"] > 0
    assert (tmp_path / "out" / "confusion-b.png").read_bytes().startswith(b"\x89PNG")
    with np.load(tmp_path / "out" / "accuracy.npz") as kept:
        assert kept["b/score"].mean() == 0.7 and kept["b/answer"].shape == (100,)
    shown = harness(*words)
    assert shown.code == 0 and "real drop" in shown.out and "100 examples" in shown.out, "no budget, no fault"
    assert harness("variants", "evaluate", str(first)).code == 2
