"""Intervals of accuracy and of drops keep what their docstrings say."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multinomial

from harness.stats.intervals import Interval
from harness.stats.paired import mean_interval, proportion_drop_interval, proportion_interval, resampled_interval

tables = st.integers(1, 300).flatmap(
    lambda n: st.tuples(st.integers(0, n), st.integers(0, n)).map(lambda p: (min(p[0], n - p[1]), p[1], n))
)


def limits(found: Interval) -> tuple[float, float]:
    assert found.lo is not None and found.hi is not None and found.reason is None
    return found.lo, found.hi


def statistic(drop: float, lost: int, won: int, count: int) -> float:
    """Tango's statistic with the nuisance share found by trying, not by formula."""
    least, most = max(0.0, -drop), (1 - drop) / 2
    q = np.linspace(least, most, 200_001)[1:-1]
    with np.errstate(all="ignore"):
        likelihood = lost * np.log(q + drop) + won * np.log(q) + (count - lost - won) * np.log(1 - 2 * q - drop)
    best = q[int(np.nanargmax(likelihood))]
    return float((lost - won - count * drop) / math.sqrt(count * (2 * best + drop - drop**2)))


@pytest.mark.parametrize(("lost", "won", "count"), [(12, 2, 50), (1, 0, 20), (5, 5, 40), (3, 9, 300), (30, 2, 60)])
def test_the_limits_are_where_the_score_test_begins_to_refuse(lost: int, won: int, count: int) -> None:
    low, high = limits(proportion_drop_interval(lost, won, count))
    assert statistic(low, lost, won, count) == pytest.approx(1.959964, abs=2e-3)
    assert statistic(high, lost, won, count) == pytest.approx(-1.959964, abs=2e-3)


@given(tables)
def test_a_drop_lies_in_its_interval_and_turns_with_the_models(table: tuple[int, int, int]) -> None:
    lost, won, count = table
    low, high = limits(proportion_drop_interval(lost, won, count))
    assert -1 <= low <= (lost - won) / count <= high <= 1 and low < high
    back = limits(proportion_drop_interval(won, lost, count))
    assert back == pytest.approx((-high, -low), abs=1e-6)


@given(tables)
def test_more_confidence_is_wider(table: tuple[int, int, int]) -> None:
    narrow, wide = (limits(proportion_drop_interval(*table, confidence)) for confidence in (0.8, 0.99))
    assert wide[0] <= narrow[0] + 1e-9 and narrow[1] <= wide[1] + 1e-9


def test_no_difference_still_has_a_width() -> None:
    low, high = limits(proportion_drop_interval(0, 0, 100))
    assert high == -low == pytest.approx(0.037, abs=5e-4)


def exact_coverage(count: int) -> list[float]:
    """Of every pair of shares, the chance that the interval holds their true difference."""
    found = {
        (a, b): limits(proportion_drop_interval(a, b, count)) for a in range(count + 1) for b in range(count + 1 - a)
    }
    cells = np.array([(a, b, count - a - b) for a, b in found])
    low, high = np.array(list(found.values())).T
    shares = (0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
    made = []
    for p, q in ((p, q) for p in shares for q in shares if p + q):
        chance = multinomial.pmf(cells, count, [p, q, 1 - p - q])
        made.append(float(chance[(low <= p - q) & (p - q <= high)].sum()))
    return made


@pytest.mark.parametrize(("count", "least", "mean"), [(10, 0.95, 0.99), (30, 0.929, 0.972), (100, 0.933, 0.958)])
def test_coverage_of_a_paired_difference_of_shares(count: int, least: float, mean: float) -> None:
    found = exact_coverage(count)
    assert min(found) >= least - 1e-3 and np.mean(found) == pytest.approx(mean, abs=2e-3)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_lies_in_its_interval(share: tuple[int, int]) -> None:
    right, count = share
    low, high = limits(proportion_interval(right, count))
    assert 0 <= low <= right / count + 1e-12 and right / count <= high + 1e-12 and high <= 1 and low < high


def normal(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.normal(0, 1, n)


def skewed(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.exponential(1, n) - 1


def mostly_none(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.where(rng.random(n) < 0.1, rng.normal(1, 0.5, n), 0) - 0.1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("draw", "count", "measured"),
    [
        (normal, 10, 0.954), (normal, 100, 0.945), (skewed, 10, 0.90), (skewed, 30, 0.93), (skewed, 100, 0.94),
        (mostly_none, 10, 0.61), (mostly_none, 30, 0.855), (mostly_none, 100, 0.92), (mostly_none, 300, 0.94),
    ],
)  # fmt: skip
def test_coverage_of_a_mean(
    draw: Callable[[np.random.Generator, int], np.ndarray], count: int, measured: float
) -> None:
    rng = np.random.default_rng(5)
    held = [low <= 0 <= high for low, high in (limits(mean_interval(draw(rng, count))) for _ in range(4000))]
    assert np.mean(held) == pytest.approx(measured, abs=0.015)


def test_means_without_an_interval() -> None:
    assert mean_interval([1.0]).reason == "fewer than 2 examples"
    assert mean_interval([1.0, math.nan]).reason == "a value is not finite"
    assert limits(mean_interval([2.0, 2.0, 2.0])) == (2.0, 2.0)
    assert proportion_interval(0, 0).reason == proportion_drop_interval(0, 0, 0).reason == "no examples"


@settings(max_examples=10)
@given(st.lists(st.floats(-100, 100), min_size=5, max_size=40), st.integers(0, 3))
def test_resampling_repeats_itself_and_holds_a_mean(values: list[float], seed: int) -> None:
    array = np.array(values)
    found = resampled_interval(lambda w: float(w @ array / w.sum()), len(array), seed=seed)
    assert found == resampled_interval(lambda w: float(w @ array / w.sum()), len(array), seed=seed)
    if found.lo is not None and found.hi is not None:
        assert min(values) - 1e-9 <= found.lo <= found.hi <= max(values) + 1e-9


def test_resampling_where_nothing_differs_or_nothing_is_known() -> None:
    assert limits(resampled_interval(lambda _: 0.0, 20)) == (0.0, 0.0)
    assert resampled_interval(lambda _: math.nan, 20).reason == "the figure is not known for these examples"
    assert resampled_interval(lambda _: 0.0, 1).reason == "fewer than 2 examples"


def iou_drop(rng: np.random.Generator, count: int) -> tuple[Callable[[np.ndarray], float], float]:
    """A drop of a mean IoU over 3 classes, and its true value, found with very many examples."""

    def figure(w: np.ndarray, both: np.ndarray, either: np.ndarray) -> float:
        return float(((w @ both) / (w @ either)).mean())

    either = rng.gamma(2, 100, (count, 3)) + 20
    quality = rng.beta(8, 2, (count, 3))
    first, second = either * quality, either * quality * rng.beta(30, 1.5, (count, 3))
    return (lambda w: figure(w, first, either) - figure(w, second, either)), 0.8 * (1 - 30 / 31.5)


@pytest.mark.slow
@pytest.mark.parametrize(("count", "least"), [(20, 0.87), (50, 0.90), (100, 0.91)])
def test_coverage_of_resampling(count: int, least: float) -> None:
    rng = np.random.default_rng(9)
    held = 0
    for _ in range(200):
        drop, true = iou_drop(rng, count)
        low, high = limits(resampled_interval(drop, count))
        held += low <= true <= high
    assert least <= held / 200 <= 0.99
