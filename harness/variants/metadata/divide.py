"""Metadata of one stage of a model that was cut: what is told of the tensors that it still has. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.variants.metadata.attach import Metadata
from harness.variants.metadata.show import named_files


def metadata_of_stage(
    whole: Metadata, inputs: Sequence[tuple[str, int | None]], outputs: Sequence[tuple[str, int | None]]
) -> Metadata | None:
    """The part of `whole` that holds for a stage, with the files that it names; None where nothing of it does.

    Args:
        inputs, outputs: of the stage, in order: a name, and the place among the model's own inputs (outputs), None for
            what crosses a cut, of which only the name is told.
    """
    graph = (whole.table.get("subgraph_metadata") or [{}])[0]
    kept = {
        "input_tensor_metadata": _side(graph.get("input_tensor_metadata", []), inputs),
        "output_tensor_metadata": _side(graph.get("output_tensor_metadata", []), outputs),
    }
    if all(place is None for _, place in (*inputs, *outputs)):
        return None
    # Steps before the model concern who feeds it, steps after it who takes the result.
    for key, side in (("input_process_units", inputs), ("output_process_units", outputs)):
        if key in graph and all(place is not None for _, place in side):
            kept[key] = graph[key]
    table = {**{k: v for k, v in whole.table.items() if k != "associated_files"}, "subgraph_metadata": [kept]}
    names = {file.get("name") for file in named_files(table)}
    return Metadata(table, {name: content for name, content in whole.files.items() if name in names})


def _side(told: list[dict[str, Any]], tensors: Sequence[tuple[str, int | None]]) -> list[dict[str, Any]]:
    return [told[place] if place is not None and place < len(told) else {"name": name} for name, place in tensors]
