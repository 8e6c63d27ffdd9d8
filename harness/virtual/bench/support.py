"""Which nodes a delegate of a virtual phone takes, and the partitions that result."""

from __future__ import annotations

from dataclasses import dataclass

from harness.virtual.bench.graph import Graph, Node
from harness.virtual.profile import GpuSpeed, NnapiSpeed

#: Operators that XNNPACK leaves to the interpreter's own kernels.
_XNNPACK_LEAVES = frozenset(
    [
        "ATAN2",
        "WHERE",
        "GATHER",
        "GATHER_ND",
        "TOPK_V2",
        "CUMSUM",
        "NON_MAX_SUPPRESSION_V4",
        "NON_MAX_SUPPRESSION_V5",
        "CAST",
        "SHAPE",
        "RANGE",
        "ARG_MAX",
        "WHILE",
        "IF",
        "UNIQUE",
        "TILE",
        "PACK",
        "UNPACK",
        "FILL",
        "HASHTABLE",
        "CALL_ONCE",
        "ONE_HOT",
        "REVERSE_V2",
        "SELECT",
        "SELECT_V2",
    ]
)


@dataclass(frozen=True)
class Taken:
    """Nodes that a delegate took, as groups of neighbours; each group is one of its kernels."""

    groups: tuple[tuple[int, ...], ...]
    offered: int  # nodes in the plan when it was asked
    refused: tuple[tuple[str, str], ...] = ()  # op, reason
    supported: int = 0

    @property
    def nodes(self) -> frozenset[int]:
        """All nodes taken."""
        return frozenset(n for group in self.groups for n in group)

    @property
    def partitions(self) -> int:
        """Delegated and other runs of nodes along the plan, as `Replacing …` counts them."""
        return self._partitions

    _partitions: int = 0


def take(graph: Graph, free: list[Node], refuses: dict[str, str], *, most: int | None) -> Taken:
    """Let a delegate take what it can of the `free` nodes.

    Args:
        graph: the model.
        free: nodes that no earlier delegate took, in plan order.
        refuses: op name to the reason why the delegate does not take it.
        most: how many groups it may take, the largest first; None for all.
    """
    groups: list[list[int]] = []
    refused: dict[str, str] = {}
    before = False
    for node in free:
        if node.op in refuses or node.custom:
            refused.setdefault(node.op, refuses.get(node.op, "Operation is not supported."))
            before = False
            continue
        if not before or groups[-1][-1] != node.index - 1:
            groups.append([])
        groups[-1].append(node.index)
        before = True
    supported = sum(map(len, groups))
    if most is not None:
        groups = sorted(sorted(groups, key=len, reverse=True)[:most])
    taken = {n for g in groups for n in g}
    runs, last = 0, None
    for node in free:
        kind = node.index in taken
        runs += kind != last
        last = kind
    return Taken(tuple(tuple(g) for g in groups), len(free), tuple(refused.items()), supported, runs)


def xnnpack_refuses(graph: Graph) -> dict[str, str]:
    """What XNNPACK leaves."""
    return {n.op: "left to the interpreter" for n in graph.nodes if n.op in _XNNPACK_LEAVES}


def gpu_refuses(graph: Graph, gpu: GpuSpeed) -> dict[str, str]:
    """What this phone's GPU delegate leaves, with the reason it prints."""
    if graph.quantized and not gpu.takes_int8:
        return {n.op: "Quantized operation is not supported." for n in graph.nodes}
    return dict.fromkeys(gpu.unsupported_ops, "Operation is not supported.")


def nnapi_refuses(graph: Graph, nnapi: NnapiSpeed) -> dict[str, str]:
    """What this phone's NNAPI leaves."""
    if not graph.quantized and not nnapi.takes_float:
        return {n.op: "float is not supported" for n in graph.nodes}
    if nnapi.supported_ops is None:
        return {n.op: "not supported" for n in graph.nodes if n.op in _XNNPACK_LEAVES}
    return {n.op: "not supported" for n in graph.nodes if n.op not in nnapi.supported_ops}
