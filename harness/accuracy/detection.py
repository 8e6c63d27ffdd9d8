"""COCO's mean average precision of detections. Pure.

Method: COCO's evaluation (cocodataset.org, "Detection Evaluation"): IoU 0.50 to 0.95 in steps of 0.05, at most 100
detections of a class in an image, precision made monotone and read at 101 recalls, averaged over IoUs and over the
classes that have an object. Objects marked as crowds are not known here. Matching of one image does not depend on the
others, so that a figure of resampled images is exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.accuracy.metrics import Metric, pick
from harness.accuracy.runner import Outputs
from harness.accuracy.scores import Floats, Pooled
from harness.errors import UsageError
from harness.variants.dataset import Array

IOUS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0.0, 1.0, 101)
MOST = 100
#: Areas of objects in square pixels, as COCO bounds them.
AREAS = {"all": (0.0, 1e10), "small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}


@dataclass(frozen=True)
class Matches:
    """Detections of all images, best first, and what each is at every IoU.

    Attributes:
        image, label: per detection its image and class.
        right: (detections, 10), whether it found an object.
        ignored: (detections, 10), whether it does not count: it found or is an object of another size.
        objects: (images, classes), objects that count; a class has a column where it has any.
        classes: the class of each column.
    """

    image: npt.NDArray[np.int64]
    label: npt.NDArray[np.int64]
    right: npt.NDArray[np.bool_]
    ignored: npt.NDArray[np.bool_]
    objects: Floats
    classes: npt.NDArray[np.int64]

    @property
    def count(self) -> int:
        """Number of images."""
        return len(self.objects)

    def value(self, weights: Floats) -> float:
        """mAP if each image came `weights` times; NaN where no class has an object."""
        known = [v for v in self.by_class(weights).values() if v == v]
        return float(np.mean(known)) if known else float("nan")

    def by_class(self, weights: Floats) -> dict[int, float]:
        """The average precision of each class, NaN of one without an object."""
        made = {}
        for label, total in zip(self.classes, weights @ self.objects, strict=True):
            mine = self.label == label
            made[int(label)] = (
                _precision(self.right[mine], self.ignored[mine], weights[self.image[mine]], float(total))
                if total > 0
                else float("nan")
            )
        return made

    def arrays(self) -> Mapping[str, npt.NDArray[np.generic]]:
        """All of it."""
        return {
            "image": self.image, "class": self.label, "right": self.right, "ignored": self.ignored,
            "objects": self.objects, "classes": self.classes,
        }  # fmt: skip


def _precision(right: npt.NDArray[np.bool_], ignored: npt.NDArray[np.bool_], weights: Floats, total: float) -> float:
    """Average precision of one class over IoUs and recalls."""
    counted = weights[:, None] * ~ignored
    hits, misses = np.cumsum(counted * right, 0), np.cumsum(counted * ~right, 0)
    recall = hits / total
    precision = hits / np.maximum(hits + misses, np.finfo(float).eps)
    precision = np.maximum.accumulate(precision[::-1], 0)[::-1]
    made = 0.0
    for column in range(len(IOUS)):
        places = np.searchsorted(recall[:, column], RECALLS, side="left")
        reached = places < len(recall)
        made += float(precision[places[reached], column].sum()) / len(RECALLS)
    return made / len(IOUS)


class MeanAveragePrecision(Metric):
    """COCO mAP. Labels: (objects, 5) an example, ymin, xmin, ymax, xmax and class; rows of class -1 fill up.

    Outputs as TensorFlow Lite's post-processing gives them: boxes (n, 4) in the labels' unit and order, classes (n),
    scores (n) and their number; the metric's options name them where their order is another. For sizes other than
    `all`, labels and boxes must be in pixels.
    """

    def score(self, outputs: Outputs, labels: Array) -> Pooled:
        """Matches of every image."""
        if labels.ndim != 3 or labels.shape[2] != 5:
            said = f"a label is {labels.shape[1:]}"
            raise UsageError(f"map: {said}", advice="give (objects, 5): ymin, xmin, ymax, xmax, class")
        boxes, classes, scores = (pick(outputs, k) for k in (self.spec.boxes, self.spec.classes, self.spec.scores))
        most = pick(outputs, self.spec.count) if self.spec.count is not None else None
        images = []
        for place in range(len(labels)):
            box, label, score = (np.asarray(o[place], np.float64) for o in (boxes, classes, scores))
            label, score = label.reshape(-1), score.reshape(-1)
            if box.size != 4 * label.size or label.size != score.size:
                said = f"boxes are {box.shape}, classes {label.shape} and scores {score.shape}"
                raise UsageError(f"map: {said}", advice="name the outputs in the metric's options")
            kept = slice(None if most is None else round(float(np.asarray(most[place]).reshape(-1)[0])))
            images.append((box.reshape(-1, 4)[kept], np.rint(label[kept]).astype(np.int64), score[kept]))
        return Pooled(match(images, list(labels), self.spec.area))


Detected = tuple[Floats, npt.NDArray[np.int64], Floats]


def match(images: list[Detected], labels: list[Array], area: str = "all") -> Matches:
    """Match detections with objects, image by image and class by class.

    Args:
        images: boxes (n, 4), classes and scores of each image.
        labels: (objects, 5) of each image, class -1 for none.
        area: one of `AREAS`.
    """
    limits = AREAS[area]
    known = sorted({int(c) for label in labels for c in label[:, 4] if c >= 0})
    objects = np.zeros((len(images), len(known)))
    found: list[tuple[float, int, int, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]] = []
    for place, ((boxes, classes, scores), label) in enumerate(zip(images, labels, strict=True)):
        for column, cls in enumerate(known):
            wanted = np.asarray(label[label[:, 4] == cls, :4], np.float64)
            other = _outside(wanted, limits)
            objects[place, column] = (~other).sum()
            mine = np.flatnonzero(classes == cls)
            mine = mine[np.argsort(-scores[mine], kind="stable")][:MOST]
            right, ignored = _match_class(boxes[mine], wanted, other, limits)
            found += [(scores[d], place, cls, right[i], ignored[i]) for i, d in enumerate(mine)]
    # Of equal scores the earlier image comes first, as COCO's own evaluation sorts them.
    found.sort(key=lambda f: -f[0])
    shape = (len(found), len(IOUS))
    return Matches(
        np.array([f[1] for f in found], np.int64),
        np.array([f[2] for f in found], np.int64),
        np.array([f[3] for f in found], bool).reshape(shape),
        np.array([f[4] for f in found], bool).reshape(shape),
        objects,
        np.array(known, np.int64),
    )


def _match_class(
    boxes: Floats, wanted: Floats, other: npt.NDArray[np.bool_], limits: tuple[float, float]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """For each detection, best first, and IoU: whether it found an object, and whether it does not count.

    A detection takes the free object that it covers best, one that counts before one that does not.
    """
    right = np.zeros((len(boxes), len(IOUS)), bool)
    ignored = np.zeros_like(right)
    overlap = _ious(boxes, wanted)
    outside = _outside(boxes, limits)
    for column, least in enumerate(IOUS):
        free = np.ones(len(wanted), bool)
        for place in range(len(boxes)):
            best = _best(overlap[place], free & ~other, least)
            best = _best(overlap[place], free & other, least) if best is None else best
            if best is None:
                ignored[place, column] = outside[place]
                continue
            free[best] = False
            right[place, column] = True
            ignored[place, column] = other[best]
    return right, ignored


def _best(overlap: Floats, allowed: npt.NDArray[np.bool_], least: float) -> int | None:
    """The allowed object with the largest overlap, the last of equal ones."""
    places = np.flatnonzero(allowed & (overlap >= min(least, 1 - 1e-10)))
    if not places.size:
        return None
    best = overlap[places].max()
    return int(places[overlap[places] == best][-1])


def _ious(a: Floats, b: Floats) -> Floats:
    """Intersection over union of every box with every other; 0 where both are empty."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    both = np.clip(high - low, 0, None).prod(2)
    either = _areas(a)[:, None] + _areas(b)[None, :] - both
    made: Floats = np.divide(both, either, out=np.zeros_like(both), where=either > 0)
    return made


def _outside(boxes: Floats, limits: tuple[float, float]) -> npt.NDArray[np.bool_]:
    areas = _areas(boxes)
    return (areas < limits[0]) | (areas > limits[1])


def _areas(boxes: Floats) -> Floats:
    made: Floats = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(1)
    return made
