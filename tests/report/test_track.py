"""Dots, median and band of a row keep their order and stay on the line."""

from __future__ import annotations

import itertools
import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.story.track import track


def latency(values: list[float], low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"median": statistics.median(values), "ci95": [low, high]}


def test_places_follow_the_values() -> None:
    found = track(latency([1.0, 2.0, 3.0], 0.0, 4.0), [1.0, None, 2.0, 3.0, 99.0], [True, False, True, True, False])
    assert found is not None
    assert found.dots == (32.0, None, 50.0, 68.0, 100.0) and found.beyond == (False, False, False, False, True)
    assert (found.low, found.middle, found.high, found.cut) == (14.0, 50.0, 86.0, (False, False))


def test_an_interval_that_is_far_too_wide_is_cut_and_says_so() -> None:
    found = track(latency([1.0, 2.0, 3.0], -500.0, 900.0), [1.0, 2.0, 3.0], [True] * 3)
    assert found is not None and (found.low, found.high, found.cut) == (0.0, 100.0, (True, True))
    assert found.dots[0] is not None and found.dots[2] is not None and found.dots[2] - found.dots[0] > 10


def test_a_band_that_is_cut_goes_to_the_end_of_the_line() -> None:
    found = track(latency([1.0, 2.0, 3.0], -5.01, 3.0), [1.0, 2.0, 3.0], [True] * 3)
    assert found is not None and found.low == 0.0 and found.cut == (True, False)


def test_equal_values_and_no_interval() -> None:
    found = track(latency([5.0, 5.0]), [5.0, 5.0], [True, True])
    assert found is not None and found.dots == (50.0, 50.0) and found.low is found.high is None


def test_without_a_session_that_counts_there_is_none() -> None:
    assert track({"median": None, "ci95": [None, None]}, [3.0], [False]) is None


@given(
    st.lists(st.tuples(st.floats(1e-6, 1e9), st.booleans()), min_size=1, max_size=12),
    st.none() | st.tuples(st.floats(0, 1e12), st.floats(0, 1e12)),
)
def test_order_is_kept_and_nothing_leaves_the_line(
    sessions: list[tuple[float, bool]], limits: tuple[float, float] | None
) -> None:
    values, counted = [v for v, _ in sessions], [c for _, c in sessions]
    kept = [v for v, c in sessions if c]
    low, high = sorted(limits) if limits else (None, None)
    found = track(latency(kept or [1.0], low, high), values, counted)
    if not kept:
        assert found is None
        return
    assert found is not None
    dots = [d for d in found.dots if d is not None]
    assert all(0 <= d <= 100 for d in (*dots, found.middle))
    ordered = sorted(zip(values, dots, strict=True))
    assert all(a[1] <= b[1] for a, b in itertools.pairwise(ordered))
    assert not any(b for b, c in zip(found.beyond, counted, strict=True) if c)
    if found.low is not None and found.high is not None:
        assert 0 <= found.low <= found.high <= 100


@pytest.mark.parametrize("value", [1e-9, 1e9])
def test_one_value(value: float) -> None:
    found = track(latency([value]), [value], [True])
    assert found is not None and found.dots == (50.0,) and found.middle == 50.0
