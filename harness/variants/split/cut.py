"""Which operators, inputs and outputs each stage has, for cuts at given tensors. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import UsageError
from harness.variants.model_file import GraphInfo
from harness.variants.split.flow import Flow


@dataclass(frozen=True)
class Stage:
    """One part. ops, inputs and outputs are indices of the whole graph, in its order.

    Attributes:
        feeds: for each input the number of the stage that makes it, None for what the model itself takes.
    """

    ops: tuple[int, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    feeds: tuple[int | None, ...]


def find_tensors(graph: GraphInfo, asked: str) -> tuple[int, ...]:
    """Tensors of one cut: names or `#INDEX`, with commas between them.

    Raises:
        UsageError: there is no such tensor, with the names nearest to it; or several have that name.
    """
    names: dict[str, list[int]] = {}
    for tensor in graph.tensors:
        names.setdefault(tensor.name, []).append(tensor.index)
    parts = [asked] if asked in names else [part.strip() for part in asked.split(",")]
    return tuple(dict.fromkeys(_find(graph, names, part) for part in parts))


def _find(graph: GraphInfo, names: dict[str, list[int]], part: str) -> int:
    found = names.get(part, [])
    if not found and part.startswith("#") and part[1:].isdecimal() and int(part[1:]) < len(graph.tensors):
        found = [int(part[1:])]
    if len(found) > 1:
        listed = ", ".join(f"#{i}" for i in found)
        raise UsageError(f"{len(found)} tensors are called {part!r}", advice=f"name one of {listed}")
    if not found:
        made = {graph.tensors[t].name: t for op in graph.ops for t in op.outputs if t >= 0}
        near = difflib.get_close_matches(part, made, n=3, cutoff=0.4)
        near += [name for name in made if part and part.lower() in name.lower() and name not in near][: 3 - len(near)]
        listed = " or ".join(f"{name!r} (#{made[name]})" for name in near)
        advice = f"did you mean {listed}?" if near else "the command without --at lists tensors to cut at"
        raise UsageError(f"the model has no tensor {part!r}", advice=advice)
    return found[0]


def plan_stages(graph: GraphInfo, cuts: Sequence[tuple[int, ...]]) -> list[Stage]:
    """The stages between these cuts, in the order in which they run; cuts may come in any order.

    A stage holds what its cut needs and no earlier stage holds; the last one holds the rest. It may read what any
    earlier stage gives, and inputs of the model. All that a stage hands on has to be named in its cut, so that the
    bytes that cross are known to who cuts.

    Raises:
        UsageError: a cut does not separate the graph (naming what crosses beside it), is at a tensor that is not
            computed while running or that nothing reads afterwards, or leaves a stage empty.
    """
    flow = Flow(graph)
    whole = frozenset(op.index for op in graph.ops) - flow.constant
    befores = []
    for cut in cuts:
        for tensor in cut:
            if not flow.made(tensor):
                what = "an input of the model" if tensor in graph.inputs else "a constant"
                raise UsageError(f"{name(graph, tensor)} is {what}", advice="cut at a tensor that an operator makes")
        befores.append((flow.before(cut), cut))
    befores.sort(key=lambda pair: len(pair[0]))

    stages: list[Stage] = []
    done: frozenset[int] = frozenset()
    for before, cut in befores:
        if before <= done:
            raise UsageError(
                f"the cut at {_names(graph, cut)} comes with an earlier one", advice="leave one of them out"
            )
        stages.append(_stage(flow, before - done, whole - done - before, cut, stages))
        done |= before
    stages.append(_stage(flow, whole - done, frozenset(), (), stages))
    return stages


def _stage(
    flow: Flow, ops: frozenset[int], later: frozenset[int], cut: tuple[int, ...], earlier: Sequence[Stage]
) -> Stage:
    graph = flow.graph
    made = {t for op in ops for t in graph.ops[op].outputs if t >= 0}
    crossing = set(flow.crossing(ops, later))
    givers = {t: number for number, stage in enumerate(earlier) for t in stage.outputs}
    if later or cut:
        # What an earlier cut named is there already; naming it again does no harm.
        _check_cut(graph, tuple(t for t in cut if t not in givers), made, crossing)
    last = not later
    outputs = [t for t in graph.outputs if t in made or (last and not flow.made(t))]
    outputs += sorted(crossing - set(outputs))
    all_ops = ops | flow.constants_for(ops, tuple(outputs))
    read = {t for op in ops for t in graph.ops[op].inputs if t >= 0} | set(outputs)
    inputs = [t for t in graph.inputs if t in read]
    # A model's input that no operator reads still has to be taken by somebody: the first stage does.
    if not earlier:
        inputs = [t for t in graph.inputs if t in read or (t not in flow.readers and t not in graph.outputs)]
    inputs += sorted(t for t in read - made if t in givers and t not in graph.inputs)
    return Stage(tuple(sorted(all_ops)), tuple(inputs), tuple(outputs), tuple(givers.get(t) for t in inputs))


def _check_cut(graph: GraphInfo, cut: tuple[int, ...], made: set[int], crossing: set[int]) -> None:
    for tensor in cut:
        if tensor not in made:
            raise UsageError(
                f"{name(graph, tensor)} is made before an earlier cut", advice="name it in that cut, or leave it out"
            )
        if tensor not in crossing:
            raise UsageError(f"no operator after the cut reads {name(graph, tensor)}", advice="leave it out")
    missing = sorted(crossing - set(cut))
    if missing:
        together = ",".join(f"#{t}" for t in sorted(crossing))
        raise UsageError(
            f"the cut at {_names(graph, cut)} does not separate the model: {_names(graph, missing)} "
            f"{'crosses' if len(missing) == 1 else 'cross'} it too",
            advice=f"name them all, --at '{together}', or choose another tensor",
        )


def name(graph: GraphInfo, tensor: int) -> str:
    """A tensor as messages call it: its name, shortened, and its number."""
    text = graph.tensors[tensor].name
    # Converted models join the names of all layers that were folded together; the last one is the nearest.
    return f"{text if len(text) <= 60 else '…' + text[-59:]!s} (#{tensor})"


def _names(graph: GraphInfo, tensors: Sequence[int]) -> str:
    return ", ".join(name(graph, t) for t in tensors)
