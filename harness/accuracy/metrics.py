"""Metrics: from outputs and right answers to scores. One class a metric, one line in `make_metric`. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from harness.accuracy.runner import Outputs
from harness.accuracy.scores import Answers, Means, Scores
from harness.errors import UsageError
from harness.variants.dataset import Array
from harness.variants.evaluation import MetricSpec
from harness.variants.function import find_function


class Metric(ABC):
    """What is judged and how.

    Attributes:
        unit: "pct", where differences are points, or "" for the output's own unit.
        higher_is_better: whether a larger figure is the better one.
    """

    unit = "pct"
    higher_is_better = True

    def __init__(self, spec: MetricSpec) -> None:
        self.spec = spec
        self.name = spec.name

    @abstractmethod
    def score(self, outputs: Outputs, labels: Array) -> Scores:
        """Scores of a model's outputs.

        Raises:
            UsageError: outputs or labels are not of the form that this metric asks for.
        """

    def score_alone(self, outputs: Outputs) -> Scores:
        """Scores where there are neither labels nor another model.

        Raises:
            UsageError: this metric needs right answers.
        """
        raise UsageError(f"{self.name} needs labels, or a base model to agree with", advice="add --labels or --base")

    def answers(self, outputs: Outputs) -> Answers | None:
        """A classifier's answers; None of a metric of other models."""
        return None

    def as_labels(self, outputs: Outputs) -> Array:
        """A model's outputs in the place of right answers, to judge how far another model agrees with it.

        Raises:
            UsageError: agreement says nothing for this metric.
        """
        raise UsageError(f"{self.name} needs labels", advice="name their array with --labels")

    def output(self, outputs: Outputs, key: str | int | None = None) -> Array:
        """The output that is judged, all examples of one shape.

        Raises:
            UsageError: there is no such output, or its shape differs from example to example.
        """
        found = pick(outputs, self.spec.output if key is None else key)
        if isinstance(found, list):
            raise UsageError(
                f"{self.name}: the output's shape differs from example to example", advice="use a callable"
            )
        return found


def pick(outputs: Outputs, key: str | int) -> Array | list[Array]:
    """An output by name or place.

    Raises:
        UsageError: there is none.
    """
    names = list(outputs)
    if isinstance(key, int) and -len(names) <= key < len(names):
        return outputs[names[key]]
    if key in outputs:
        return outputs[str(key)]
    raise UsageError(f"the model has no output {key!r}", advice=f"its outputs: {', '.join(names)}")


class TopK(Metric):
    """Share of examples whose right class is among the k with the highest scores.

    Of equal scores the lower class counts first, as argmax has it. Labels: a class an example.
    """

    def __init__(self, spec: MetricSpec) -> None:
        super().__init__(spec)
        self.k = int(spec.name.removeprefix("top"))

    def score(self, outputs: Outputs, labels: Array) -> Means:
        """1 where it is among them, else 0."""
        scores = self._scores(outputs)
        wanted = _class_labels(labels, scores.shape[1], self.name)
        if self.k >= scores.shape[1]:
            said = f"{self.name} of {scores.shape[1]} classes is always right"
            raise UsageError(said, advice=f"use top1 to top{scores.shape[1] - 1}")
        own = np.take_along_axis(scores, wanted[:, None], 1)
        before = np.arange(scores.shape[1]) < wanted[:, None]
        ahead = ((scores > own) | ((scores == own) & before)).sum(1)
        right = (ahead < self.k) & np.isfinite(own[:, 0])
        return Means(right.astype(np.float64), unit=100, binary=True)

    def answers(self, outputs: Outputs) -> Answers:
        """The highest score's class."""
        scores = self._scores(outputs)
        classes = scores.argmax(1)
        return Answers(classes, np.take_along_axis(scores, classes[:, None], 1)[:, 0].astype(np.float64))

    def as_labels(self, outputs: Outputs) -> Array:
        """Its answers."""
        return self.answers(outputs).classes

    def _scores(self, outputs: Outputs) -> Array:
        scores = self.output(outputs)
        scores = scores.reshape(len(scores), -1)
        if scores.shape[1] == 1:  # one score that the second of two classes is right
            return np.concatenate([1 - scores, scores], 1)
        return scores


class _Error(Metric):
    unit = ""
    higher_is_better = False

    def score(self, outputs: Outputs, labels: Array) -> Means:
        """The mean over the elements of an example's output."""
        found = np.asarray(self.output(outputs), np.float64)
        if found.size != labels.size:
            shapes = f"{found.shape[1:]} in the output and {labels.shape[1:]} in the labels"
            raise UsageError(f"{self.name}: an example is {shapes}", advice="give labels of the output's shape")
        errors = found.reshape(len(found), -1) - np.asarray(labels, np.float64).reshape(len(found), -1)
        return Means(self.measure(errors).mean(1))

    def as_labels(self, outputs: Outputs) -> Array:
        """The output itself."""
        return self.output(outputs)

    @staticmethod
    @abstractmethod
    def measure(errors: Array) -> Array:
        """What an element's error counts."""


class MeanAbsoluteError(_Error):
    """Mean absolute error. Labels: an array an example, of the output's shape."""

    @staticmethod
    def measure(errors: Array) -> Array:
        """Its size."""
        return np.abs(errors)


class MeanSquaredError(_Error):
    """Mean squared error. Labels: an array an example, of the output's shape."""

    @staticmethod
    def measure(errors: Array) -> Array:
        """Its square."""
        return np.square(errors)


class OwnFunction(Metric):
    """A function of one's own: `function(outputs, label) -> float` for each example.

    outputs: the example's outputs by name; label: its label, or None without labels. Its mean over examples is the
    figure.
    """

    unit = ""

    def __init__(self, spec: MetricSpec, folder: Path) -> None:
        super().__init__(spec)
        self.higher_is_better = not spec.lower_is_better
        self._function: Callable[..., Any] = find_function(spec.name, folder)

    def score(self, outputs: Outputs, labels: Array) -> Means:
        """What the function says."""
        return self._scores(outputs, labels)

    def score_alone(self, outputs: Outputs) -> Means:
        """What it says without labels."""
        return self._scores(outputs, None)

    def _scores(self, outputs: Outputs, labels: Array | None) -> Means:
        count = len(next(iter(outputs.values())))
        found = []
        for place in range(count):
            example = {name: values[place] for name, values in outputs.items()}
            try:
                found.append(float(self._function(example, None if labels is None else labels[place])))
            except Exception as error:  # whatever the user's function raises is told as it is
                said = f"{type(error).__name__}: {error}"
                raise UsageError(f"{self.name} fails on example {place}: {said}", advice="mend it") from error
        scores = np.array(found)
        if not np.isfinite(scores).all():
            place = int(np.flatnonzero(~np.isfinite(scores))[0])
            raise UsageError(f"{self.name} gives {scores[place]} for example {place}", advice="return a finite number")
        return Means(scores, binary=False)


def make_metric(spec: MetricSpec, folder: Path = Path()) -> Metric:
    """The metric that a recipe or `--metric` names.

    Args:
        folder: where functions are looked for.

    Raises:
        UsageError: its function cannot be found.
    """
    from harness.accuracy.detection import MeanAveragePrecision
    from harness.accuracy.segmentation import MeanIou

    if ":" in spec.name:
        return OwnFunction(spec, folder)
    kinds: dict[str, type[Metric]] = {
        "mae": MeanAbsoluteError, "mse": MeanSquaredError, "iou": MeanIou, "map": MeanAveragePrecision,
    }  # fmt: skip
    return kinds.get(spec.name, TopK)(spec)


def _class_labels(labels: Array, classes: int, name: str) -> Array:
    if labels.ndim > 1 and labels.shape[1:] == (classes,):
        labels = labels.argmax(1)  # one-hot
    flat = labels.reshape(len(labels), -1)
    if flat.shape[1] != 1:
        raise UsageError(f"{name}: a label is an array of {labels.shape[1:]}", advice="give a class number an example")
    wanted = flat[:, 0].astype(np.int64)
    if (wanted != flat[:, 0]).any() or wanted.min() < 0 or wanted.max() >= classes:
        said = f"labels are {flat.min()} to {flat.max()}, and the model has {classes} classes"
        raise UsageError(f"{name}: {said}", advice="check label_offset, and which output is judged")
    return wanted
