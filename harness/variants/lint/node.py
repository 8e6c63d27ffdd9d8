"""A node as a delegate sees it: its tensors, with half-precision weights behind their DEQUANTIZE. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from harness.variants.model_file import GraphInfo, OpInfo, TensorInfo


@dataclass(frozen=True)
class Seen:
    """A tensor that a node reads or writes. constant: its values are there before anything runs."""

    tensor: TensorInfo
    constant: bool

    @property
    def rank(self) -> int:
        """Number of dimensions."""
        return len(self.tensor.shape)

    @property
    def shape(self) -> tuple[int, ...]:
        """As the runtime allocates it: a dimension that is left open is 1 until somebody resizes it."""
        return tuple(abs(d) for d in self.tensor.shape)


@dataclass(frozen=True)
class Node:
    """One operator with its surroundings; an optional input that is left out is None."""

    op: OpInfo
    graph: Graph
    inputs: tuple[Seen | None, ...]
    outputs: tuple[Seen, ...]

    def option(self, name: str) -> Any:
        """An option by the schema's name; zero where the file does not have it."""
        return self.op.options.get(name, "NONE" if name == "fusedActivationFunction" else 0)

    def tensors(self, target: str) -> list[Seen | None]:
        """What `input 1`, `outputs`, `computed inputs` … name; an index beyond the end is one None."""
        kind, _, number = target.partition(" ")
        if number.isdecimal():
            tensors: tuple[Seen | None, ...] = self.inputs if kind == "input" else self.outputs
            return [tensors[int(number)] if int(number) < len(tensors) else None]
        if target in ("computed inputs", "constant inputs"):
            return [t for t in self.inputs if t is not None and t.constant == (kind == "constant")]
        return list(self.inputs if target == "inputs" else self.outputs)


@dataclass(frozen=True)
class Graph:
    """A subgraph seen by one delegate.

    Attributes:
        unpacks: indices of nodes that only unpack stored weights.
        behind: what such a node gives, to what it is made of.
        reads_packed: consumers read the packed weights (`skip`) or the unpacked ones, which count as constants.
    """

    info: GraphInfo
    unpacks: frozenset[int]
    behind: dict[int, int]
    reads_packed: bool

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every operator."""
        return tuple(
            Node(op, self, tuple(self._input(t) for t in op.inputs), tuple(self._seen(t) for t in op.outputs if t >= 0))
            for op in self.info.ops
        )

    @cached_property
    def consumers(self) -> dict[int, list[OpInfo]]:
        """Who reads a tensor; twice where it is read twice."""
        found: dict[int, list[OpInfo]] = {}
        for op in self.info.ops:
            for tensor in op.inputs:
                found.setdefault(tensor, []).append(op)
        return found

    @cached_property
    def producers(self) -> dict[int, OpInfo]:
        """Who writes a tensor."""
        return {tensor: op for op in self.info.ops for tensor in op.outputs}

    def _seen(self, index: int) -> Seen:
        tensor = self.info.tensors[index]
        return Seen(tensor, tensor.constant_bytes > 0)

    def _input(self, index: int) -> Seen | None:
        if index < 0:
            return None
        if index not in self.behind:
            return self._seen(index)
        if self.reads_packed:
            return self._seen(self.behind[index])
        return replace(self._seen(index), constant=True)


def see(info: GraphInfo, half_weights: str) -> Graph:
    """A graph as a delegate sees it that treats half-precision weights in that way (see table.Partitioning)."""
    unpacks, behind = set(), {}
    for op in info.ops:
        if len(op.inputs) != 1 or len(op.outputs) != 1 or min(*op.inputs, *op.outputs) < 0 or half_weights == "none":
            continue
        source, made = info.tensors[op.inputs[0]], info.tensors[op.outputs[0]]
        stored = source.constant_bytes > 0 or (half_weights == "unpack" and source.index in behind)
        if stored and _unpacks(op, source, made, half_weights):
            unpacks.add(op.index)
            behind[made.index] = source.index
    return Graph(info, frozenset(unpacks), behind, half_weights == "skip")


def _unpacks(op: OpInfo, source: TensorInfo, made: TensorInfo, half_weights: str) -> bool:
    if op.custom:
        return False
    if half_weights == "skip":
        return op.op == "DEQUANTIZE" and source.type == "FLOAT16"
    if op.op == "DENSIFY":
        return source.sparse and source.type in ("FLOAT32", "FLOAT16", "INT8") and made.type == source.type
    if op.op != "DEQUANTIZE" or source.sparse or made.type != "FLOAT32":
        return False
    return source.type == "FLOAT16" or (source.type == "INT8" and source.quantization is not None)
