"""Matchings are as large as can be, and of those the best in the order of offers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from harness.rack.matching import Matching, bits

PLACES = 8


def most(masks: list[int]) -> int:
    """How many can be placed together, by scipy."""
    fits = csr_array(np.array([[m >> p & 1 for p in range(PLACES)] for m in masks], dtype=np.int8))
    return int((maximum_bipartite_matching(fits, perm_type="column") >= 0).sum())


@given(st.lists(st.integers(0, 2**PLACES - 1) | st.sampled_from([3, 6, 12, 24, 48, 96, 192]), max_size=10))
def test_no_item_is_left_out_for_a_later_one(masks: list[int]) -> None:
    matching, placed = Matching(), list[int]()
    for item, mask in enumerate(masks):
        if matching.offer(item, mask):
            placed.append(item)
            assert most([masks[i] for i in placed]) == len(placed)
        else:
            assert most([masks[i] for i in [*placed, item]]) == len(placed), "it could have been placed"
        assert sorted(matching.item_at.values()) == placed, "who was placed stays placed"
        assert all(masks[i] >> p & 1 for p, i in matching.item_at.items()), "at a place that would do"


def test_a_chain_moves_over() -> None:
    matching = Matching()
    chain = [0b0011, 0b0110, 0b1100]
    assert all(matching.offer(item, mask) for item, mask in enumerate(chain))
    assert matching.item_at == {0: 0, 1: 1, 2: 2}
    assert matching.offer(3, 0b0001)
    assert matching.item_at == {0: 3, 1: 0, 2: 1, 3: 2}
    assert not matching.offer(4, 0b1111) and not matching.offer(5, 0)


def test_bits() -> None:
    assert list(bits(0)) == [] and list(bits(0b1010_0001)) == [0, 5, 7]
