"""Mean IoU of segmentation masks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.accuracy.metrics import Metric
from harness.accuracy.runner import Outputs
from harness.accuracy.scores import Floats, Pooled
from harness.errors import UsageError
from harness.variants.dataset import Array


@dataclass(frozen=True)
class IouParts:
    """Per example and class the pixels in both masks, and those in at least one."""

    both: Floats
    either: Floats

    @property
    def count(self) -> int:
        """Number of examples."""
        return len(self.both)

    def value(self, weights: Floats) -> float:
        """Mean over the classes that stand in a label or an answer, each over all pixels (as VOC and Cityscapes do)."""
        found = [v for v in self.by_class(weights).values() if v == v]
        return float(np.mean(found)) if found else float("nan")

    def by_class(self, weights: Floats) -> dict[int, float]:
        """IoU of each class, NaN of one that stands nowhere."""
        both, either = weights @ self.both, weights @ self.either
        found = np.divide(both, either, out=np.full(len(both), np.nan), where=either > 0)
        return dict(enumerate(map(float, found)))

    def arrays(self) -> Mapping[str, npt.NDArray[np.generic]]:
        """The pixel counts."""
        return {"both": self.both, "either": self.either}


class MeanIou(Metric):
    """Mean over classes of intersection over union, over all pixels of all examples.

    Output: a score a class in its last dimension, or a class a pixel (integers), or one score a pixel (0.5 and above is
    class 1). Labels: a class a pixel; `ignore` in the metric's options names one that does not count.
    """

    def score(self, outputs: Outputs, labels: Array) -> Pooled:
        """Pixel counts of every example and class."""
        masks, scored = self._masks(outputs, labels.shape[1:])
        classes = scored or int(max(masks.max(), labels[labels != self.spec.ignore].max(initial=0))) + 1
        both, either = np.zeros((len(masks), classes)), np.zeros((len(masks), classes))
        for place, (mask, label) in enumerate(zip(masks, labels, strict=True)):
            counted = label != self.spec.ignore
            found, wanted = mask[counted].astype(np.int64), label[counted].astype(np.int64)
            if wanted.size and (wanted.min() < 0 or wanted.max() >= classes):
                said = f"a label is {wanted.max()}, and the model has {classes} classes"
                raise UsageError(f"iou: {said}", advice="give its number as ignore:, or check the labels")
            of_found, of_wanted = np.bincount(found, minlength=classes), np.bincount(wanted, minlength=classes)
            both[place] = np.bincount(wanted[found == wanted], minlength=classes)
            either[place] = of_found + of_wanted - both[place]
        return Pooled(IouParts(both, either))

    def as_labels(self, outputs: Outputs) -> Array:
        """Its masks."""
        return self._masks(outputs, None)[0]

    def _masks(self, outputs: Outputs, shape: tuple[int, ...] | None) -> tuple[Array, int | None]:
        """A class a pixel, and the number of classes where scores tell it."""
        found = self.output(outputs)
        if found.ndim >= 3 and found.shape[-1] == 1:
            found = found[..., 0]
        if found.dtype.kind in "iub" and (shape is None or found.shape[1:] == shape):
            if found.size and found.min() < 0:
                raise UsageError("iou: the output holds negative classes", advice="name another output")
            return found, None
        if (shape is not None and found.shape[1:] == shape) or (shape is None and found.ndim == 3):
            return (found >= 0.5).astype(np.int64), 2
        if shape is None or found.shape[1:-1] == shape:
            return found.argmax(-1), found.shape[-1]
        raise UsageError(
            f"iou: the output is {found.shape[1:]} an example, and a label {shape}",
            advice="give labels of the output's height and width",
        )
