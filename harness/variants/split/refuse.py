"""What a cut cannot keep: state that stages would share, and order that no tensor shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.errors import UsageError
from harness.variants.model_file import ModelInfo
from harness.variants.split.calls import reached_subgraphs
from harness.variants.split.cut import Stage, name
from harness.variants.split.flow import HANDLES, STATE

_ORDER = "model_control_dependencies"
_ADVICE = "cut elsewhere, or split the source model before conversion"


def check_model(info: ModelInfo) -> None:
    """Raises:
    UsageError: no cut of this model can be right.
    """
    if len({s.graph for s in info.signatures}) > 1 or any(s.graph for s in info.signatures):
        keys = ", ".join(s.key for s in info.signatures)
        raise UsageError(f"the model has several entry points ({keys})", advice="convert each signature by itself")
    if info.metadata.get(_ORDER):
        raise UsageError(
            "the model orders operators by control dependencies, which stages could not keep",
            advice="convert it without them",
        )


def check_stages(info: ModelInfo, model: Any, stages: Sequence[Stage]) -> None:
    """Raises:
    UsageError: state would be shared by several stages, or a handle would cross a cut.
    """
    graph = info.graphs[0]
    for tensor in {t for stage in stages for t in stage.outputs} - set(graph.outputs):
        if graph.tensors[tensor].type in HANDLES:
            raise UsageError(
                f"{name(graph, tensor)} is a handle, which only the stage that made it can use", advice=_ADVICE
            )
    stateful = [_stateful(info, model, stage) for stage in stages]
    if sum(map(bool, stateful)) > 1:
        ops = ", ".join(sorted(set().union(*stateful)))
        raise UsageError(f"both sides of the cut use variables or tables ({ops})", advice=_ADVICE)
    for tensor, found in enumerate(model.subgraphs[0].tensors):
        users = [s for s in stages if any(tensor in graph.ops[op].inputs for op in s.ops)] if found.isVariable else []
        if len(users) > 1:
            raise UsageError(f"{name(graph, tensor)} is a variable that both sides of the cut use", advice=_ADVICE)


def _stateful(info: ModelInfo, model: Any, stage: Stage) -> set[str]:
    main = model.subgraphs[0].operators
    graphs = [info.graphs[n] for n in reached_subgraphs(model, [main[op] for op in stage.ops])]
    ops = [info.graphs[0].ops[op].op for op in stage.ops] + [op.op for graph in graphs for op in graph.ops]
    return {op for op in ops if op in STATE}
