"""Whether a built file is what its name promises: its kind's types, and the zeros and clusters that training claims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.variants.kinds.base import Kind, Trained
from harness.variants.model_file import ModelInfo
from harness.variants.properties import distinct_in_channel, weight_types, zeros

#: Zeros that conversion may lose: none, but folding may turn a negative zero or drop a channel.
_KEPT = 0.99


def unkept(model: ModelInfo, kind: Kind, options: Any, claims: Sequence[Trained]) -> str | None:
    """Why `model`, read back from the file, is not what was asked for; None where it is.

    Args:
        options: of the kind, checked.
        claims: of its steps, in order; the last that speaks of zeros or clusters counts.
    """
    strange = sorted({op.op for g in model.graphs for op in g.ops if op.custom} - set(options.custom_ops))
    if left := [name for name in strange if not (options.flex and name.startswith("Flex"))]:
        return f"it holds the custom operators {', '.join(left)}"
    if model.macs and not weight_types(model):
        return "its weights are not in the file"
    if fault := kind.conversion.fault(model, options):
        return fault
    for claim in reversed(claims):
        if claim.zeros is not None:
            found = zeros(model)
            if found < _KEPT * claim.zeros:
                return f"pruning made {claim.zeros} weights zero, and {found} are zero in the file"
            break
    for claim in reversed(claims):
        if claim.clusters is not None and claim.covered is not None:
            return _clustered(model, claim.clusters, claim.covered)
    return None


def _clustered(model: ModelInfo, clusters: int, covered: int) -> str | None:
    few = sum(
        w.elements
        for graph in model.graphs
        for w in graph.weights
        if (distinct_in_channel(graph, w) or clusters + 1) <= clusters
    )
    if few < covered:
        return f"{covered} weights were clustered to {clusters} values, and {few} of them are so in the file"
    return None
