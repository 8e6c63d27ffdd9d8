"""What a delegate will take of a model: nodes and reasons, kernels, and the work left to the CPU. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harness.variants.lint.judge import Verdict, judge
from harness.variants.lint.node import Graph, see
from harness.variants.lint.partition import choose, partition
from harness.variants.lint.table import DynamicTable, Table
from harness.variants.model_file import GraphInfo, ModelInfo


@dataclass(frozen=True)
class Finding:
    """A node that the delegate does not take. layer: the name of its first output; macs: its multiplications."""

    node: int
    op: str
    version: int
    layer: str
    verdict: str
    reason: str
    macs: int


@dataclass(frozen=True)
class Forecast:
    """What one delegate makes of the first subgraph of a model.

    Attributes:
        findings: nodes that are refused, unknown, or break the delegate.
        whole: why the delegate refuses the graph as a whole or fails on it; None where it does not.
        nodes_delegated: None where that cannot be known; `reason` says why. Never more than `nodes_at_most`.
        partitions: groups along the running order, delegated ones and others, as the programs count them.
        kernels: of the delegate.
        groups: nodes of each group with whether it is delegated, in running order.
        extent: completely, partially or none.
        macs_cpu_share: 0 to 1; None where unknown, or where nothing multiplies.
        operators: of every node.
        unlimited: (nodes, kernels) with as many kernels as there are, where that is more.
    """

    delegate: str
    findings: tuple[Finding, ...]
    whole: str | None
    nodes_delegated: int | None
    nodes_at_most: int
    nodes_total: int
    partitions: int | None
    kernels: int | None
    groups: tuple[tuple[bool, tuple[int, ...]], ...]
    extent: str | None
    macs_total: int
    macs_cpu: int | None
    unlimited: tuple[int, int] | None
    reason: str | None
    limit: str | None
    operators: tuple[str, ...]

    @property
    def taken(self) -> frozenset[int]:
        """Indices of the nodes that are delegated; none where that is unknown."""
        return frozenset(n for delegated, nodes in self.groups for n in nodes if delegated)

    @property
    def macs_cpu_share(self) -> float | None:
        """Share of the multiplications left to the CPU."""
        return None if self.macs_cpu is None or not self.macs_total else self.macs_cpu / self.macs_total


def forecast(model: ModelInfo, table: Table, dynamic: DynamicTable, *, sdk: int) -> Forecast:
    """What the delegate of a table will take of a model.

    Args:
        dynamic: where sizes are known only while running.
        sdk: level of Android; only delegates that depend on it look at it.
    """
    info = model.graphs[0]
    graph = see(info, table.partitioning.half_weights)
    verdicts = [_pass_along(graph, i) or judge(node, table, sdk) for i, node in enumerate(graph.nodes)]
    supported = _supported(graph, table, verdicts)
    rule = table.partitioning
    chosen = choose(info.ops, supported, most=rule.most, least_nodes=rule.least_nodes)
    whole = _too_old(table, sdk) or _whole(info, table, dynamic, verdicts, chosen)
    unknown = next((v for v in verdicts if v.word == "unknown"), None) if whole is None else None
    everything = choose(info.ops, supported, most=0, least_nodes=rule.least_nodes)
    if whole is not None:
        chosen = everything = frozenset()
    subsets = partition(info.ops, chosen)
    total = len(info.ops)
    findings = (_finding(graph, i, v, table, i in supported) for i, v in enumerate(verdicts))
    known = unknown is None
    extent = "none" if not chosen else "completely" if len(chosen) == total else "partially"
    more = (len(everything), sum(s.taken for s in partition(info.ops, everything)))
    return Forecast(
        delegate=table.name,
        findings=tuple(f for f in findings if f is not None),
        whole=whole,
        nodes_delegated=len(chosen) if known else None,
        nodes_at_most=len(supported) if whole is None else 0,
        nodes_total=total,
        partitions=(len(subsets) if chosen else 0) if known else None,
        kernels=sum(s.taken for s in subsets) if known else None,
        groups=tuple((s.taken, s.nodes) for s in subsets) if known else (),
        extent=extent if known else None,
        macs_total=model.macs,
        macs_cpu=sum(op.macs for op in info.ops if op.index not in chosen) if known else None,
        unlimited=more if known and more[0] > len(chosen) else None,
        reason=None if unknown is None else unknown.reason,
        limit=table.limit or None,
        operators=tuple(op.op for op in info.ops),
    )


def _pass_along(graph: Graph, index: int) -> Verdict | None:
    """Nodes that only unpack weights are not asked: they follow those that read them."""
    return Verdict("follows") if index in graph.unpacks else None


def _supported(graph: Graph, table: Table, verdicts: list[Verdict]) -> frozenset[int]:
    taken = {i for i, v in enumerate(verdicts) if v.word in ("taken", "breaks", "unknown")}
    if not graph.unpacks:
        return frozenset(taken)
    if table.partitioning.half_weights == "skip":
        whole = len(taken) + len(graph.unpacks) == len(verdicts)
        return frozenset(taken | graph.unpacks) if whole else frozenset(taken)
    needed = {t for i, v in enumerate(verdicts) if v.word == "refused" for t in graph.info.ops[i].inputs}
    kept = {i for i in graph.unpacks if needed.isdisjoint(graph.info.ops[i].outputs)}
    return frozenset(taken | kept)


def _too_old(table: Table, sdk: int) -> str | None:
    if table.since is None or sdk >= table.since:
        return None
    return f"it came with Android SDK {table.since}, this is {sdk}"


def _whole(
    info: GraphInfo, table: Table, dynamic: DynamicTable, verdicts: list[Verdict], chosen: frozenset[int]
) -> str | None:
    tensor = dynamic_tensor(info, dynamic) if table.partitioning.dynamic == "refused" else None
    if tensor is not None:
        return f"the size of {info.tensors[tensor].name!r} is known only while running, and it takes no such graph"
    broken = next((i for i in sorted(chosen) if verdicts[i].word == "breaks"), None)
    if broken is None:
        return None
    return f"it takes node {broken} ({info.ops[broken].op}) and cannot initialise it: {verdicts[broken].reason}"


def dynamic_tensor(info: GraphInfo, dynamic: DynamicTable) -> int | None:
    """The first tensor whose size is known only while running, or None."""
    known = {t.index for t in info.tensors if t.constant_bytes}
    for op in info.ops:
        rule = None if op.custom else dynamic.rule(op.op)
        if rule is not None and op.outputs:
            made = info.tensors[op.outputs[0]]
            stored = rule.unless_stored and made.shape and min(made.shape) >= 0
            asked = [op.inputs[i] for i in rule.inputs if i < len(op.inputs)]
            if not stored and (not rule.inputs or any(t >= 0 and t not in known for t in asked)):
                return made.index
        # The shape of a tensor whose size is known is known before anything runs.
        if op.op in ("SHAPE", "RANK") or (op.op in dynamic.known and all(t < 0 or t in known for t in op.inputs)):
            known.update(op.outputs)
    return None


def _finding(graph: Graph, index: int, verdict: Verdict, table: Table, supported: bool) -> Finding | None:
    op = graph.info.ops[index]
    word, reason = verdict.word, verdict.reason
    if word == "taken" or (word == "follows" and supported):
        return None
    if word == "follows":
        skip = table.partitioning.half_weights == "skip"
        word = "refused"
        reason = f"it unpacks weights, and {'not every other node is taken' if skip else 'a refused node reads them'}"
    outputs = graph.nodes[index].outputs
    layer = outputs[0].tensor.name if outputs else ""
    return Finding(index, op.op, op.version, layer, word, reason, op.macs)
