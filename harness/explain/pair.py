"""A float model and a quantized one held side by side, layer by layer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.errors import UsageError
from harness.explain.distance import LIMITS, dequantize
from harness.variants.dataset import Array
from harness.variants.model_file import GraphInfo, ModelInfo, OpInfo, Quantization, TensorInfo

_CASTS = ("QUANTIZE", "DEQUANTIZE")


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
    graph, other = whole.graphs[0], quantized.graphs[0]
    if any(t.quantization and t.type in LIMITS for t in graph.tensors):
        raise UsageError("the first model is quantized itself", advice="give the float model first")
    twins = _twins(graph, other)
    outputs = {
        a: b for op in graph.ops if op.index in twins for a, b in zip(op.outputs, twins[op.index].outputs, strict=False)
    }
    if len(graph.inputs) == len(other.inputs):
        outputs |= zip(graph.inputs, other.inputs, strict=True)
    carriers = {
        mine: found
        for mine, theirs in outputs.items()
        if graph.tensors[mine].type == "FLOAT32" and (found := _carrier(other, theirs)) is not None
    }
    layers = tuple(
        _layer(graph, op, other, twins.get(op.index), carriers)
        for op in graph.ops
        if op.op not in _CASTS and op.outputs and graph.tensors[op.outputs[0]].type == "FLOAT32"
    )
    if not twins:
        raise UsageError("no layer of the one model is in the other", advice="give two files made from one model")
    if not any(layer.quantized for layer in layers):
        small = {t.type for t in other.tensors if t.constant_bytes and t.type in ("INT2", "INT4", "UINT4")}
        if small:
            said = f"the second model's weights are {', '.join(sorted(small)).lower()}, which are not read"
            raise UsageError(said, advice="explain a variant with 8 bits")
        raise UsageError("nothing in the second model is quantized", advice="give the quantized model second")
    return Pair(graph, layers, carriers)


def _twins(graph: GraphInfo, other: GraphInfo) -> dict[int, OpInfo]:
    """By index of the float model's operator, the one that does its work in the quantized model.

    By their order, where both have the same operators apart from casts: names can then not mislead (the converter
    gives `x1`, the name of a layer, to a constant that it casts). Else by the names of what they make.
    """
    ours, theirs = ([op for op in g.ops if op.op not in _CASTS and op.outputs] for g in (graph, other))

    def shape(of: GraphInfo, op: OpInfo) -> tuple[str, int]:
        return op.op, of.tensors[op.outputs[0]].elements

    if [shape(graph, op) for op in ours] == [shape(other, op) for op in theirs]:
        return {a.index: b for a, b in zip(ours, theirs, strict=True)}
    maker = {tensor: op for op in other.ops for tensor in op.outputs}
    by_name: dict[str, OpInfo] = {}
    for tensor in other.tensors:
        op = maker.get(tensor.index)
        while op is not None and op.op in _CASTS:
            op = maker.get(op.inputs[0])
        if op is not None and op.outputs:
            by_name.setdefault(tensor.name, op)
    found = {op.index: by_name.get(graph.tensors[op.outputs[0]].name) for op in ours}
    return {index: op for index, op in found.items() if op is not None and op.op == graph.ops[index].op}


def _carrier(graph: GraphInfo, tensor: int) -> Carrier | None:
    """What stores a tensor of the quantized model: itself, or where it is in float, what it is then cast to."""
    casts = [op.outputs[0] for op in graph.ops if op.op == "QUANTIZE" and tensor in op.inputs]
    for stored in (graph.tensors[i] for i in (tensor, *casts)):
        if stored.quantization is not None and stored.type in LIMITS and stored.quantization.axis is None:
            return Carrier(stored.index, stored.type, stored.quantization)
    return None


def _layer(
    graph: GraphInfo, op: OpInfo, other: GraphInfo, twin: OpInfo | None, carriers: Mapping[int, Carrier]
) -> Layer:
    tensor = graph.tensors[op.outputs[0]]
    carrier = carriers.get(tensor.index)
    reason = None
    if carrier is None:
        reason = "in float in the quantized model too" if twin else "not found in the quantized model: fused or renamed"
    constants = _constants(graph, op, other, twin) if twin is not None else {}
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
