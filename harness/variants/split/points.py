"""Where a model can be cut with few bytes to hand over. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harness.variants.model_file import GraphInfo
from harness.variants.split.flow import HANDLES, Flow

#: More tensors than this at one cut are no good place for it.
_MOST_TENSORS = 4
_BANDS = 10


@dataclass(frozen=True)
class CutPoint:
    """A place for a cut: the tensors to name, and what lies on either side of it.

    Attributes:
        bytes: that the first stage hands to the second at each run.
        macs_before, macs_after: multiplications of one run.
        weights_before_bytes, weights_after_bytes: constants that each side needs; shared ones count on both.
        ops_before: operators before it.
    """

    tensors: tuple[int, ...]
    bytes: int
    macs_before: int
    macs_after: int
    weights_before_bytes: int
    weights_after_bytes: int
    ops_before: int


def cut_points(graph: GraphInfo) -> list[CutPoint]:
    """All places between two operators, in the order in which they run, where at most four tensors cross."""
    flow = Flow(graph)
    running = [op for op in graph.ops if op.index not in flow.constant]
    places = {op.index: number for number, op in enumerate(running)}
    last = {t: max(places[op] for op in ops) for t, ops in flow.readers.items()}
    weights = _weights(flow)
    found: list[CutPoint] = []
    live: set[int] = set()
    for number, op in enumerate(running[:-1]):
        live = {t for t in live | {t for t in op.outputs if t >= 0} if last.get(t, -1) > number}
        tensors = tuple(sorted(live))
        if any(graph.tensors[t].type in HANDLES for t in tensors):
            continue
        if not 1 <= len(tensors) <= _MOST_TENSORS or (found and found[-1].tensors == tensors):
            continue
        before = flow.before(tensors)
        after = frozenset(places) - before
        # Where a branch to an output of its own was left out of `before`, more would cross.
        if flow.crossing(before, after) == tensors:
            found.append(_point(flow, tensors, before, after, weights))
    return found


def best_points(points: list[CutPoint]) -> list[CutPoint]:
    """The point with the fewest bytes in each tenth of the work (of the operators where nothing multiplies)."""
    bands: dict[int, CutPoint] = {}
    most = max((p.ops_before for p in points), default=0) + 1
    for point in points:
        total = point.macs_before + point.macs_after
        share = point.macs_before / total if total else point.ops_before / most
        band = min(int(share * _BANDS), _BANDS - 1)
        if band not in bands or point.bytes < bands[band].bytes:
            bands[band] = point
    return [bands[band] for band in sorted(bands)]


def _weights(flow: Flow) -> dict[int, frozenset[int]]:
    """Operator to the constants that it needs, those behind operators of constants too."""
    graph = flow.graph
    found = {}
    for op in graph.ops:
        ops = {op.index} | flow.constants_for(frozenset({op.index}), ())
        read = {t for o in ops for t in graph.ops[o].inputs if t >= 0}
        found[op.index] = frozenset(t for t in read if graph.tensors[t].constant_bytes)
    return found


def _point(
    flow: Flow,
    tensors: tuple[int, ...],
    before: frozenset[int],
    after: frozenset[int],
    weights: dict[int, frozenset[int]],
) -> CutPoint:
    graph = flow.graph

    def constants(ops: frozenset[int]) -> int:
        return sum(graph.tensors[t].constant_bytes for t in set().union(*(weights[op] for op in ops)))

    return CutPoint(
        tensors,
        sum(graph.tensors[t].bytes for t in tensors),
        sum(graph.ops[op].macs for op in before),
        sum(graph.ops[op].macs for op in after),
        constants(before),
        constants(after),
        len(before),
    )
