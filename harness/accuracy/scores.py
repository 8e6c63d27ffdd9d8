"""What a metric makes of a model's outputs: one figure, its parts by example, and its difference to another model's.

Pure. Figures are in the unit of the metric; shares are per cent, so that differences are points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from harness.stats.intervals import Interval
from harness.stats.paired import mean_interval, proportion_drop_interval, proportion_interval, resampled_interval

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Answers:
    """A classifier's answer to each example: the class, and its score (a probability where the model gives one)."""

    classes: npt.NDArray[np.int64]
    confidence: Floats


class Scores(Protocol):
    """One model's scores over the examples."""

    @property
    def count(self) -> int:
        """Number of examples."""

    @property
    def value(self) -> float:
        """The figure; NaN where these examples have none."""

    @property
    def by_example(self) -> Floats | None:
        """A score an example, where the figure is made of such."""

    def interval(self) -> Interval:
        """Of the figure."""

    def drop_interval(self, base: Scores) -> Interval:
        """Of base minus this, on the same examples."""

    def arrays(self) -> Mapping[str, npt.NDArray[np.generic]]:
        """Everything by example, to compare again with other models without running this one."""


@dataclass(frozen=True)
class Means:
    """A figure that is the mean over examples, times `unit`.

    Attributes:
        by_example: 0 or 1 where `binary`.
        unit: 100 for per cent.
    """

    by_example: Floats
    unit: float = 1.0
    binary: bool = False

    @property
    def count(self) -> int:
        """Number of examples."""
        return len(self.by_example)

    @property
    def value(self) -> float:
        """The mean."""
        return float(self.by_example.mean()) * self.unit

    def interval(self) -> Interval:
        """Wilson's score for shares, else Student's t."""
        if self.binary:
            return _times(proportion_interval(int(self.by_example.sum()), self.count), self.unit)
        return mean_interval(self.by_example * self.unit)

    def drop_interval(self, base: Scores) -> Interval:
        """Tango's score for shares, else Student's t on the examples' differences."""
        assert isinstance(base, Means)
        difference = base.by_example - self.by_example
        if self.binary and base.binary:
            lost, won = int((difference > 0).sum()), int((difference < 0).sum())
            return _times(proportion_drop_interval(lost, won, self.count), self.unit)
        return mean_interval(difference * self.unit)

    def arrays(self) -> Mapping[str, npt.NDArray[np.generic]]:
        """The scores."""
        return {"score": self.by_example}


class Statistic(Protocol):
    """A figure of weighted examples, made of parts by example that do not depend on the other examples."""

    @property
    def count(self) -> int:
        """Number of examples."""

    def value(self, weights: Floats) -> float:
        """The figure if each example came `weights` times; NaN where there is none."""

    def by_class(self, weights: Floats) -> dict[int, float]:
        """The same of each class."""

    def arrays(self) -> Mapping[str, npt.NDArray[np.generic]]:
        """The parts."""


@dataclass(frozen=True)
class Pooled:
    """A figure over all examples together, as mean IoU and mAP are; intervals come from the bootstrap."""

    statistic: Statistic
    unit: float = 100.0

    @property
    def by_example(self) -> None:
        """There is none: the figure is no mean of such."""

    @property
    def count(self) -> int:
        """Number of examples."""
        return self.statistic.count

    @property
    def value(self) -> float:
        """The figure of all examples."""
        return self.statistic.value(np.ones(self.count)) * self.unit

    def interval(self) -> Interval:
        """By resampling the examples."""
        return _times(resampled_interval(self.statistic.value, self.count), self.unit)

    def drop_interval(self, base: Scores) -> Interval:
        """By resampling the examples for both models alike."""
        assert isinstance(base, Pooled)
        whole, mine = base.statistic, self.statistic
        return _times(resampled_interval(lambda w: whole.value(w) - mine.value(w), self.count), self.unit)

    def arrays(self) -> Mapping[str, npt.NDArray[np.generic]]:
        """Those of the statistic."""
        return self.statistic.arrays()


def _times(found: Interval, unit: float) -> Interval:
    if found.lo is None or found.hi is None:
        return found
    return Interval(found.lo * unit, found.hi * unit, found.reason, found.method)
