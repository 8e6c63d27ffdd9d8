"""What calibration showed, against what came later."""

from __future__ import annotations

import numpy as np

from harness.explain.pair import Carrier
from harness.explain.ranges import Seen, compare, look, outside
from harness.variants.model_file import Quantization
from tests.explain.planted import pair

PAIR = pair()
TENSOR = next(iter(PAIR.carriers))
CARRIER = Carrier(0, "INT8", Quantization((1.0,), (-128,), None))  # holds 0 to 255


def seen(*examples: list[float]) -> dict[int, Seen]:
    found = Seen(CARRIER)
    for example in examples:
        found.add(np.array(example))
    return {TENSOR: found}


def test_values_beyond_what_it_holds_are_counted_by_example() -> None:
    (row,) = compare(PAIR, None, seen([0, 100], [0, 256, 300, 10], [255.4, -0.4]))
    assert row["clipped_pct"] == 100 * (0 + 0.5 + 0) / 3 and row["clipped_examples"] == [1]
    assert row["findings"] == ["clipped"] and row["calibration"] is None


def test_one_example_that_makes_the_range_wide_is_named() -> None:
    before = seen([0, 20], [1, 22], [0, 255], [0, 21])
    (row,) = compare(PAIR, before, seen([0, 20], [0, 25]))
    assert row["widened_by"] == {"example": 2, "times": 255 / 22}
    assert row["findings"] == ["unused", "widened"] and row["unused_pct"] > 90


def test_a_fit_is_no_finding() -> None:
    before = seen([0, 250], [3, 255], [0, 251], [1, 240])
    (row,) = compare(PAIR, before, seen([0, 250], [1, 255]))
    assert row["findings"] == [] and row["holds"] == [0, 255]


def test_examples_that_leave_the_calibrated_range_are_listed_the_farthest_first() -> None:
    rows = outside(seen([10, 100], [20, 90]), seen([20, 30], [5, 90], [10, 300]))
    assert [(r["example"], r["tensors"]) for r in rows] == [(2, 1), (1, 1)]


def test_runs_are_looked_at_tensor_by_tensor() -> None:
    runs = [{t: np.full(3, float(place)) for t in PAIR.carriers} for place in range(2)]
    found = look(PAIR, iter(runs))
    assert all(s.lows == [0, 1] and s.width == 1 for s in found.values())
