"""What a model is made of, read from the flatbuffer with LiteRT's schema."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

_CUSTOM = 32
_CONV, _DEPTHWISE, _DENSE, _TRANSPOSE_CONV, _BATCH_MATMUL = 3, 4, 9, 67, 126
_DYNAMIC_OUTPUT = {"WHERE", "NON_MAX_SUPPRESSION_V4", "NON_MAX_SUPPRESSION_V5", "UNIQUE", "RANGE"}


@dataclass(frozen=True)
class Tensor:
    """A tensor: its shape, type name (FLOAT32, INT8 …), and bytes of constant data."""

    name: str
    shape: tuple[int, ...]
    kind: str
    constant_bytes: int


@dataclass(frozen=True)
class Node:
    """An operator of the primary subgraph. `op` is the builtin's name, or a custom op's own; macs per run."""

    index: int
    op: str
    code: int
    custom: bool
    version: int
    macs: float
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """The primary subgraph and what the file holds."""

    nodes: tuple[Node, ...]
    tensors: tuple[Tensor, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    signatures: tuple[str, ...]
    file_bytes: int

    @property
    def weights_bytes(self) -> int:
        """Constant data, bytes."""
        return sum(t.constant_bytes for t in self.tensors)

    @property
    def activation_bytes(self) -> int:
        """Sum of all other tensors, bytes: an upper bound of what the arena needs."""
        sizes = {"FLOAT32": 4, "INT32": 4, "INT64": 8, "FLOAT16": 2, "INT16": 2}
        return sum(math.prod(t.shape) * sizes.get(t.kind, 1) for t in self.tensors if not t.constant_bytes)

    @property
    def dynamic_tensor(self) -> int | None:
        """A tensor whose size is known only while running, or None."""
        return next((n.outputs[0] for n in self.nodes if n.op in _DYNAMIC_OUTPUT), None)

    @property
    def quantized(self) -> bool:
        """True where the activations are integers."""
        return any(self.tensors[n.outputs[0]].kind in ("INT8", "UINT8", "INT16") for n in self.nodes if n.macs)

    @property
    def half_weights(self) -> bool:
        """True where weights are stored in half precision."""
        return any(t.kind == "FLOAT16" and t.constant_bytes for t in self.tensors)


def read_graph(data: bytes) -> Graph:
    """Read a model.

    Raises:
        ValueError: it is no TensorFlow Lite flatbuffer, or is damaged.
    """
    from ai_edge_litert import schema_py_generated as schema

    if len(data) < 8 or data[4:8] != b"TFL3":
        raise ValueError("no TFL3 identifier")
    try:
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
        return _convert(model, len(data))
    except ValueError:
        raise
    except Exception as error:
        # The generated reader trusts its offsets: damage shows as whatever the first wrong one runs into.
        raise ValueError(f"damaged: {error!r}") from error


def _convert(model: Any, size: int) -> Graph:
    graph = model.subgraphs[0]
    tensors = []
    for tensor in graph.tensors:
        buffer = model.buffers[tensor.buffer].data
        shape = tuple(int(d) for d in tensor.shape) if tensor.shape is not None else ()
        name = tensor.name.decode("utf-8", "replace") if tensor.name else ""
        tensors.append(Tensor(name, shape, _type_names()[tensor.type], 0 if buffer is None else len(buffer)))
    nodes = []
    for index, op in enumerate(graph.operators):
        code = model.operatorCodes[op.opcodeIndex]
        number = max(code.builtinCode, code.deprecatedBuiltinCode)
        custom = number == _CUSTOM
        name = code.customCode.decode() if custom else _op_names()[number]
        inputs = tuple(int(i) for i in op.inputs) if op.inputs is not None else ()
        outputs = tuple(int(i) for i in op.outputs) if op.outputs is not None else ()
        macs = _macs(number, inputs, outputs, tensors)
        nodes.append(Node(index, name, number, custom, int(code.version), macs, inputs, outputs))
    signatures = tuple(s.signatureKey.decode() for s in model.signatureDefs or [])
    ends = (tuple(int(i) for i in graph.inputs), tuple(int(i) for i in graph.outputs))
    return Graph(tuple(nodes), tuple(tensors), *ends, signatures, size)


def _macs(code: int, inputs: tuple[int, ...], outputs: tuple[int, ...], tensors: list[Tensor]) -> float:
    out = math.prod(abs(d) for d in tensors[outputs[0]].shape) if outputs else 0
    if code not in (_CONV, _DEPTHWISE, _DENSE, _TRANSPOSE_CONV, _BATCH_MATMUL):
        return 0.0
    weights = tensors[inputs[1]].shape
    if code == _CONV:
        return out * math.prod(weights[1:])
    if code == _DEPTHWISE:
        return out * math.prod(weights[1:3])
    if code == _TRANSPOSE_CONV:
        return math.prod(tensors[inputs[2]].shape) * math.prod(weights[:3])
    return out * weights[-1]


@cache
def _op_names() -> dict[int, str]:
    from ai_edge_litert import schema_py_generated as schema

    return {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}


@cache
def _type_names() -> dict[int, str]:
    from ai_edge_litert import schema_py_generated as schema

    return {v: k for k, v in vars(schema.TensorType).items() if isinstance(v, int)}
