"""Shapes are found where they are, and rarely where they are not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.stats.intervals import median_interval
from harness.stats.precision import MOST, needed_sessions
from harness.stats.sequential import half_width_pct
from harness.stats.shape import outliers, spread_pct, trend_pct, two_speeds

Draw = Callable[[np.random.Generator, int], "np.typing.NDArray[np.float64]"]
CLEAN: dict[str, Draw] = {
    "normal": lambda rng, n: np.exp(0.03 * rng.standard_normal(n)),
    "heavy-tailed": lambda rng, n: np.exp(0.02 * rng.standard_t(3, n)),
    "skewed": lambda rng, n: 1 + 0.02 * rng.exponential(size=n),
}


def rate(found: Callable[[list[float]], object], draw: Draw, count: int, rounds: int = 400) -> float:
    rng = np.random.default_rng(5)
    return sum(bool(found([float(v) for v in draw(rng, count)])) for _ in range(rounds)) / rounds


@pytest.mark.parametrize("count", [5, 7, 10, 20])
@pytest.mark.parametrize("kind", sorted(CLEAN))
def test_clean_rows_are_rarely_called_anything(kind: str, count: int) -> None:
    assert rate(two_speeds, CLEAN[kind], count) <= (0.09 if kind == "skewed" else 0.035)
    assert rate(trend_pct, CLEAN[kind], count) <= 0.035
    if kind == "normal":
        assert rate(outliers, CLEAN[kind], count) <= 0.03


def test_what_is_there_is_found() -> None:
    def placed(rng: np.random.Generator, n: int) -> np.typing.NDArray[np.float64]:
        return np.exp(0.01 * rng.standard_normal(n)) * np.where(rng.random(n) < 0.3, 1.08, 1.0)

    def drifting(rng: np.random.Generator, n: int) -> np.typing.NDArray[np.float64]:
        return np.exp(0.01 * rng.standard_normal(n)) * np.linspace(1, 1.05, n)

    def one_far(rng: np.random.Generator, n: int) -> np.typing.NDArray[np.float64]:
        return np.exp(0.01 * rng.standard_normal(n)) * np.where(np.arange(n) == 2, 1.2, 1.0)

    assert rate(two_speeds, placed, 20) > 0.8 and rate(two_speeds, placed, 10) > 0.5
    assert rate(trend_pct, drifting, 10) > 0.7 and rate(trend_pct, drifting, 20) > 0.95
    assert rate(lambda v: outliers(v) == [2], one_far, 10) > 0.9


def test_two_speeds_say_which_and_how_far_apart() -> None:
    found = two_speeds([10.0, 10.1, 12.0, 9.9, 10.05, 12.1, 9.95, 12.05, 10.0, 10.02])
    assert found is not None and found.shares == (0.7, 0.3) and found.medians[1] == pytest.approx(12.05)
    assert found.apart_pct == pytest.approx(20.5, abs=0.5)
    assert outliers([10.0, 10.1, 12.0, 9.9, 10.05, 12.1, 9.95, 12.05, 10.0, 10.02]) == [], "they are the other speed"


def test_a_trend_has_a_sign_and_a_size() -> None:
    rising = [100.0 * 1.01**n for n in range(10)]
    assert trend_pct(rising) == pytest.approx(100 * (1.01**9 - 1))
    assert trend_pct(rising[::-1]) == pytest.approx(100 * (1.01**-9 - 1))
    assert trend_pct([100.0 + 0.01 * n for n in range(10)]) is None, "too small to matter"


@given(st.lists(st.floats(-10, 1e9), max_size=25))
def test_any_values_are_taken(values: list[float]) -> None:
    assert all(0 <= place < len(values) for place in outliers(values)) if _usable(values) else outliers(values) == []
    two_speeds(values) if values else None
    trend_pct(values) if values else None
    spread_pct(values) if values else None


def _usable(values: list[float]) -> bool:
    return len(values) >= 5 and min(values) > 0


@pytest.mark.parametrize("count", [5, 7, 10])
def test_the_number_of_sessions_that_is_missing_is_about_right(count: int) -> None:
    rng = np.random.default_rng(1)
    told = [needed_sessions([float(v) for v in np.exp(0.04 * rng.standard_normal(count))]) for _ in range(200)]
    total = count + float(np.median([n for n in told if n is not None]))
    widths = []
    for _ in range(300):
        values = [float(v) for v in np.exp(0.04 * rng.standard_normal(round(total)))]
        widths.append(half_width_pct(median_interval(values), values) or 0.0)
    assert 1.5 < float(np.mean(widths)) < 2.5


def test_narrow_rows_need_none_and_few_values_give_no_number() -> None:
    assert needed_sessions([100.0, 100.1, 99.9, 100.0, 100.05]) == 0
    assert needed_sessions([1.0, 2.0]) is None
    assert needed_sessions([1.0, 50.0, 1.0, 60.0, 2.0]) == MOST - 5
