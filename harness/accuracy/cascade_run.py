"""A cascade of two models over a dataset, from files to the document that is printed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness.accuracy.cascade import Confidence, Point, answers, sweep
from harness.accuracy.cascade_cost import Cost, download_bytes
from harness.accuracy.dataset import Dataset
from harness.accuracy.feeds import takes_stored
from harness.accuracy.pool import Pool
from harness.accuracy.runner import run_in
from harness.errors import UsageError
from harness.variants.model_file import read_model_file


@dataclass(frozen=True)
class Cascade:
    """Two models judged together. heavy is None where its accuracy was assumed.

    Attributes:
        softmax: whether confidences come from softmax over logits.
    """

    light: Path
    heavy: Path | None
    points: tuple[Point, ...]
    softmax: bool


def run_cascade(
    light: Path, heavy: Path | None, data: Dataset, *, assumed: float | None = None, confidence: Confidence = "top"
) -> Cascade:
    """Run both models over all examples.

    Args:
        heavy: None for a stage of which only an accuracy is known: `assumed`, a share of 1.
        data: with the right class of each example as labels.

    Raises:
        UsageError: labels are missing or no classes, or a model is no classifier of these.
        As `run_in`: a model does not fit the dataset, or fails.
    """
    if data.labels is None:
        raise UsageError(f"{data.where} has no labels", advice="name their array with --labels")
    labels = np.asarray(data.labels).reshape(len(data.labels), -1)
    if labels.shape[1] != 1 or not np.array_equal(labels, np.rint(labels)):
        raise UsageError(f"{data.where}: labels are no classes", advice="give the number of the right class an example")
    paths = [light] if heavy is None else [light, heavy]
    models = [read_model_file(path) for path in paths]
    stored = takes_stored(models, data)
    told = []
    with Pool() as pool:
        for path, model in zip(paths, models, strict=True):
            first = next(iter(run_in(pool, path, model, data, stored=stored).outputs.values()))
            try:
                told.append(answers(np.asarray(first), confidence))
            except ValueError as error:
                raise UsageError(f"{path} is no classifier: {error}", advice="cascades need classes") from None
    rights = [classes == labels[:, 0] for classes, _, _ in told]
    if heavy is None and assumed is None:
        raise UsageError("nothing is known of the heavy stage", advice="give a model, or --cloud-accuracy")
    points = sweep(told[0][1], rights[0], float(assumed or 0.0) if heavy is None else rights[1])
    return Cascade(light, heavy, tuple(points), told[0][2])


def build_document(
    cascade: Cascade,
    shown: Sequence[Point],
    recommended: Point | None,
    light: Cost,
    heavy: Cost,
    *,
    cloud: bool,
) -> dict[str, Any]:
    """The JSON document: `light`, `heavy`, `rows` (thresholds), `recommended` (None where no limit was given or none
    is met), `first_download` (alone and with the heavy model)."""
    local = [] if cascade.heavy is None or cloud else [cascade.heavy]
    ends = cascade.points[0], cascade.points[-1]
    return {
        "schema": 1,
        "light": {"model": str(cascade.light), **_cost(light), **_accuracy(ends[0])},
        "heavy": {
            "model": None if cascade.heavy is None else str(cascade.heavy),
            "cloud": cloud,
            **_cost(heavy),
            **_accuracy(ends[1]),
        },
        "examples": ends[0].count,
        "softmax": cascade.softmax,
        "rows": [_row(point, light, heavy) for point in shown],
        "recommended": None if recommended is None else _row(recommended, light, heavy),
        "first_download": {
            "light": download_bytes([cascade.light]),
            "both": download_bytes([cascade.light, *local]) if local else None,
            "both_reason": None if local else "the heavy stage runs in the cloud",
        },
    }


def _row(point: Point, light: Cost, heavy: Cost) -> dict[str, Any]:
    interval = point.share_interval
    found: dict[str, Any] = {
        "threshold": point.threshold,
        "escalated": point.escalated,
        "escalated_pct": 100 * point.share,
        "escalated_ci95_pct": [_pct(interval.lo), _pct(interval.hi)],
        **_accuracy(point),
    }
    for key in ("ms", "mj"):
        one, two = getattr(light, key), getattr(heavy, key)
        found[f"expected_{key}"] = value = point.expected(one.value, two.value)
        found[f"expected_{key}_reason"] = None if value is not None else (one.reason or two.reason)
    return found


def _accuracy(point: Point) -> dict[str, Any]:
    interval = point.accuracy_interval
    return {
        "accuracy_pct": 100 * point.accuracy,
        "accuracy_ci95_pct": [_pct(interval.lo), _pct(interval.hi)],
        "accuracy_reason": interval.reason,
    }


def _cost(cost: Cost) -> dict[str, Any]:
    return {
        "ms": cost.ms.value,
        "ms_reason": cost.ms.reason,
        "ms_source": cost.ms.source if cost.ms.value is not None else None,
        "mj": cost.mj.value,
        "mj_reason": cost.mj.reason,
    }


def _pct(share: float | None) -> float | None:
    return None if share is None or not math.isfinite(share) else 100 * share
