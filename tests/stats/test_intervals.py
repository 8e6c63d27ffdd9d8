"""The interval keeps its promise for few sessions, and says when it cannot."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from harness.stats.intervals import Interval, median_interval

positive = st.floats(0.001, 1e6)
Rng = np.random.Generator


def limits(found: Interval) -> tuple[float, float]:
    assert found.lo is not None and found.hi is not None and found.reason is None
    return found.lo, found.hi


@given(st.lists(positive, min_size=3, max_size=5))
def test_few_sessions_hold_the_geometric_mean(values: list[float]) -> None:
    found = median_interval(values)
    lo, hi = limits(found)
    middle = statistics.geometric_mean(values)
    assert lo <= middle * (1 + 1e-9) and middle <= hi * (1 + 1e-9) and found.method == "Student's t on logarithms"


@given(st.lists(st.floats(-1e6, 1e6), min_size=6, max_size=60))
def test_more_sessions_hold_their_median(values: list[float]) -> None:
    found = median_interval(values)
    lo, hi = limits(found)
    assert lo <= statistics.median(values) <= hi and {lo, hi} <= set(values) and found.method == "order statistics"


@given(st.lists(positive, min_size=3, max_size=30), st.randoms(), st.sampled_from([0.5, 2.0, 1024.0]))
def test_order_and_unit_change_nothing(values: list[float], rng: object, unit: float) -> None:
    shuffled = list(values)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    lo, hi = limits(median_interval(values))
    assert limits(median_interval(shuffled)) == pytest.approx((lo, hi))
    assert limits(median_interval([unit * v for v in values])) == pytest.approx((unit * lo, unit * hi))


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=40))
def test_more_confidence_is_no_narrower(values: list[float]) -> None:
    if len(values) < 5:  # from there on both are of one method
        values = [abs(v) + 1 for v in values]
    wide, narrow = median_interval(values, 0.99), median_interval(values, 0.8)
    if wide.method == narrow.method:
        assert limits(wide)[0] <= limits(narrow)[0] + 1e-9 and limits(narrow)[1] <= limits(wide)[1] + 1e-9


@pytest.mark.parametrize("count", range(6, 200))
def test_ranks_are_the_binomial_ones(count: int) -> None:
    lo, hi = limits(median_interval(list(range(1, count + 1))))
    assert lo + hi == count + 1
    rank = int(lo)
    assert binom.cdf(rank - 1, count, 0.5) <= 0.025 < binom.cdf(rank, count, 0.5)


def test_where_there_is_none() -> None:
    assert median_interval([]) == Interval(None, None, "no values are too few for an interval; 3 are the least")
    assert median_interval([1.0]).reason == "1 value is too few for an interval; 3 are the least"
    assert median_interval([1.0, 2.0]).reason == "2 values are too few for an interval; 3 are the least"
    for bad in (math.nan, math.inf):
        assert median_interval([1.0, 2.0, bad] * 3) == Interval(None, None, "a value is not finite")


def test_values_that_are_not_positive() -> None:
    """Energy net of idle can be negative by noise."""
    found = median_interval([-1.0, 0.0, 1.0])
    lo, hi = limits(found)
    assert found.method == "Student's t" and lo == -hi and hi == pytest.approx(4.3026527 / math.sqrt(3))


def test_equal_and_extreme_values() -> None:
    assert limits(median_interval([5.0, 5.0, 5.0])) == pytest.approx((5.0, 5.0))
    assert limits(median_interval([7.0] * 9)) == (7.0, 7.0)
    assert limits(median_interval([1e-300, 1.0, 1e300]))[1] == math.inf


def normal(rng: Rng, n: int) -> np.ndarray:
    return np.exp(rng.normal(0, 0.02, n))


def placements(rng: Rng, n: int) -> np.ndarray:
    return np.exp(rng.normal(0, 0.01, n)) * np.where(rng.random(n) < 0.2, 1.08, 1)


def throttled(rng: Rng, n: int) -> np.ndarray:
    return np.exp(rng.normal(0, 0.015, n)) * np.where(rng.random(n) < 0.1, 1.3, 1)


def skewed(rng: Rng, n: int) -> np.ndarray:
    return 1 + 0.1 * rng.exponential(size=n)


def even_placements(rng: Rng, n: int) -> np.ndarray:
    return np.exp(rng.normal(0, 0.01, n)) * np.where(rng.random(n) < 0.45, 1.08, 1)


def coverage(draw: Callable[[Rng, int], np.ndarray], count: int, repeats: int = 1500) -> float:
    rng = np.random.default_rng(20260101)
    true = float(np.median(draw(rng, 400_000)))
    hits = 0
    for _ in range(repeats):
        lo, hi = limits(median_interval([float(v) for v in draw(rng, count)]))
        hits += lo <= true <= hi
    return hits / repeats


@pytest.mark.parametrize("count", [3, 4, 5, 6, 8, 10, 15, 30])
@pytest.mark.parametrize("draw", [normal, placements, throttled, skewed])
def test_coverage(draw: Callable[[Rng, int], np.ndarray], count: int) -> None:
    assert 0.925 <= coverage(draw, count) <= 0.998


def test_coverage_where_sessions_sit_on_two_placements_alike() -> None:
    assert coverage(even_placements, 4) >= 0.85
    assert coverage(even_placements, 10) >= 0.95
