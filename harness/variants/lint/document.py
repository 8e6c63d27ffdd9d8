"""A lint as a JSON document: names and units stay stable, what is unknown is null with its reason. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from harness.variants.lint.lint import Forecast
from harness.variants.lint.measured import Comparison
from harness.variants.model_file import ModelInfo


def model_entry(path: str, model: ModelInfo, forecasts: Sequence[Forecast]) -> dict[str, Any]:
    """One model: path, sha256, nodes and macs of its first subgraph, and what each delegate takes of it."""
    return {
        "model": path,
        "sha256": model.sha256,
        "nodes": len(model.graphs[0].ops),
        "macs": model.macs,
        "subgraphs": len(model.graphs),
        "delegates": [forecast_entry(f) for f in forecasts],
    }


def forecast_entry(found: Forecast) -> dict[str, Any]:
    """One delegate: extent, nodes, partitions, the share of MACs left to the CPU (0 to 1), findings and groups."""
    share = found.macs_cpu_share
    nothing = None if found.macs_total else "nothing in it multiplies"
    return {
        "delegate": found.delegate,
        "extent": found.extent,
        "extent_reason": found.reason,
        "nodes_delegated": found.nodes_delegated,
        "nodes_at_most": found.nodes_at_most,
        "nodes_total": found.nodes_total,
        "partitions": found.partitions,
        "kernels": found.kernels,
        "macs_cpu": found.macs_cpu,
        "macs_cpu_share": share,
        "macs_cpu_share_reason": None if share is not None else found.reason or nothing,
        "refused_as_a_whole": found.whole,
        "without_limit": None
        if found.unlimited is None
        else {"nodes_delegated": found.unlimited[0], "kernels": found.unlimited[1]},
        "limit": found.limit,
        "findings": [dataclasses.asdict(f) for f in found.findings],
        "groups": [{"delegated": taken, "nodes": list(nodes)} for taken, nodes in found.groups],
    }


def comparison_entry(found: Comparison) -> dict[str, Any]:
    """One phone, model and delegate: forecast beside measured, and the verdict."""
    expected = found.forecast
    return {
        "phone_id": found.phone_id,
        "serial": found.serial,
        "model": found.model,
        "variant": found.variant,
        "delegate": found.delegate,
        "options": dict(sorted(found.options.items())),
        "android_sdk": found.sdk,
        "verdict": found.verdict,
        "reason": found.text,
        "forecast": None
        if expected is None
        else {
            "extent": expected.extent,
            "nodes_delegated": expected.nodes_delegated,
            "nodes_total": expected.nodes_total,
            "partitions": expected.partitions,
        },
        "measured": dataclasses.asdict(found.measured),
        "nodes_left": None if found.left is None else list(found.left),
        "nodes_extra": None if found.extra is None else list(found.extra),
    }
