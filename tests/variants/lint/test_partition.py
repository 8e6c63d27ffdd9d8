"""Kernels of a delegate: laws that hold for any graph and any choice."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.variants.lint.partition import choose, partition
from harness.variants.model_file import OpInfo


def ops_of(reads: list[list[int]], names: list[str] | None = None) -> list[OpInfo]:
    """Node i writes tensor i + 1 and reads the tensors listed; tensor 0 is the input."""
    return [
        OpInfo(i, names[i] if names else "ADD", False, 1, tuple(tensors), (i + 1,), 0)
        for i, tensors in enumerate(reads)
    ]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[OpInfo], frozenset[int]]:
    """Nodes in running order, variables among them, and what a delegate could take."""
    count = draw(st.integers(1, 14))
    reads = [draw(st.lists(st.integers(0, i), min_size=1, max_size=3)) for i in range(count)]
    names = [draw(st.sampled_from(["ADD", "ADD", "READ_VARIABLE"])) for _ in range(count)]
    return ops_of(reads, names), draw(st.frozensets(st.integers(0, count - 1)))


def test_a_node_overtakes_those_that_it_does_not_need() -> None:
    # 1 is refused, but 2 and 3 need nothing of it: one kernel, as the runtime forms it.
    found = partition(ops_of([[0], [1], [1], [3], [2, 4]]), {0, 2, 3})
    assert [(s.taken, s.nodes) for s in found] == [(True, (0, 2, 3)), (False, (1, 4))]


def test_operators_with_side_effects_keep_their_order() -> None:
    reads, names = [[0], [0], [0]], ["READ_VARIABLE", "ASSIGN_VARIABLE", "READ_VARIABLE"]
    found = partition(ops_of(reads, names), {0, 2})
    assert [(s.taken, s.nodes) for s in found] == [(True, (0,)), (False, (1,)), (True, (2,))]
    free = partition(ops_of(reads), {0, 2})
    assert [(s.taken, s.nodes) for s in free] == [(True, (0, 2)), (False, (1,))]


def test_operators_that_wait_for_each_other_are_told() -> None:
    with pytest.raises(UsageError, match="wait for each other"):
        partition(ops_of([[2], [1]]), {0})


def passes(ops: list[OpInfo], taken: frozenset[int]) -> list[tuple[bool, list[int]]]:
    """The runtime's own way, word by word: pass after pass over every node (tflite/graph_info.cc), for small graphs."""
    epoch: dict[int, int] = {}
    made = {t: op.index for op in ops for t in op.outputs}
    subsets: list[tuple[bool, list[int]]] = []
    while len(epoch) < len(ops):
        kind: bool | None = None
        found: list[int] = []
        progress = True
        while progress:
            progress = False
            for op in ops:
                earlier = [o.index for o in ops[: op.index] if o.op == op.op == "READ_VARIABLE"]
                needed = {made[t] for t in op.inputs if t in made} | set(earlier)
                if op.index in epoch or not needed <= set(epoch):
                    continue
                if kind is None:
                    kind = op.index in taken
                if kind == (op.index in taken):
                    epoch[op.index] = len(subsets)
                    found.append(op.index)
                    progress = True
        assert kind is not None
        subsets.append((kind, found))
    return subsets


@given(graphs())
def test_it_is_what_the_runtime_s_passes_give(case: tuple[list[OpInfo], frozenset[int]]) -> None:
    ops, taken = case
    assert [(s.taken, list(s.nodes)) for s in partition(ops, taken)] == passes(ops, taken)


@given(graphs())
def test_every_node_is_in_exactly_one_group_after_what_it_needs(case: tuple[list[OpInfo], frozenset[int]]) -> None:
    ops, taken = case
    order = [n for s in partition(ops, taken) for n in s.nodes]
    assert sorted(order) == [op.index for op in ops]
    place = {node: i for i, node in enumerate(order)}
    for op in ops:
        assert all(place[t - 1] < place[op.index] for t in op.inputs if t > 0)
    stateful = [n for n in order if ops[n].op == "READ_VARIABLE"]
    assert stateful == sorted(stateful)


@given(graphs())
def test_kinds_take_turns_and_hold_only_their_own(case: tuple[list[OpInfo], frozenset[int]]) -> None:
    ops, taken = case
    subsets = partition(ops, taken)
    assert all(a.taken != b.taken for a, b in pairwise(subsets))
    assert all((n in taken) == s.taken for s in subsets for n in s.nodes)


@given(graphs(), st.integers(1, 4), st.integers(0, 4))
def test_a_limit_keeps_the_largest_kernels(
    case: tuple[list[OpInfo], frozenset[int]], most: int, least_nodes: int
) -> None:
    ops, taken = case
    assert choose(ops, taken, most=0) == taken, "without a limit all that can be taken is"
    groups = sorted((len(s.nodes) for s in partition(ops, taken) if s.taken), reverse=True)
    kept = choose(ops, taken, most=most, least_nodes=least_nodes)
    assert kept <= taken and len(kept) == sum([n for n in groups if n >= least_nodes][:most])
    # With fewer kernels the rest becomes one group or more, and never more kernels than were asked for.
    assert sum(s.taken for s in partition(ops, kept)) <= most
