"""A float model and a quantized one held side by side, layer by layer, by the names that converters keep. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.errors import UsageError
from harness.explain.distance import LIMITS, dequantize
from harness.variants.dataset import Array
from harness.variants.model_file import GraphInfo, ModelInfo, OpInfo, Quantization, TensorInfo


@dataclass(frozen=True)
class Carrier:
    """The quantized tensor that carries a float tensor's values."""

    index: int
    type: str
    quantization: Quantization


@dataclass(frozen=True)
class Layer:
    """One operator of the float model that makes float values.

    Attributes:
        index: of the operator.
        name: of its first output: what both quantizers call the layer.
        tensor: index of that output.
        carrier: of that output in the quantized model.
        reason: why it has no carrier.
        constants: by input position, what the quantized model multiplies by or adds, back in float.
        passes_on: its output is stored with the scale of its input, so that it can only pass on what came in.
    """

    index: int
    op: str
    name: str
    tensor: int
    carrier: Carrier | None
    reason: str | None
    constants: Mapping[int, Array] = field(repr=False)
    passes_on: bool = False

    @property
    def quantized(self) -> bool:
        """Whether the quantized model rounds anything here."""
        return self.carrier is not None or bool(self.constants)


@dataclass(frozen=True)
class Pair:
    """Both models. carriers: by index of the float tensor, the model's inputs among them."""

    graph: GraphInfo
    layers: tuple[Layer, ...]
    carriers: Mapping[int, Carrier]

    def consumers(self, tensor: int) -> list[int]:
        """Indices of the operators that read a tensor."""
        return [op.index for op in self.graph.ops if tensor in op.inputs]


def pair_up(whole: ModelInfo, quantized: ModelInfo) -> Pair:
    """Find in `quantized` what each layer of `whole` has become. Only the first subgraph is looked at.

    Raises:
        UsageError: `whole` is not in float, `quantized` is, or they are not the same model.
    """
    graph = whole.graphs[0]
    if any(t.quantization and t.type in LIMITS for t in graph.tensors):
        raise UsageError("the first model is quantized itself", advice="give the float model first")
    find = _Finder(quantized.graphs[0])
    carriers = {
        t.index: found
        for t in graph.tensors
        if t.type == "FLOAT32" and not t.constant_bytes and isinstance(found := find.carrier(t.name), Carrier)
    }
    layers = tuple(
        _layer(graph, op, find, carriers)
        for op in graph.ops
        if op.outputs and graph.tensors[op.outputs[0]].type == "FLOAT32" and not _casts_weights(graph, op)
    )
    if not any(layer.quantized for layer in layers):
        kept = sum(find.known(layer.name) for layer in layers)
        if kept:
            raise UsageError("nothing in the second model is quantized", advice="give the quantized model second")
        raise UsageError("no layer of the one model is in the other", advice="give two files made from one model")
    return Pair(graph, layers, carriers)


class _Finder:
    """Looks tensors and operators up in the quantized graph by the float model's names."""

    def __init__(self, graph: GraphInfo) -> None:
        self.graph = graph
        self.by_name = {t.name: t for t in reversed(graph.tensors)}
        self.maker = {tensor: op for op in graph.ops for tensor in op.outputs}

    def known(self, name: str) -> bool:
        return name in self.by_name

    def carrier(self, name: str) -> Carrier | str:
        """What carries this float tensor, or why nothing does."""
        tensor = self.by_name.get(name)
        if tensor is None:
            return "no tensor of this name in the quantized model: fused or renamed"
        stored = self._stored(tensor)
        if stored is None:
            return "in float in the quantized model too"
        assert stored.quantization is not None
        return Carrier(stored.index, stored.type, stored.quantization)

    def producer(self, name: str) -> OpInfo | None:
        """The operator that does the layer's work, behind what only converts its result."""
        tensor = self.by_name.get(name)
        op = self.maker.get(tensor.index) if tensor else None
        while op is not None and op.op in ("DEQUANTIZE", "QUANTIZE"):
            op = self.maker.get(op.inputs[0])
        return op

    def _stored(self, tensor: TensorInfo) -> TensorInfo | None:
        if _stores(tensor):
            return tensor
        op = self.maker.get(tensor.index)
        if op is not None and op.op == "DEQUANTIZE":
            behind = self.graph.tensors[op.inputs[0]]
            return behind if _stores(behind) and not behind.constant_bytes else None
        for reader in self.graph.ops:
            if reader.op == "QUANTIZE" and tensor.index in reader.inputs:
                after = self.graph.tensors[reader.outputs[0]]
                return after if _stores(after) else None
        return None


def _stores(tensor: TensorInfo) -> bool:
    return tensor.quantization is not None and tensor.type in LIMITS and tensor.quantization.axis is None


def _casts_weights(graph: GraphInfo, op: OpInfo) -> bool:
    return op.op == "DEQUANTIZE" and bool(graph.tensors[op.inputs[0]].constant_bytes)


def _layer(graph: GraphInfo, op: OpInfo, find: _Finder, carriers: Mapping[int, Carrier]) -> Layer:
    tensor = graph.tensors[op.outputs[0]]
    found = find.carrier(tensor.name)
    carrier, reason = (found, None) if isinstance(found, Carrier) else (None, found)
    twin = find.producer(tensor.name)
    constants = _constants(graph, op, find.graph, twin) if twin is not None and twin.op == op.op else {}
    into = [c for i in op.inputs if (c := carriers.get(i)) is not None]
    same = carrier is not None and not constants and any(c.quantization == carrier.quantization for c in into)
    return Layer(op.index, op.op, tensor.name, tensor.index, carrier, reason, constants, same)


def _constants(graph: GraphInfo, op: OpInfo, other: GraphInfo, twin: OpInfo) -> dict[int, Array]:
    """Constants of the layer as the quantized model has them, where they differ in type and can be read."""
    found: dict[int, Array] = {}
    for place, (mine, theirs) in enumerate(zip(op.inputs, twin.inputs, strict=False)):
        if mine < 0 or theirs < 0:
            continue
        ours, stored = graph.tensors[mine], _behind_cast(other, theirs)
        if ours.type != "FLOAT32" or not ours.constant_bytes or stored.values is None or ours.shape != stored.shape:
            continue
        if stored.quantization is not None:
            found[place] = dequantize(stored.values.reshape(stored.shape), stored.quantization)
        elif stored.type == "FLOAT16":
            found[place] = stored.values.reshape(stored.shape).astype("float32")
    return found


def _behind_cast(graph: GraphInfo, tensor: int) -> TensorInfo:
    for op in graph.ops:
        if op.op == "DEQUANTIZE" and op.outputs[0] == tensor:
            return graph.tensors[op.inputs[0]]
    return graph.tensors[tensor]
