"""The interval keeps its promise for few sessions, and says when it cannot."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from harness.stats.intervals import (
    INTERPOLATED,
    ORDER,
    RANGE,
    STUDENT_LOG,
    Interval,
    median_interval,
    median_limits,
    ranks,
)
from tests.speed.trust.phones import Phone, racks

positive = st.floats(0.001, 1e6)


def limits(found: Interval) -> tuple[float, float]:
    assert found.lo is not None and found.hi is not None and found.reason is None
    return found.lo, found.hi


@given(st.lists(positive, min_size=3, max_size=5))
def test_few_sessions_hold_the_geometric_mean_and_all_of_them(values: list[float]) -> None:
    found = median_interval(values)
    lo, hi = limits(found)
    middle = statistics.geometric_mean(values)
    assert lo <= middle * (1 + 1e-9) and middle <= hi * (1 + 1e-9)
    assert lo <= min(values) * (1 + 1e-9) and max(values) <= hi * (1 + 1e-9)
    assert found.method == (STUDENT_LOG if len(values) < 5 else RANGE)


@given(st.lists(st.floats(-1e6, 1e6), min_size=6, max_size=60))
def test_more_sessions_hold_their_median(values: list[float]) -> None:
    found = median_interval(values)
    lo, hi = limits(found)
    assert lo <= statistics.median(values) + 1e-9 and statistics.median(values) <= hi + 1e-9
    assert found.method in (ORDER, INTERPOLATED)
    if found.method == ORDER:
        assert {lo, hi} <= set(values)
    else:  # between the whole ranks and the next
        ordered, (rank, _) = sorted(values), ranks(len(values), 0.95)
        assert ordered[rank - 1] - 1e-9 <= lo <= ordered[rank] + 1e-9
        assert ordered[-rank - 1] - 1e-9 <= hi <= ordered[-rank] + 1e-9


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
    rank, share = ranks(count, 0.95)
    assert binom.cdf(rank - 1, count, 0.5) <= 0.025 < binom.cdf(rank, count, 0.5)
    spare = 0.025 - binom.cdf(rank - 1, count, 0.5)
    assert (share > 0) == (spare > 0.4 * 0.025)
    # A median in a gap: the way goes beyond its middle only where the next ranks nearly do by themselves.
    assert share <= 0.45 or 2 * binom.cdf(rank, count, 0.5) <= 0.075


def test_ranks_of_seven() -> None:
    """Hettmansperger and Sheather's way between the ranks, worked out by hand; here it is cut."""
    outside = (1 / 2**7, 8 / 2**7)
    excess = (0.025 - outside[0]) / (outside[1] - outside[0])
    assert 6 * excess / (1 + 5 * excess) > 0.45 and ranks(7, 0.95) == (1, 0.45)
    lo, hi = limits(median_interval([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]))
    assert (lo, hi) == pytest.approx((1.45, 6.55))


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


def skewed() -> Phone:
    return Phone("skewed", "skewed", lambda rng, shape: 1 + 0.1 * rng.exponential(size=shape), 1 + 0.1 * math.log(2))


EVEN = [p for p in racks() if p.name.startswith(("45 %", "half"))]
OTHERS = [*(p for p in racks() if p not in EVEN), skewed()]


def coverage(phone: Phone, count: int) -> float:
    lows, highs, _ = median_limits(phone.draw(np.random.default_rng(20260101), (6000, count)))
    return float(((lows <= phone.median) & (phone.median <= highs)).mean())


@pytest.mark.parametrize("count", [3, 4, 5, 6, 7, 9, 10, 15, 30])
@pytest.mark.parametrize("phone", OTHERS, ids=lambda p: p.name)
def test_coverage(phone: Phone, count: int) -> None:
    assert 0.935 <= coverage(phone, count) <= 0.982


@pytest.mark.parametrize("count", [8, 11])
@pytest.mark.parametrize("phone", OTHERS, ids=lambda p: p.name)
def test_coverage_where_ranks_are_far_apart(phone: Phone, count: int) -> None:
    assert 0.935 <= coverage(phone, count) <= 0.992


@pytest.mark.parametrize("phone", EVEN, ids=lambda p: p.name)
def test_coverage_where_sessions_sit_on_two_placements_alike(phone: Phone) -> None:
    assert 0.73 <= coverage(phone, 3) <= 0.89 and 0.86 <= coverage(phone, 4) <= 0.93
    for count in (5, 6, 7, 8, 10, 12, 15, 30):
        assert 0.928 <= coverage(phone, count) <= 0.99


def test_widths_that_the_docstring_states() -> None:
    phone = next(p for p in racks() if p.name == "noise 2 %")
    rng = np.random.default_rng(5)
    for count, width in ((3, 8.8), (5, 5.1), (7, 4.3), (10, 3.4)):
        lows, highs, _ = median_limits(phone.draw(rng, (6000, count)))
        assert 100 * (highs - lows).mean() == pytest.approx(width, rel=0.03)
