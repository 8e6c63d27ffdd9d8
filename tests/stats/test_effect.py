"""The smallest effect is found as often as it says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness.stats.effect import smallest_effect_pct
from harness.stats.ratio import compare


@pytest.mark.parametrize("pairs", [6, 10, 20])
def test_a_difference_of_that_size_is_found_eight_times_in_ten(pairs: int) -> None:
    """With the true scatter known: pairs that scatter by exactly it say which difference to plant."""
    rng, scatter = np.random.default_rng(pairs), 0.02
    off = scatter * math.sqrt((pairs - 1) / pairs)
    told = smallest_effect_pct([1.0] * pairs, [math.exp(off if n % 2 else -off) for n in range(pairs)])
    assert told is not None
    drawn = np.exp(rng.normal(math.log1p(told / 100), scatter, (2000, pairs)))
    found = sum(compare([1.0] * pairs, list(row), paired=True, margin_pct=0.001).verdict == "slower" for row in drawn)
    assert 0.75 <= found / 2000 <= 0.85


def test_too_few_pairs_show_nothing() -> None:
    assert smallest_effect_pct([1, 1], [1, 2]) is None
    assert smallest_effect_pct([1, 1, 0], [1, 2, 1]) is None
    with pytest.raises(ValueError, match="pairs"):
        smallest_effect_pct([1, 2], [1])
