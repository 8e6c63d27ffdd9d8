"""Statistics lines."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.benchmark.output import parse_benchmark
from harness.virtual.bench.stats import NO_RUNS, stat_line, summary


@pytest.mark.parametrize(
    ("runs", "line"),
    [
        ([637079], "count=1 curr=637079 p5=637079 median=637079 p95=637079"),
        ([7, 7, 7], "count=3 curr=7(all same) p5=7 median=7 p95=7"),
        ([4, 9, 3], "count=3 first=4 curr=3 min=3 max=9 avg=5.33333 std=2 p5=3 median=4 p95=9"),
        ([1000000, 1083520], "count=2 first=1000000 curr=1083520 min=1000000 max=1083520 avg=1.04176e+06 std=41760 "
         "p5=1000000 median=1083520 p95=1083520"),
    ],
)  # fmt: skip
def test_known_lines(runs: list[int], line: str) -> None:
    assert stat_line(summary(np.array(runs))) == line


def test_nothing_ran() -> None:
    assert stat_line(summary(NO_RUNS)) == "count=0 p5=0 median=0 p95=0"


@given(st.lists(st.integers(0, 10_000_000), min_size=1, max_size=300))
def test_agrees_with_plain_statistics(runs: list[int]) -> None:
    found = summary(np.array(runs, np.int64))
    ordered = sorted(runs)
    assert (found.p5, found.median, found.p95) == tuple(ordered[len(runs) * p // 100] for p in (5, 50, 95))
    assert math.isclose(found.average, statistics.fmean(runs), abs_tol=1e-9)
    assert abs(found.std - statistics.pstdev(runs)) <= 1 + 1e-6 * max(runs)


@given(st.lists(st.integers(0, 10_000_000), min_size=1, max_size=50))
def test_our_own_reader_takes_the_line(runs: list[int]) -> None:
    found = summary(np.array(runs, np.int64))
    text = f"INFO: Running benchmark for at least 1 iterations\nINFO: {stat_line(found)}\n"
    read = parse_benchmark(text).warmup_run
    assert read is not None
    assert (read.count, read.curr_us, read.median_us) == (found.count, found.last, found.median)
