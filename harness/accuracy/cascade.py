"""A light model that passes what it is unsure of on to a heavy one: what each threshold costs and gains. Pure.

Method: the cascade of two classifiers with a threshold on the first one's confidence (Viola & Jones 2001; for networks
Bolukbasi et al. 2017). An example is escalated where the light model's confidence is below the threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from harness.stats.intervals import Interval
from harness.stats.paired import proportion_interval

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Confidence = Literal["top", "margin"]
#: Rows of probabilities add up to 1; those of quantized ones nearly.
_SUM_TOLERANCE = 0.05


@dataclass(frozen=True)
class Point:
    """A cascade at one threshold; shares of 1.

    Attributes:
        threshold: examples with a confidence below it are escalated.
        escalated, count: examples that the heavy stage answers, of all.
        accuracy: of the cascade. accuracy_interval: without limits, with the reason, where an accuracy was assumed.
    """

    threshold: float
    escalated: int
    count: int
    accuracy: float
    accuracy_interval: Interval

    @property
    def share(self) -> float:
        """Share that is escalated."""
        return self.escalated / self.count

    @property
    def share_interval(self) -> Interval:
        """Wilson's score interval of the share."""
        return proportion_interval(self.escalated, self.count)

    def expected(self, light: float | None, heavy: float | None) -> float | None:
        """Cost of one example on average, in the unit of the costs: every example pays the light stage, escalated ones
        the heavy stage too. None where one of them is not known, unless nothing is escalated."""
        if light is None or (heavy is None and self.escalated):
            return None
        return light + self.share * (heavy or 0.0)


def answers(outputs: npt.NDArray[np.generic], kind: Confidence = "top") -> tuple[npt.NDArray[np.intp], Floats, bool]:
    """Class and confidence of each example.

    Args:
        outputs: (examples, classes), probabilities or logits; (examples, 1) is the probability of class 1 of two.
        kind: `top` is the probability of the answer, `margin` what it leads the second one by.

    Returns:
        Classes (examples,), confidences (examples,) in 0..1, and whether softmax was taken of logits first.

    Raises:
        ValueError: outputs of another shape, or values that are no numbers.
    """
    values = np.asarray(outputs, np.float64)
    values = values.reshape(len(values), -1) if values.ndim != 2 and values.size else values
    if values.ndim != 2 or not values.size:
        raise ValueError("a classifier gives one value a class")
    if not np.isfinite(values).all():
        raise ValueError("an output is not a number")
    logits = False
    if values.shape[1] == 1:
        logits = bool(values.min() < 0 or values.max() > 1)
        positive = 1 / (1 + np.exp(-values)) if logits else values
        values = np.hstack([1 - positive, positive])
    elif values.min() < 0 or np.abs(values.sum(1) - 1).max() > _SUM_TOLERANCE:
        logits = True
        raised = np.exp(values - values.max(1, keepdims=True))
        values = raised / raised.sum(1, keepdims=True)
    ordered = np.sort(values, 1)
    confidence = ordered[:, -1] - (ordered[:, -2] if kind == "margin" else 0)
    return values.argmax(1), np.clip(confidence, 0, 1), logits


def sweep(confidence: Floats, light_right: Bools, heavy_right: Bools | float) -> list[Point]:
    """The cascade at every threshold that makes a difference, from none escalated to all.

    Args:
        confidence: of the light model, one an example.
        light_right: whether its answer is right.
        heavy_right: the same of the heavy one; or an accuracy that is assumed of it, the same for every example.

    Raises:
        ValueError: no examples, or arrays of different lengths.
    """
    count = len(confidence)
    assumed = isinstance(heavy_right, float)
    heavy = np.full(count, heavy_right, np.float64) if assumed else np.asarray(heavy_right, np.float64)
    if not count or len(light_right) != count or len(heavy) != count:
        raise ValueError("a cascade needs as many confidences as answers, and at least one")
    order = np.argsort(confidence, kind="stable")
    ordered = confidence[order]
    right_after = np.concatenate([np.cumsum(light_right[order][::-1].astype(np.float64))[::-1], [0.0]])
    right_before = np.concatenate([[0.0], np.cumsum(heavy[order])])
    # Examples of equal confidence go together, so only the first of them begins a threshold.
    starts = [0, *(np.flatnonzero(np.diff(ordered) > 0) + 1), count]
    points = []
    for start in starts:
        threshold = float(ordered[start]) if start < count else float(np.nextafter(ordered[-1], np.inf))
        right = float(right_after[start] + right_before[start])
        points.append(Point(threshold, int(start), count, right / count, _interval(right, count, start, assumed)))
    return points


def _interval(right: float, count: int, escalated: int, assumed: bool) -> Interval:
    if assumed and escalated:
        return Interval(None, None, "the heavy stage's accuracy is assumed")
    return proportion_interval(round(right), count)


def at_threshold(points: Sequence[Point], threshold: float) -> Point:
    """The point that any threshold stands for: the first whose own is not below it, else all are escalated."""
    return next((p for p in points if p.threshold >= threshold), points[-1])


def recommend(
    points: Sequence[Point], *, min_accuracy: float | None = None, max_share: float | None = None
) -> Point | None:
    """The threshold to use; None where none meets both limits.

    With `min_accuracy`, the smallest share that reaches it; else the best accuracy (of equal ones the smallest share)
    within `max_share`. Chosen on the examples that it is judged on, so its accuracy is a little too good; with a target
    choose on some examples and check on others.

    Args:
        min_accuracy, max_share: shares of 1.
    """
    allowed = [p for p in points if max_share is None or p.share <= max_share]
    if min_accuracy is not None:
        allowed = [p for p in allowed if p.accuracy >= min_accuracy]
        return min(allowed, key=lambda p: p.escalated, default=None)
    return max(allowed, key=lambda p: (p.accuracy, -p.escalated), default=None)


def spread(points: Sequence[Point], rows: int) -> list[Point]:
    """About `rows` points whose shares lie evenly between none and all, ends included."""
    wanted = np.linspace(0, 1, max(2, rows))
    nearest = {min(points, key=lambda p, w=w: (abs(p.share - w), p.escalated)) for w in wanted}  # type: ignore[misc]
    return sorted(nearest, key=lambda p: p.escalated)
