"""Comparisons keep their coverage, and their verdicts say no more than their intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp, ttest_ind

from harness.stats.ratio import Comparison, compare, ratio_limits, verdict
from tests.speed.trust import coverage
from tests.speed.trust.phones import Phone, racks

times = st.lists(st.floats(0.01, 1e4), min_size=3, max_size=12)


def spread(values: list[float]) -> bool:
    return max(values) > min(values) * 1.0001


@given(times.filter(spread), times.filter(spread))
def test_unpaired_is_welch_on_logarithms(base: list[float], new: list[float]) -> None:
    found = compare(base, new, paired=False, margin_pct=2)
    theirs = ttest_ind(np.log(new), np.log(base), equal_var=False).confidence_interval(0.95)
    assert found.lo is not None and found.hi is not None
    assert (math.log(found.lo), math.log(found.hi)) == pytest.approx((theirs.low, theirs.high), rel=1e-6, abs=1e-9)
    assert found.method == "Welch's t on logarithms"


@given(st.lists(st.tuples(st.floats(0.01, 1e4), st.floats(1.0, 2.0)), min_size=3, max_size=12))
def test_paired_is_t_on_the_ratios(rounds: list[tuple[float, float]]) -> None:
    base, new = [b for b, _ in rounds], [b * f for b, f in rounds]
    if not spread([f for _, f in rounds]):
        return
    found = compare(base, new, paired=True, margin_pct=2)
    theirs = ttest_1samp(np.log(new) - np.log(base), 0.0).confidence_interval(0.95)
    assert found.lo is not None and found.hi is not None
    assert (math.log(found.lo), math.log(found.hi)) == pytest.approx((theirs.low, theirs.high), rel=1e-6, abs=1e-9)


@given(times, times, st.floats(0.1, 20))
def test_the_other_way_round_says_the_opposite(base: list[float], new: list[float], margin: float) -> None:
    there, back = (compare(a, b, paired=False, margin_pct=margin) for a, b in ((base, new), (new, base)))
    opposite = {"faster": "slower", "slower": "faster"}
    assert there.ratio is not None and back.ratio is not None
    assert there.ratio * back.ratio == pytest.approx(1, rel=1e-6)
    if there.lo is not None and min(abs(math.log(there.lo)), abs(math.log(there.hi or 1))) > 1e-9:
        assert back.verdict == opposite.get(there.verdict, there.verdict)


@pytest.mark.parametrize(
    ("lo", "hi", "said"),
    [
        (1.01, 1.3, "slower"),
        (0.7, 0.99, "faster"),
        (0.99, 1.01, "same"),
        (1.005, 1.015, "same"),
        (0.97, 1.03, "undecided"),
        (0.99, 1.03, "undecided"),
        (1 / 1.02, 1.02, "same"),
        (1.0, 1.5, "undecided"),
    ],
)
def test_verdicts(lo: float, hi: float, said: str) -> None:
    found, reason = verdict(lo, hi, 2.0)
    assert found == said and (reason is None) == (said != "undecided")


def test_no_verdict_below_three() -> None:
    few = compare([1.0, 1.0], [2.0, 2.0, 2.0], paired=False, margin_pct=2)
    assert few == Comparison(
        None, None, None, "undecided", None, "2 sessions a side are too few for a verdict; 3 are the least"
    )
    assert "rounds" in (compare([1.0], [2.0], paired=True, margin_pct=2).reason or "")
    assert compare([1.0, 2.0, 0.0], [1.0] * 3, paired=False, margin_pct=2).reason == "a value is not a positive number"
    assert compare([1.0, 2.0, math.nan], [1.0] * 3, paired=False, margin_pct=2).ratio is None


def test_wrong_use() -> None:
    with pytest.raises(ValueError, match="do not make rounds"):
        compare([1.0] * 3, [1.0] * 4, paired=True, margin_pct=2)
    with pytest.raises(ValueError, match="give one above 0"):
        compare([1.0] * 3, [1.0] * 4, paired=False, margin_pct=0)


def test_equal_values_have_no_width() -> None:
    for paired in (True, False):
        found = compare([2.0] * 4, [3.0] * 4, paired=paired, margin_pct=2)
        assert (found.ratio, found.lo, found.hi) == pytest.approx((1.5, 1.5, 1.5)) and found.verdict == "slower"


@pytest.mark.parametrize("phone", racks(), ids=lambda p: p.name)
@pytest.mark.parametrize("measure", [coverage.unpaired, coverage.paired])
def test_coverage(phone: Phone, measure: object) -> None:
    for count in coverage.BARRED:
        held, _ = measure(phone, count, np.random.default_rng(7), 4000)  # type: ignore[operator]
        assert 0.93 <= held <= 0.99


def test_verdicts_are_seldom_false() -> None:
    rng = np.random.default_rng(3)
    for paired in (True, False):
        base, new = rng.normal(0, 0.01, (2, 4000, 7))
        _, lows, highs = ratio_limits(np.exp(base), np.exp(new), paired)
        said = [verdict(lo, hi, 2.0)[0] for lo, hi in zip(lows, highs, strict=True)]
        assert (said.count("faster") + said.count("slower")) / 4000 < 0.06
        # Really 2 % apart, the margin itself: "same" is said at most half as often as the interval leaves out.
        _, lows, highs = ratio_limits(np.exp(base), 1.02 * np.exp(new), paired)
        assert sum(verdict(lo, hi, 2.0)[0] == "same" for lo, hi in zip(lows, highs, strict=True)) / 4000 < 0.035
