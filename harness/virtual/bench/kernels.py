"""What an operator profile lists: the kernels that run, by the names that their makers give them. Pure.

XNNPACK and the GPU delegate report the operators that they made of the model's: some are split, some fused. The names
here follow real profiles for the common operators; a rare one gets its TensorFlow Lite name in their style. Bodies of
WHILE and IF are not listed apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.virtual.bench.delegation import Delegation
from harness.virtual.bench.graph import Graph, Node

_ACTIVATIONS = {1: "relu", 2: "relu", 3: "relu", 4: "tanh"}
_GPU_NAMES = {"CONV_2D": "convolution_2d", "DEPTHWISE_CONV_2D": "depthwise_convolution", "RELU6": "relu"}
_GPU_NAMES |= {"TRANSPOSE_CONV": "convolution_transposed", "AVERAGE_POOL_2D": "pooling_2d", "MAX_POOL_2D": "pooling_2d"}
#: Elementwise operators that the GPU delegate appends to the one before.
_GPU_APPENDED = frozenset(["ADD", "MUL", "SUB", "DIV", "RELU", "RELU6", "LOGISTIC", "TANH", "HARD_SWISH", "EXP", "ABS"])
_XNNPACK_NAMES = {"ADD": "Add (ND)", "MUL": "Multiply (ND)", "SUB": "Subtract (ND)", "DIV": "Divide (ND)"}
_XNNPACK_NAMES |= {"RELU": "Clamp (NC)", "RELU6": "Clamp (NC)", "RELU_N1_TO_1": "Clamp (NC)", "TANH": "Tanh (NC)"}
_XNNPACK_NAMES |= {"MAXIMUM": "Maximum (ND)", "MINIMUM": "Minimum (ND)", "LOGISTIC": "Sigmoid (NC)"}
_XNNPACK_NAMES |= {"TRANSPOSE": "Transpose (ND)", "RESHAPE": "Static Reshape (NC)", "HARD_SWISH": "HardSwish (NC)"}
_XNNPACK_NAMES |= {"MAX_POOL_2D": "Max Pooling (NHWC, {})", "AVERAGE_POOL_2D": "Average Pooling (NHWC, {})"}
_XNNPACK_NAMES |= {"SOFTMAX": "Softmax (NC, {})", "FULLY_CONNECTED": "Fully Connected (NC, {}) GEMM"}
_XNNPACK_NAMES |= {
    "DEPTHWISE_CONV_2D": "Convolution (NHWC, {}) DWConv",
    "RESIZE_BILINEAR": "Resize Bilinear (NHWC, {})",
}
_XNNPACK_NAMES |= {"BATCH_MATMUL": "Batch Matrix Multiply (NC, {})", "PAD": "Constant Pad (ND)"}
_XNNPACK_TYPES = {"FLOAT32": "F32", "FLOAT16": "F16", "INT8": "QC8", "UINT8": "QU8"}


@dataclass(frozen=True)
class Kernel:
    """One row of a profile; `calls` a run, `ms` of all of them."""

    kind: str
    name: str
    ms: float
    calls: int = 1


def kernels(found: Delegation, node_ms: dict[int, float]) -> list[Kernel]:
    """In the order in which they run; those of one name are one row, as in the program's profile."""
    rows: dict[tuple[str, str], Kernel] = {}
    for row in _rows(found, node_ms):
        key = (row.kind, row.name)
        before = rows.get(key)
        rows[key] = Kernel(*key, row.ms + before.ms, before.calls + 1) if before else row
    return list(rows.values())


def _rows(found: Delegation, node_ms: dict[int, float]) -> Iterator[Kernel]:
    graph = found.graph
    groups = [(a.name, group) for a in found.applied for group in a.groups]
    for node in found.plan:
        if node.index < len(graph.nodes):
            yield Kernel(node.op, _own_name(graph, node), node_ms[node.index])
            continue
        name, group = groups[node.index - len(graph.nodes)]
        if name in ("NNAPI", "LITERT_NPU"):
            yield Kernel(node.op, _own_name(graph, node), sum(node_ms[n] for n in group))
            continue
        nodes = [graph.nodes[n] for n in group]
        inner = _of_xnnpack(graph, nodes, node_ms) if name == "XNNPACK" else _of_gpu(nodes, node_ms)
        for number, (kind, ms) in enumerate(inner):
            yield Kernel(kind, f"Delegate/{kind}:{number}", ms)


def _own_name(graph: Graph, node: Node) -> str:
    return f"[{', '.join(graph.tensors[t].name for t in node.outputs)}]:{node.index}"


def _of_xnnpack(graph: Graph, nodes: Sequence[Node], node_ms: dict[int, float]) -> Iterator[tuple[str, float]]:
    for node in nodes:
        kind = _XNNPACK_TYPES.get(graph.tensors[node.outputs[0]].kind, "F32")
        ms = node_ms[node.index]
        if node.op == "CONV_2D":
            pointwise = graph.tensors[node.inputs[1]].shape[1:3] == (1, 1) and node.stride == (1, 1)
            yield ("Fully Connected (NC, {}) GEMM" if pointwise else "Convolution (NHWC, {}) IGEMM").format(kind), ms
        elif node.op == "MEAN":
            yield "Mean (ND) Reduce2", ms
            if len(graph.tensors[node.outputs[0]].shape) < len(graph.tensors[node.inputs[0]].shape):
                yield "Static Reshape (NC)", 0.0
        else:
            yield _XNNPACK_NAMES.get(node.op, f"{node.op.replace('_', ' ').title()} (ND)").format(kind), ms
            if node.activation and not node.macs and "POOL" not in node.op:
                yield "Clamp (NC)", 0.0


def _of_gpu(nodes: Sequence[Node], node_ms: dict[int, float]) -> Iterator[tuple[str, float]]:
    number, name, ms = 0, "", 0.0
    last: tuple[int, ...] = ()
    for node in nodes:
        appended = node.op in _GPU_APPENDED and not set(last).isdisjoint(node.inputs)
        if name and not appended:
            yield name, ms
            name, ms = "", 0.0
        parts = [_GPU_NAMES.get(node.op, node.op.lower())]
        parts += [_ACTIVATIONS[node.activation]] if node.activation in _ACTIVATIONS else []
        for part in parts:
            name += f"{' -> ' if name else ''}{part} {number}"
            number += 1
        ms += node_ms[node.index]
        last = node.outputs
    if name:
        yield name, ms
