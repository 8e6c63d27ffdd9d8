"""What is found in a model file that gives a variant its name: types, zeros, distinct weights. Pure."""

from __future__ import annotations

import math

import numpy as np

from harness.variants.model_file import GraphInfo, ModelInfo, OpInfo, TensorInfo

_FLOATS = frozenset({"FLOAT32", "FLOAT16", "FLOAT64", "BFLOAT16"})
#: Operators that stand at the rim of a quantized graph, and are allowed to have a float side.
_RIM = frozenset({"QUANTIZE", "DEQUANTIZE"})


def weight_types(model: ModelInfo) -> set[str]:
    """Types of the weights."""
    return {w.type for graph in model.graphs for w in graph.weights}


def ends(model: ModelInfo) -> set[str]:
    """Types of inputs and outputs of the first graph."""
    graph = model.graphs[0]
    return {graph.tensors[i].type for i in (*graph.inputs, *graph.outputs)}


def float_activations(model: ModelInfo) -> list[str]:
    """Names of the tensors that hold floats while running, without what only leads in, out or unpacks weights."""
    graph = model.graphs[0]
    kept = {t for op in graph.ops if op.op not in _RIM for t in (*op.inputs, *op.outputs) if t >= 0}
    unpacked = {op.outputs[0] for op in graph.ops if op.op in _RIM and graph.tensors[op.inputs[0]].constant_bytes}
    return [
        t.name
        for t in graph.tensors
        if t.index in kept - unpacked and t.type in _FLOATS and not t.constant_bytes and t.elements > 0
    ]


def zeros(model: ModelInfo) -> int:
    """How many weights stand for zero."""
    counted = ((sparsity(w) or 0.0) * w.elements for graph in model.graphs for w in graph.weights)
    return round(sum(counted))


def sparsity(tensor: TensorInfo) -> float | None:
    """Share of the values that stand for zero; None where they are not read.

    A quantized zero is the zero point of its channel, and weights have it at 0 by TensorFlow Lite's specification.
    """
    if tensor.values is None or not tensor.values.size:
        return None
    zero = 0
    if tensor.quantization is not None and tensor.quantization.axis is None and tensor.quantization.zero_point:
        zero = tensor.quantization.zero_point[0]
    return float(np.mean(tensor.values == zero))


def distinct(tensor: TensorInfo) -> int | None:
    """Number of distinct stored values, what clustering makes few; None where they are not read."""
    return None if tensor.values is None else int(np.unique(tensor.values).size)


def distinct_in_channel(graph: GraphInfo, tensor: TensorInfo) -> int | None:
    """The most distinct values that one output channel holds; None where values are not read.

    A batch normalization that the converter folds into a convolution, and quantization by channel, scale each output
    channel by itself: a clustered kernel keeps its few values only channel by channel then.
    """
    if tensor.values is None or tensor.values.size != math.prod(tensor.shape):
        return None
    axis = _channels(graph, tensor)
    channels = np.moveaxis(tensor.values.reshape(tensor.shape), axis, 0).reshape(tensor.shape[axis], -1)
    return max(int(np.unique(channel).size) for channel in channels)


def _channels(graph: GraphInfo, tensor: TensorInfo) -> int:
    """The axis of output channels: the last of a depthwise kernel, else the first."""
    users = (op for op in graph.ops if _takes(graph, op, tensor.index))
    return len(tensor.shape) - 1 if any(op.op == "DEPTHWISE_CONV_2D" for op in users) else 0


def _takes(graph: GraphInfo, op: OpInfo, tensor: int) -> bool:
    if len(op.inputs) < 2 or not op.macs:
        return False
    taken = op.inputs[1]
    return taken == tensor or any(
        o.op == "DEQUANTIZE" and (o.inputs[0], o.outputs[0]) == (tensor, taken) for o in graph.ops
    )
