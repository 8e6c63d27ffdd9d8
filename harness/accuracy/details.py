"""Where two models differ: by class, and the examples that differ most. Pure, as plain values for JSON."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from harness.accuracy.evaluate import Evaluated
from harness.accuracy.scores import Pooled
from harness.stats.paired import proportion_drop_interval
from harness.variants.dataset import Array

#: How many examples are listed, and up to how many classes a confusion is kept as a matrix.
_EXAMPLES, _CLASSES = 20, 100
Counts = npt.NDArray[np.int64]


def right_classes(labels: Array | None, base: Evaluated | None) -> Counts | None:
    """The right class of each example of a classifier: its label, else the base model's answer."""
    if labels is None:
        return base.answers.classes if base is not None and base.answers is not None else None
    if labels.ndim > 1 and labels.shape[-1] > 1:
        labels = labels.reshape(len(labels), -1).argmax(1)
    return labels.reshape(-1).astype(np.int64)


def by_class(model: Evaluated, base: Evaluated | None, right: Counts | None) -> list[dict[str, Any]] | None:
    """A line a class. Of a classifier: `examples`, `value` and `base_value` (per cent right first), `drop` with
    `drop_ci95`, and `taken_for`, the class that it is taken for most; of IoU and mAP: `value` and `base_value`.
    None of metrics without classes. A value is None of a class that no example has.
    """
    if model.answers is not None and right is not None:
        return [_class(int(c), model, base, right) for c in np.unique(right)]
    if not isinstance(model.scores, Pooled):
        return None
    mine = _values(model.scores)
    whole = _values(base.scores) if base is not None and isinstance(base.scores, Pooled) else {}
    return [{"class": c, "value": mine[c], "base_value": whole.get(c)} for c in sorted(mine)]


def _values(scores: Pooled) -> dict[int, float | None]:
    found = scores.statistic.by_class(np.ones(scores.count))
    return {c: None if v != v else v * scores.unit for c, v in found.items()}


def _class(label: int, model: Evaluated, base: Evaluated | None, right: Counts) -> dict[str, Any]:
    assert model.answers is not None
    mine = model.answers.classes[right == label]
    count, good = len(mine), mine == label
    wrong = mine[~good]
    line: dict[str, Any] = {
        "class": label,
        "examples": count,
        "value": 100 * float(good.mean()),
        "taken_for": int(np.bincount(wrong).argmax()) if wrong.size else None,
    }
    if base is not None and base.answers is not None:
        whole = base.answers.classes[right == label] == label
        limits = proportion_drop_interval(int((whole & ~good).sum()), int((good & ~whole).sum()), count)
        value = 100 * float(whole.mean())
        assert limits.lo is not None and limits.hi is not None
        line |= {
            "base_value": value, "drop": value - line["value"], "drop_ci95": [100 * limits.lo, 100 * limits.hi],
        }  # fmt: skip
    return line


def disagreements(model: Evaluated, base: Evaluated | None, right: Counts | None) -> list[dict[str, Any]]:
    """The examples that differ most from the base, most first.

    Of classifiers those with another answer, by the larger of the two confidences, with `label`, `base_answer`,
    `base_confidence`, `answer` and `confidence`; of other metrics with a score an example those whose `score` is
    farthest from `base_score`.
    """
    if base is None:
        return []
    if model.answers is not None and base.answers is not None:
        a, b = base.answers, model.answers
        sure = np.maximum(a.confidence, b.confidence)
        others = np.flatnonzero(a.classes != b.classes)
        return [
            {
                "example": int(e), "label": int(right[e]) if right is not None else None,
                "base_answer": int(a.classes[e]), "base_confidence": float(a.confidence[e]),
                "answer": int(b.classes[e]), "confidence": float(b.confidence[e]),
            }
            for e in others[np.argsort(-sure[others], kind="stable")][:_EXAMPLES]
        ]  # fmt: skip
    mine, whole = (m.scores.by_example if m.scores is not None else None for m in (model, base))
    if mine is None or whole is None:
        return []
    distance = np.abs(mine - whole)
    order = np.argsort(-distance, kind="stable")[:_EXAMPLES]
    return [{"example": int(e), "base_score": float(whole[e]), "score": float(mine[e])} for e in order if distance[e]]


def confusion(model: Evaluated, right: Counts | None) -> Counts | None:
    """Examples by right class (rows) and answer (columns); None of other models and of more than 100 classes."""
    if model.answers is None or right is None:
        return None
    classes = int(max(right.max(), model.answers.classes.max())) + 1
    if classes > _CLASSES:
        return None
    return np.bincount(right * classes + model.answers.classes, minlength=classes**2).reshape(classes, classes)
