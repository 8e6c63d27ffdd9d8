"""What a row's sessions look like: two speeds, a drift, single sessions far from the others. Pure.

Nothing is dropped for what is found here: it is said beside the figure. Critical values are those that normal samples
of that size pass in one of 100, by simulation with a fixed seed; `tests/stats/test_shape.py` measures what that gives.
"""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.stats.intervals import Array

#: Fewer values show no shape.
LEAST_MODES, LEAST_TREND, LEAST_OUTLIERS = 5, 6, 5
#: What is smaller matters to nobody, per cent: speeds apart, change over the run, distance of one session.
_APART_PCT, _TREND_PCT, _OUTLIER_PCT = 3.0, 2.0, 4.0
_DRAWS, _SEED, _RARE = 20_000, 7, 0.01
#: From here on critical values hardly change.
_LARGEST = 60


@dataclass(frozen=True)
class Modes:
    """Two speeds. medians, shares: of the faster and the slower; apart_pct: the slower over the faster."""

    medians: tuple[float, float]
    shares: tuple[float, float]
    apart_pct: float


def two_speeds(values: Sequence[float]) -> Modes | None:
    """Whether sessions fall into two groups, as where a process lands on big or on little cores; None where not.

    Method: the largest gap between neighbours on the log scale with at least two values, and one in seven, on either
    side, as a share of the rest of the range, against its critical value.

    What it finds (simulated, 1 % noise, three in ten sessions 8 % slower): with 5, 10 and 20 sessions in about 10, 60
    and 90 of 100 rows; few sessions often hold one of the slower ones only. Of normal and heavy-tailed (t with 3
    degrees) sessions it calls at most 3 in 100 two speeds, of exponentially skewed ones up to 7.
    """
    if len(values) < LEAST_MODES or min(values) <= 0:
        return None
    ordered = np.sort(np.log(np.asarray(values, np.float64)))
    share, place = _gap(ordered[None, :])
    low, high = ordered[: int(place[0])], ordered[int(place[0]) :]
    medians = (math.exp(float(np.median(low))), math.exp(float(np.median(high))))
    apart = 100 * (medians[1] / medians[0] - 1)
    if share[0] <= _critical("gap", len(values)) or apart < _APART_PCT:
        return None
    return Modes(medians, (len(low) / len(ordered), len(high) / len(ordered)), apart)


def trend_pct(values: Sequence[float]) -> float | None:
    """Change from the first to the last session, per cent; None where none is shown.

    Method: Kendall's rank correlation with the order, exact, two-sided at 1 % (Kendall 1938); its size is the slope of
    Theil and Sen on the log scale. With fewer than 6 sessions no order is rare enough.
    """
    from scipy.stats import kendalltau, theilslopes

    if len(values) < LEAST_TREND or min(values) <= 0 or len(set(values)) < 2:
        return None
    order, logs = np.arange(len(values)), np.log(np.asarray(values, np.float64))
    if float(kendalltau(order, logs).pvalue) >= _RARE:
        return None
    change = 100 * math.expm1(float(theilslopes(logs, order)[0]) * (len(values) - 1))
    return change if abs(change) >= _TREND_PCT else None


def outliers(values: Sequence[float]) -> list[int]:
    """Places of sessions far from the others; none where they have two speeds.

    Method: distance from the median on the log scale in median absolute deviations, against its critical value for the
    farthest of so many (Hampel's identifier).
    """
    if len(values) < LEAST_OUTLIERS or min(values) <= 0 or two_speeds(values) is not None:
        return []
    logs = np.log(np.asarray(values, np.float64))
    far, distance = _distance(logs[None, :])
    least = math.log1p(_OUTLIER_PCT / 100)
    limit = _critical("distance", len(values))
    return [i for i in range(len(values)) if far[0][i] > limit and distance[0][i] > least]


def spread_pct(values: Sequence[float]) -> float | None:
    """Relative standard deviation between sessions, per cent; None below 2 values or where one is not positive."""
    if len(values) < 2 or min(values) <= 0:
        return None
    return 100 * statistics.stdev(math.log(v) for v in values)


def _gap(ordered: Array) -> tuple[Array, Array]:
    """The largest inner gap of each row as a share of the rest of its range, and the first place behind it."""
    count = ordered.shape[1]
    # One in seven at least on either side: the far tail of a skewed spread is no speed of its own.
    aside = max(2, round(count / 7))
    gaps = np.diff(ordered, axis=1)[:, aside - 1 : count - aside]
    place = gaps.argmax(axis=1)
    largest = gaps[np.arange(len(gaps)), place]
    rest = ordered[:, -1] - ordered[:, 0] - largest
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(largest > 0, largest / rest, 0.0)
    return share, place.astype(np.float64) + aside


def _distance(logs: Array) -> tuple[Array, Array]:
    """Distance of each value from its row's median, in median absolute deviations and plain."""
    distance = np.abs(logs - np.median(logs, axis=1, keepdims=True))
    scale = np.median(distance, axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.where(distance > 0, distance / scale, 0.0)
    return far, distance


@functools.cache
def _critical(what: str, count: int) -> float:
    drawn = np.random.default_rng(_SEED).standard_normal((_DRAWS, min(count, _LARGEST)))
    found = _gap(np.sort(drawn, axis=1))[0] if what == "gap" else _distance(drawn)[0].max(axis=1)
    return float(np.quantile(found, 1 - _RARE))
