"""What a model file is, in plain values: for `harness variants inspect`. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Any

from harness.variants.model_file import GraphInfo, ModelInfo, TensorInfo
from harness.variants.properties import distinct, distinct_in_channel, sparsity


def inspect(model: ModelInfo) -> dict[str, Any]:
    """Keys: sha256, file_bytes, description, needs_flex, signatures, metadata_bytes, and per subgraph inputs, outputs,
    ops (count, custom, macs by name), macs, parameters, weights_mb, activations_mb, and weights: per weight tensor
    its type, quantization, sparsity and the number of distinct values, in all and at most in one
    output channel. MB are MiB.

    activations_mb is the sum of all tensors that hold values while running: an upper bound, since the runtime lets
    those that are not needed at the same time share memory.
    """
    return {
        "sha256": model.sha256,
        "file_bytes": model.file_bytes,
        "description": model.description or None,
        "needs_flex": model.needs_flex,
        "metadata_bytes": model.metadata,
        "signatures": [_signature(model, index) for index in range(len(model.signatures))],
        "graphs": [_graph(graph) for graph in model.graphs],
    }


def _signature(model: ModelInfo, index: int) -> dict[str, Any]:
    found = model.signatures[index]
    graph = model.graphs[found.graph]
    named = {"inputs": found.inputs, "outputs": found.outputs}
    sides = {side: {name: _tensor(graph.tensors[t]) for name, t in tensors.items()} for side, tensors in named.items()}
    return {"key": found.key, "graph": found.graph, **sides}


def _graph(graph: GraphInfo) -> dict[str, Any]:
    ops: dict[str, Counter[str]] = {}
    for op in graph.ops:
        ops.setdefault(op.op, Counter()).update(count=1, custom=int(op.custom), macs=op.macs)
    constants = [t for t in graph.tensors if t.constant_bytes]
    running = [t for t in graph.tensors if not t.constant_bytes]
    return {
        "name": graph.name,
        "inputs": [_tensor(graph.tensors[i]) for i in graph.inputs],
        "outputs": [_tensor(graph.tensors[i]) for i in graph.outputs],
        "ops": [
            {"op": name, "count": n["count"], "custom": n["custom"] > 0, "macs": n["macs"]}
            for name, n in sorted(ops.items(), key=lambda item: (-item[1]["macs"], -item[1]["count"], item[0]))
        ],
        "macs": sum(op.macs for op in graph.ops),
        "parameters": sum(t.elements for t in constants),
        "weights_mb": round(sum(t.constant_bytes for t in constants) / 2**20, 4),
        "activations_mb": round(sum(t.bytes for t in running) / 2**20, 4),
        "weights": [_weight(graph, t) for t in graph.weights],
    }


def _tensor(tensor: TensorInfo) -> dict[str, Any]:
    found = tensor.quantization
    quantization = None
    if found is not None:
        per_channel = found.axis is not None
        quantization = {
            "scale": list(found.scale) if per_channel else found.scale[0],
            "zero_point": list(found.zero_point) if per_channel else (found.zero_point or (0,))[0],
            "axis": found.axis,
        }
    return {"name": tensor.name, "shape": list(tensor.shape), "type": tensor.type, "quantization": quantization}


def _weight(graph: GraphInfo, tensor: TensorInfo) -> dict[str, Any]:
    made = _tensor(tensor)
    quantization = made.pop("quantization")
    return {
        **made,
        "channels_quantized": None if quantization is None else len(tensor.quantization.scale),  # type: ignore[union-attr]
        "sparsity": sparsity(tensor),
        "distinct": distinct(tensor),
        "distinct_in_channel": distinct_in_channel(graph, tensor),
        "stored_sparse": tensor.sparse,
    }
