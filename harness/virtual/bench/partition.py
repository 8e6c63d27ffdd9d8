"""How the runtime groups the nodes that a delegate takes. Pure.

Method: the runtime walks the graph and puts into one subset every node of the same kind (taken or not) whose inputs are
there already, as long as it finds any; then it begins a subset of the other kind. Nodes need not be neighbours for
that: a branch that nothing else interrupts stays in one subset.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from harness.virtual.bench.graph import CUSTOM, Graph, Node


@dataclass(frozen=True)
class Subset:
    """Nodes that run one after the other, all taken by the delegate or all not."""

    taken: bool
    nodes: tuple[int, ...]


def partition(graph: Graph, nodes: Sequence[Node], taken: Collection[int]) -> tuple[Subset, ...]:
    """Subsets of these nodes of the graph, in the order in which they run.

    Args:
        graph: where the nodes are from.
        nodes: those in the plan, in its order; what others give counts as being there from the start.
        taken: indices of the nodes that the delegate takes.
    """
    missing = {t for node in nodes for t in node.outputs}
    waiting, subsets = list(nodes), []
    while waiting:
        kind: bool | None = None
        found: list[int] = []
        progress = True
        while progress:
            progress, rest = False, []
            for node in waiting:
                if missing.isdisjoint(node.inputs) and kind in (None, node.index in taken):
                    kind = node.index in taken
                    missing.difference_update(node.outputs)
                    found.append(node.index)
                    progress = True
                else:
                    rest.append(node)
            waiting = rest
        if kind is None:
            raise ValueError(f"subgraph {graph.name}: operators wait for each other")
        subsets.append(Subset(kind, tuple(found)))
    return tuple(subsets)


def replaced(graph: Graph, plan: Sequence[Node], subsets: Sequence[Subset], name: str, first: int) -> list[Node]:
    """The plan with each taken subset replaced by one kernel of the delegate.

    Args:
        graph: where the nodes are from.
        plan: the nodes so far, kernels of earlier delegates included.
        subsets: of `partition` on that plan.
        name: of the kernel's operator.
        first: index of the first kernel.
    """
    by_index = {node.index: node for node in plan}
    made: list[Node] = []
    for subset in subsets:
        nodes = [by_index[n] for n in subset.nodes]
        made += [_kernel(graph, plan, nodes, name, first)] if subset.taken else nodes
        first += subset.taken
    return made


def _kernel(graph: Graph, plan: Sequence[Node], nodes: Sequence[Node], name: str, index: int) -> Node:
    inside = {n.index for n in nodes}
    given = {t for n in nodes for t in n.outputs}
    read = {t for n in nodes for t in n.inputs if t >= 0}
    wanted = {t for n in plan if n.index not in inside for t in n.inputs} | set(graph.outputs)
    inputs, outputs = tuple(sorted(read - given)), tuple(sorted(given & wanted))
    return replace(nodes[0], index=index, op=name, code=CUSTOM, macs=0, work=0, inputs=inputs, outputs=outputs)
