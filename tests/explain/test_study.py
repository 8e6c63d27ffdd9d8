"""Sizes of calibration sets, and what many draws of a size come to."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.accuracy.evaluate import Evaluated
from harness.explain.study import Drawn, by_size, sizes_up_to
from harness.records import AccuracyRecord


@given(st.integers(1, 10_000))
def test_sizes_grow_to_all_that_there_is(available: int) -> None:
    sizes = sizes_up_to(available)
    assert sizes == sorted(set(sizes)) and sizes[-1] == available


def test_the_usual_sizes() -> None:
    assert sizes_up_to(250) == [10, 30, 100, 250] and sizes_up_to(7) == [7] and sizes_up_to(30) == [10, 30]


def test_a_draw_that_failed_is_counted_and_gives_no_figure() -> None:
    (row,) = by_size([Drawn(10, 1, None, "no room"), Drawn(10, 2, None, "no room")])
    assert row == {
        "samples": 10, "seeds": 0, "mean": None, "lowest": None, "highest": None, "spread": None, "failed": 2,
    }  # fmt: skip


def test_the_spread_is_over_the_seeds() -> None:
    drawn = [Drawn(10, s, _judged(v), None) for s, v in enumerate((90.0, 80.0), 1)] + [
        Drawn(30, 1, _judged(88.0), None)
    ]
    first, second = by_size(drawn)
    assert (first["mean"], first["lowest"], first["highest"]) == (85, 80, 90)
    assert first["spread"] == pytest.approx(7.0710678) and second["spread"] is None


def _judged(value: float) -> Evaluated:
    figures = AccuracyRecord(
        metric="top1", unit="pct", value=value, ci95=(None, None), drop=None, drop_ci95=(None, None), verdict=None,
        examples=1, base=None, reference="labels", reason=None, drop_reason=None,
    )  # fmt: skip
    return Evaluated("x", Path("x"), None, None, figures)
