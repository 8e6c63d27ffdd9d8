"""Which nodes become kernels of a delegate together. Pure.

Source of the method: `PartitionGraphIntoIndependentNodeSubsets` (LiteRT, tflite/graph_info.cc) and
`GraphPartitionHelper` (tflite/delegates/utils.cc). From what is ready, the runtime takes every node of the kind of the
first (taken or not), again and again while any becomes ready, and then begins a subset of the other kind. A node may so
overtake those before it. Operators with side effects keep their order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from harness.variants.model_file import OpInfo

#: Operators that the runtime may not reorder against each other: they read or write variables.
_STATEFUL = frozenset(
    [
        *("ASSIGN_VARIABLE", "READ_VARIABLE", "VAR_HANDLE", "CALL_ONCE"),
        *("HASHTABLE", "HASHTABLE_FIND", "HASHTABLE_IMPORT", "HASHTABLE_SIZE"),
    ]
)


@dataclass(frozen=True)
class Subset:
    """Nodes that run one after the other, by index: one kernel of the delegate, or left to the CPU."""

    taken: bool
    nodes: tuple[int, ...]


def partition(ops: Sequence[OpInfo], taken: Collection[int]) -> tuple[Subset, ...]:
    """Subsets in the order in which they run; kinds take turns.

    Args:
        ops: in running order.
        taken: indices of those that the delegate takes.

    Raises:
        ValueError: operators wait for each other, which no runtime could run.
    """
    missing = {tensor for op in ops for tensor in op.outputs}
    waiting, subsets = list(ops), []
    while waiting:
        kind: bool | None = None
        found: list[int] = []
        progress = True
        while progress:
            progress, rest = False, []
            held = False  # an operator with side effects waits, and so do those after it
            for op in waiting:
                stateful = not op.custom and op.op in _STATEFUL
                ready = missing.isdisjoint(op.inputs) and not (stateful and held)
                if ready and kind in (None, op.index in taken):
                    kind = op.index in taken
                    missing.difference_update(op.outputs)
                    found.append(op.index)
                    progress = True
                else:
                    rest.append(op)
                    held = held or stateful
            waiting = rest
        if kind is None:
            raise ValueError("operators wait for each other")
        subsets.append(Subset(kind, tuple(found)))
    return tuple(subsets)


def choose(ops: Sequence[OpInfo], supported: Collection[int], *, most: int, least_nodes: int = 0) -> frozenset[int]:
    """Nodes of the largest kernels that a delegate may have.

    Args:
        most: kernels at most; 0 is no limit.
        least_nodes: of a kernel.

    Of kernels of one size the earlier is kept (the runtime's sort leaves that open; their number of nodes is the same).
    """
    groups = [s.nodes for s in partition(ops, supported) if s.taken and len(s.nodes) >= least_nodes]
    groups.sort(key=len, reverse=True)
    return frozenset(n for group in groups[: most or None] for n in group)
