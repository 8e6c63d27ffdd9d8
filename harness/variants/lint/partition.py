"""Which nodes become kernels of a delegate together. Pure.

Source of the method: `PartitionGraphIntoIndependentNodeSubsets` (LiteRT, tflite/graph_info.cc) and
`GraphPartitionHelper` (tflite/delegates/utils.cc). From what is ready, the runtime takes every node of the kind of the
first (taken or not), again and again while any becomes ready, and then begins a subset of the other kind. A node may so
overtake those before it. Operators with side effects keep their order.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from harness.errors import UsageError
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
        UsageError: operators wait for each other, which no runtime could run.
    """
    waits, releases = _dependencies(ops)
    ready: dict[bool, list[int]] = {True: [], False: []}  # positions, smallest first

    def offer(position: int) -> None:
        heapq.heappush(ready[ops[position].index in taken], position)

    for position, count in enumerate(waits):
        if not count:
            offer(position)
    subsets = []
    while any(ready.values()):
        kind = min((heap[0], kind) for kind, heap in ready.items() if heap)[1]
        found: list[int] = []
        while ready[kind]:
            position = heapq.heappop(ready[kind])
            found.append(ops[position].index)
            for after in releases[position]:
                waits[after] -= 1
                if not waits[after]:
                    offer(after)
        subsets.append(Subset(kind, tuple(found)))
    if any(waits):
        raise UsageError("the model's operators wait for each other", advice="convert it again")
    return tuple(subsets)


def _dependencies(ops: Sequence[OpInfo]) -> tuple[list[int], list[list[int]]]:
    """By position: how many operators each waits for, and which ones wait for it."""
    producers = {tensor: position for position, op in enumerate(ops) for tensor in op.outputs if tensor >= 0}
    waits = [0] * len(ops)
    releases: list[list[int]] = [[] for _ in ops]
    before: int | None = None
    for position, op in enumerate(ops):
        needed = {producers[tensor] for tensor in op.inputs if tensor in producers}
        if not op.custom and op.op in _STATEFUL:
            needed |= set() if before is None else {before}
            before = position
        waits[position] = len(needed)
        for other in needed:
            releases[other].append(position)
    return waits, releases


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
