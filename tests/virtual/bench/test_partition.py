"""Partitions of a graph between a delegate and the rest."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harness.virtual.bench.graph import Graph, Node, Tensor
from harness.virtual.bench.partition import partition, replaced


def graph_of(reads: list[list[int]]) -> Graph:
    """Node i writes tensor i+1 and reads the tensors listed; tensor 0 is the input."""
    nodes = tuple(Node(i, "ADD", 0, 1, 0, 1, tuple(r), (i + 1,)) for i, r in enumerate(reads))
    tensors = tuple(Tensor(f"t{i}", (1,), "FLOAT32", 0) for i in range(len(reads) + 1))
    return Graph("main", nodes, tensors, (0,), (len(reads),))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Graph, frozenset[int]]:
    """Graphs in running order, and what a delegate takes of them."""
    count = draw(st.integers(1, 12))
    reads = [draw(st.lists(st.integers(0, i), min_size=1, max_size=3)) for i in range(count)]
    return graph_of(reads), draw(st.frozensets(st.integers(0, count - 1)))


def test_a_branch_that_nothing_interrupts_stays_together() -> None:
    # 1 is refused, but 2 and 3 do not need it: one group, as the runtime forms it.
    graph = graph_of([[0], [1], [1], [3], [2, 4]])
    found = partition(graph, graph.nodes, {0, 2, 3})
    assert [(s.taken, s.nodes) for s in found] == [(True, (0, 2, 3)), (False, (1, 4))]


def test_kernels_read_and_give_only_what_crosses_their_border() -> None:
    graph = graph_of([[0], [1], [2], [3]])
    plan = replaced(graph, graph.nodes, partition(graph, graph.nodes, {1, 2}), "TfLiteGpuDelegateV2", 4)
    assert [(n.index, n.inputs, n.outputs) for n in plan] == [(0, (0,), (1,)), (4, (1,), (3,)), (3, (3,), (4,))]


@given(graphs())
def test_every_node_runs_once_after_what_it_needs(case: tuple[Graph, frozenset[int]]) -> None:
    graph, taken = case
    subsets = partition(graph, graph.nodes, taken)
    order = [n for s in subsets for n in s.nodes]
    assert sorted(order) == [n.index for n in graph.nodes]
    for node in graph.nodes:
        assert all(order.index(t - 1) < order.index(node.index) for t in node.inputs if t > 0)


@given(graphs())
def test_kinds_take_turns_and_hold_only_their_own(case: tuple[Graph, frozenset[int]]) -> None:
    graph, taken = case
    subsets = partition(graph, graph.nodes, taken)
    assert all(a.taken != b.taken for a, b in pairwise(subsets))
    assert all((n in taken) == s.taken for s in subsets for n in s.nodes)


@given(graphs())
def test_a_second_delegate_sees_the_kernels_of_the_first(case: tuple[Graph, frozenset[int]]) -> None:
    graph, taken = case
    first = partition(graph, graph.nodes, taken)
    plan = replaced(graph, graph.nodes, first, "K", len(graph.nodes))
    assert len(plan) == sum(1 if s.taken else len(s.nodes) for s in first)
    rest = {n.index for n in plan if n.index < len(graph.nodes)}
    again = partition(graph, plan, rest)
    assert {n for s in again if s.taken for n in s.nodes} == rest
