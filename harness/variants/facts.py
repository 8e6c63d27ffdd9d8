"""What is really in a built file, in plain values."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

from harness.variants.model_file import read_model_file
from harness.variants.properties import distinct, distinct_in_channel, weight_types, zeros


def facts(path: Path) -> dict[str, Any]:
    """What `variants.json` says of a file: sha256, file_bytes, deflated_bytes, parameters, macs, sparsity (share of
    weights that are zero), most_distinct_weights in one tensor and most_distinct_in_channel in one of its output
    channels (all three None with sparsity_reason where a type is not read), weight_types, needs_flex.

    Raises:
        UsageError: it is no model.
    """
    model = read_model_file(path)
    weights = [(graph, w) for graph in model.graphs for w in graph.weights]
    total = sum(w.elements for _, w in weights)
    unread = sorted({w.type.lower() for _, w in weights if w.values is None})
    reason = f"weights in {', '.join(unread)} are not read" if unread else None if weights else "it has no weights"
    values: dict[str, Any] = {"sparsity": None, "most_distinct_weights": None, "most_distinct_in_channel": None}
    if reason is None:
        values = {
            "sparsity": round(zeros(model) / total, 6),
            "most_distinct_weights": max(distinct(w) or 0 for _, w in weights),
            "most_distinct_in_channel": max(distinct_in_channel(g, w) or 0 for g, w in weights),
        }
    return {
        "sha256": model.sha256,
        "file_bytes": model.file_bytes,
        "deflated_bytes": deflated_bytes(path),
        "parameters": total,
        "macs": model.macs,
        **values,
        "sparsity_reason": reason,
        "weight_types": sorted(weight_types(model)),
        "needs_flex": model.needs_flex,
    }


def deflated_bytes(path: Path) -> int:
    """Size of a file as an APK that compresses it would hold it.

    Raises:
        OSError: it cannot be read.
    """
    return len(zlib.compress(path.read_bytes(), 9))
