"""Examples to calibrate with."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from harness.variants.dataset import Input, examples

INPUT = [Input("x", (2,), "float32")]
ARRAYS = {"x": np.arange(60, dtype=np.float32).reshape(30, 2)}


def firsts(samples: int, seed: int | None) -> list[int]:
    return [int(example[0][0, 0]) // 2 for example in examples(ARRAYS, INPUT, samples, "here", seed=seed)]


@given(st.integers(1, 40), st.integers(0, 1000))
def test_a_seed_draws_each_example_once_and_more_samples_keep_those_drawn(samples: int, seed: int) -> None:
    drawn = firsts(samples, seed)
    assert len(drawn) == len(set(drawn)) == min(samples, 30)
    assert firsts(samples + 5, seed)[: len(drawn)] == drawn


def test_without_a_seed_they_are_the_first_ones() -> None:
    assert firsts(4, None) == [0, 1, 2, 3] and firsts(4, 1) != firsts(4, 2)
