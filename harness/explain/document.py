"""What was found out as a JSON document. Pure."""

from __future__ import annotations

from typing import Any

from harness.explain.distance import finite
from harness.explain.why import Found

SCHEMA = 1


def document(found: Found) -> dict[str, Any]:
    """Keys: fell, layers (in the graph's order; `rank` from the worst, null where a layer has
    no part), search, ranges, outside. `search.layers` are those that the search leaves out of 8 bits for max_drop.
    """
    order = {id(e): rank for rank, e in enumerate(found.ranked, 1)}
    by_index = {layer.index: layer.name for layer in found.pair.layers}
    return {
        "schema": SCHEMA,
        "float": str(found.task.whole),
        "quantized": str(found.task.quantized),
        "metric": found.task.metric.name,
        "unit": found.task.metric.unit,
        "max_drop": found.task.max_drop,
        "examples": found.task.data.count,
        "examples_layer_by_layer": min(found.task.examples, found.task.data.count),
        "fell": found.fell,
        "layers": [{"rank": order.get(id(e)), **e.as_dict()} for e in found.errors],
        "search": {
            "enough": found.search.enough,
            "layers": found.kept(),
            "simulated_value": finite(found.simulated),
            "steps": [
                {"layers": [by_index[i] for i in sorted(s.keep)], "simulated_value": finite(found.sign * s.score)}
                for s in found.search.steps
            ],
        },
        "ranges": found.ranges,
        "outside": found.beyond,
        "outside_reason": "the calibration set is not known" if found.beyond is None else None,
    }
