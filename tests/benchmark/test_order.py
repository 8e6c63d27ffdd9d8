"""The order of two arms: neighbours make pairs, and an even drift cancels."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from harness.benchmark.order import ROUND_PAIRS, arm_order

seeds = st.text(max_size=5)


@given(st.integers(0, 30), seeds)
def test_every_pair_is_two_neighbours_of_both_arms(rounds: int, seed: str) -> None:
    order = arm_order(rounds, seed)
    assert len(order) == 4 * rounds
    for pair in range(ROUND_PAIRS * rounds):
        first, second = order[2 * pair], order[2 * pair + 1]
        assert first[0] == second[0] == pair and {first[1], second[1]} == {"A", "B"}


@given(st.integers(1, 30), seeds, st.floats(-0.01, 0.01))
def test_an_even_drift_cancels_in_every_round(rounds: int, seed: str, drift: float) -> None:
    """The log of latency grows by the same at each session: in turns, A before B each time, it would stay."""
    order = arm_order(rounds, seed)
    for number in range(rounds):
        logs = {"A": 0.0, "B": 0.0}
        for place in range(4 * number, 4 * number + 4):
            logs[order[place][1]] += drift * place
        assert math.isclose(logs["A"], logs["B"], abs_tol=1e-9)


@given(st.integers(1, 15), seeds, st.floats(-0.001, 0.001))
def test_a_bending_drift_cancels_in_every_couple_of_rounds(couples: int, seed: str, bend: float) -> None:
    order = arm_order(2 * couples, seed)
    for number in range(couples):
        logs = {"A": 0.0, "B": 0.0}
        for place in range(8 * number, 8 * number + 8):
            logs[order[place][1]] += bend * place * place
        assert math.isclose(logs["A"], logs["B"], abs_tol=1e-6)


def test_which_kind_of_round_comes_first_is_drawn() -> None:
    first = {"".join(arm for _, arm in arm_order(1, str(seed))) for seed in range(50)}
    assert first == {"ABBA", "BAAB"} and arm_order(5, "x") == arm_order(5, "x")
