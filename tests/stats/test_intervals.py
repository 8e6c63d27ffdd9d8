"""The interval keeps its promise for few sessions, and says when it cannot."""

from __future__ import annotations

import math
import random

from hypothesis import given
from hypothesis import strategies as st

from harness.stats.intervals import median_interval


@given(st.lists(st.floats(0.001, 1e6), min_size=3, max_size=30))
def test_it_holds_the_geometric_mean_and_scales(values: list[float]) -> None:
    found = median_interval(values)
    assert found.lo is not None and found.hi is not None
    middle = math.exp(sum(map(math.log, values)) / len(values))
    assert found.lo <= middle * 1.000001 and middle <= found.hi * 1.000001
    doubled = median_interval([2 * v for v in values])
    assert doubled.lo is not None and math.isclose(doubled.lo, 2 * found.lo, rel_tol=1e-6)


def test_too_few_and_impossible_values() -> None:
    assert median_interval([1.0, 2.0]).reason is not None
    assert median_interval([1.0, 2.0, 0.0]).reason == "a value is not positive"


def test_coverage_with_three_to_ten_sessions() -> None:
    rng = random.Random(4)
    for count in (3, 5, 10):
        hits = 0
        for _ in range(400):
            found = median_interval([5.0 * math.exp(rng.gauss(0, 0.05)) for _ in range(count)])
            assert found.lo is not None and found.hi is not None
            hits += found.lo <= 5.0 <= found.hi
        assert 0.91 <= hits / 400 <= 0.99, count
