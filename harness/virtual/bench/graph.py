"""What a model is made of, and how much work its operators are. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from harness.macs import macs

#: Builtin code of operators that are not builtin.
CUSTOM = 32
_BITS = {"FLOAT32": 32, "INT32": 32, "UINT32": 32, "INT64": 64, "UINT64": 64, "FLOAT64": 64, "COMPLEX64": 64}
_BITS |= {"FLOAT16": 16, "BFLOAT16": 16, "INT16": 16, "UINT16": 16, "INT4": 4, "UINT4": 4, "INT2": 2, "COMPLEX128": 128}
#: Operators whose output's size depends on the values that they read.
_DYNAMIC = {"WHERE", "NON_MAX_SUPPRESSION_V4", "NON_MAX_SUPPRESSION_V5", "UNIQUE"}
#: The same where this input is no constant.
_DYNAMIC_BY_INPUT = {"RESHAPE": 1, "FILL": 0, "TILE": 1, "RANGE": 0, "SLICE": 1, "PAD": 1, "PADV2": 1, "TOPK_V2": 1}
_DYNAMIC_BY_INPUT |= {"EXPAND_DIMS": 1, "BROADCAST_TO": 1, "ONE_HOT": 1, "RESIZE_BILINEAR": 1}
_INTEGERS = ("INT8", "UINT8", "INT16")


@dataclass(frozen=True)
class Tensor:
    """A tensor: its shape, type name (FLOAT32, INT8 …), and bytes of constant data."""

    name: str
    shape: tuple[int, ...]
    kind: str
    constant_bytes: int
    variable: bool = False

    @property
    def elements(self) -> int:
        """Number of values; a dimension that is not known counts as 1."""
        return math.prod(abs(d) for d in self.shape)

    @property
    def bytes(self) -> int:
        """Size of the values."""
        return (self.elements * _BITS.get(self.kind, 8) + 7) // 8


@dataclass(frozen=True)
class Node:
    """An operator. `op` is the builtin's name, or a custom operator's own.

    Attributes:
        macs: multiplications of one run; 0 for operators that do something else.
        work: the same where there are any, else values read or written: what its time grows with.
        activation: fused function as the schema numbers it: 0 none, 1 RELU, 2 RELU_N1_TO_1, 3 RELU6, 4 TANH.
        calls: subgraphs that it runs (condition and body of a WHILE).
    """

    index: int
    op: str
    code: int
    version: int
    macs: int
    work: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    activation: int = 0
    stride: tuple[int, int] = (1, 1)
    calls: tuple[int, ...] = ()

    @property
    def custom(self) -> bool:
        """True for an operator outside of the builtin set."""
        return self.code == CUSTOM


@dataclass(frozen=True)
class Graph:
    """One subgraph."""

    name: str
    nodes: tuple[Node, ...]
    tensors: tuple[Tensor, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @cached_property
    def weights_bytes(self) -> int:
        """Constant data."""
        return sum(t.constant_bytes for t in self.tensors)

    @cached_property
    def activation_bytes(self) -> int:
        """Sum of all other tensors: an upper bound of what the arena needs."""
        return sum(t.bytes for t in self.tensors if not t.constant_bytes)

    @cached_property
    def input_bytes(self) -> int:
        """Size of what one run reads."""
        return sum(self.tensors[i].bytes for i in self.inputs)

    @cached_property
    def dynamic_tensor(self) -> int | None:
        """The first tensor whose size is known only while running, or None."""
        for node in self.nodes:
            by_input = _DYNAMIC_BY_INPUT.get(node.op)
            if node.op in _DYNAMIC or (by_input is not None and not self._known(node, by_input)):
                return node.outputs[0]
        return None

    def _known(self, node: Node, position: int) -> bool:
        # Without that input the operator takes it from its options.
        return position >= len(node.inputs) or self.tensors[node.inputs[position]].constant_bytes > 0

    @cached_property
    def quantized(self) -> bool:
        """True where the operators that multiply do it in integers."""
        return any(self.tensors[n.outputs[0]].kind in _INTEGERS for n in self.nodes if n.macs)

    @cached_property
    def half_weights(self) -> bool:
        """True where weights are stored in half precision."""
        return any(t.kind == "FLOAT16" and t.constant_bytes for t in self.tensors)

    def resized(self, shapes: dict[int, tuple[int, ...]]) -> Graph:
        """The same with other shapes, by tensor, and the work that follows from them."""
        if not shapes:
            return self
        tensors = tuple(replace(t, shape=shapes.get(i, t.shape)) for i, t in enumerate(self.tensors))
        nodes = (replace(n, macs=_macs(n.code, n.inputs, n.outputs, tensors)) for n in self.nodes)
        nodes = (replace(n, work=n.macs or _touched(n.inputs, n.outputs, tensors)) for n in nodes)
        return replace(self, tensors=tensors, nodes=tuple(nodes))


@dataclass(frozen=True)
class Model:
    """A whole file. `signatures` name subgraphs."""

    graphs: tuple[Graph, ...]
    signatures: dict[str, int]
    file_bytes: int


def model_of(described: dict[str, Any]) -> Model:
    """From what harness/virtual/interpreter/describe.py says."""
    return Model(
        tuple(_graph(g) for g in described["subgraphs"]),
        {s["key"]: s["subgraph"] for s in described["signatures"]},
        described["file_bytes"],
    )


def _graph(described: dict[str, Any]) -> Graph:
    tensors = tuple(Tensor(n, tuple(shape), kind, size, var) for n, shape, kind, size, var in described["tensors"])
    nodes = tuple(_node(i, n, tensors) for i, n in enumerate(described["nodes"]))
    return Graph(described["name"], nodes, tensors, tuple(described["inputs"]), tuple(described["outputs"]))


def _node(index: int, found: dict[str, Any], tensors: tuple[Tensor, ...]) -> Node:
    inputs, outputs = tuple(found["inputs"]), tuple(found["outputs"])
    macs = _macs(found["code"], inputs, outputs, tensors)
    work = macs or _touched(inputs, outputs, tensors)
    row, column = found["stride"]
    return Node(
        index,
        found["op"],
        found["code"],
        found["version"],
        macs,
        work,
        inputs,
        outputs,
        found["activation"],
        (row, column),
        tuple(found.get("calls", ())),
    )


def _touched(inputs: tuple[int, ...], outputs: tuple[int, ...], tensors: tuple[Tensor, ...]) -> int:
    return max((tensors[t].elements for t in (*inputs, *outputs) if t >= 0), default=0)


def _macs(code: int, inputs: tuple[int, ...], outputs: tuple[int, ...], tensors: tuple[Tensor, ...]) -> int:
    return macs(
        code, [tensors[i].shape if i >= 0 else () for i in inputs], tensors[outputs[0]].shape if outputs else ()
    )
