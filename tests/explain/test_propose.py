"""The search for layers to keep, on scores made up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.explain.layers import LayerError
from harness.explain.propose import rank, search
from tests.explain.planted import index, pair

PAIR = pair()
A, B, C = (index(PAIR, name) for name in ("conv_a", "conv_b", "conv_c"))
LAST = PAIR.layers[-1].index


def errors(noise: dict[int, float]) -> list[LayerError]:
    made = [LayerError(layer) for layer in PAIR.layers]
    for error in made:
        amount = noise.get(error.layer.index, 1e-6)
        error.effect.add(np.ones(1), np.ones(1) + np.sqrt(amount))
    return made


class Judge:
    """Loses `costs[i]` unless the operators of a fault are all kept."""

    def __init__(self, costs: dict[frozenset[int], float]) -> None:
        self.costs, self.asked = costs, 0

    def __call__(self, keeps: Sequence[frozenset[int]]) -> list[float]:
        self.asked += len(keeps)
        return [100 - sum(cost for fault, cost in self.costs.items() if not fault <= keep) for keep in keeps]


def test_the_worst_comes_first_and_what_only_passes_values_on_not_at_all() -> None:
    ranked = rank(errors({B: 0.5, C: 0.1}))
    assert [e.layer.index for e in ranked][:2] == [B, C] and len(ranked) == 4


def test_nothing_is_kept_where_nothing_is_lost() -> None:
    judge = Judge({})
    found = search(PAIR, rank(errors({B: 0.5})), judge, 99)
    assert found.enough and found.keep == frozenset() and judge.asked == 1


def test_a_tensor_is_freed_on_both_of_its_sides_at_once() -> None:
    found = search(PAIR, rank(errors({B: 0.5})), Judge({frozenset({B, C}): 80}), 99)
    assert found.enough and found.keep == {B, C} and [s.score for s in found.steps] == [20, 100]


def test_two_faults_neither_of_which_helps_alone() -> None:
    def judge(keeps: Sequence[frozenset[int]]) -> list[float]:
        return [100.0 if keep >= {A, B, LAST} else 10.0 for keep in keeps]

    found = search(PAIR, rank(errors({LAST: 0.5, A: 0.4, B: 0.3})), judge, 99)
    assert found.enough and found.keep == {A, B, LAST}


def test_no_more_is_kept_than_the_goal_needs() -> None:
    costs = {frozenset({B, C}): 60.0, frozenset({A}): 3.0, frozenset({LAST}): 0.5}
    found = search(PAIR, rank(errors({B: 0.5, A: 0.4, LAST: 0.3})), Judge(costs), 99)
    assert found.keep == {A, B, C}
    assert search(PAIR, rank(errors({B: 0.5, A: 0.4, LAST: 0.3})), Judge(costs), 96).keep == {B, C}


def test_a_goal_out_of_reach_is_said_and_the_best_is_kept() -> None:
    found = search(PAIR, rank(errors({B: 0.5})), Judge({frozenset({B, C}): 50, frozenset({999}): 20}), 99)
    assert not found.enough and found.keep == {B, C} and max(s.score for s in found.steps) == 80
