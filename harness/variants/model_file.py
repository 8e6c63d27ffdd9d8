"""A `.tflite` file as it is: tensors, operators, quantization, signatures, metadata, with LiteRT's schema. Pure."""

from __future__ import annotations

import hashlib
import math
import mmap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.errors import UsageError
from harness.macs import macs

_CUSTOM = 32
#: How numpy calls the types whose values are read.
_DTYPES = {
    "FLOAT32": "<f4", "FLOAT16": "<f2", "FLOAT64": "<f8", "INT8": "i1", "UINT8": "u1", "INT16": "<i2", "UINT16": "<u2",
    "INT32": "<i4", "UINT32": "<u4", "INT64": "<i8", "UINT64": "<u8", "BOOL": "?",
}  # fmt: skip
_BITS = {"INT4": 4, "UINT4": 4, "INT2": 2, "COMPLEX64": 64, "COMPLEX128": 128, "BFLOAT16": 16}


@dataclass(frozen=True)
class Quantization:
    """value = scale × (stored − zero_point); one pair a channel of `axis`, or one for the whole tensor (axis None)."""

    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    axis: int | None


@dataclass(frozen=True)
class TensorInfo:
    """One tensor. `values` are a constant's stored values, None where it is none or of a type that is not read."""

    index: int
    name: str
    shape: tuple[int, ...]
    type: str
    constant_bytes: int
    quantization: Quantization | None
    sparse: bool
    values: npt.NDArray[Any] | None = field(default=None, repr=False, compare=False)

    @property
    def elements(self) -> int:
        """Number of values; a dimension that is not known counts as 1."""
        return math.prod(abs(d) for d in self.shape)

    @property
    def bytes(self) -> int:
        """Size of the values while running."""
        bits = _BITS.get(self.type) or 8 * np.dtype(_DTYPES.get(self.type, "u1")).itemsize
        return (self.elements * bits + 7) // 8


@dataclass(frozen=True)
class OpInfo:
    """One operator; `op` is the builtin's name, or a custom operator's own. macs: multiplications of one run.

    options: what the file says beyond that, by the schema's names (strideH, beta …); a fused activation by its name.
    What a file leaves out is not there, and the runtime takes it as zero.
    """

    index: int
    op: str
    custom: bool
    version: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    macs: int
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class GraphInfo:
    """One subgraph; inputs and outputs are indices of tensors."""

    name: str
    tensors: tuple[TensorInfo, ...]
    ops: tuple[OpInfo, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @property
    def weights(self) -> list[TensorInfo]:
        """Constants that operators which multiply take as their weights: what pruning and clustering work on.

        Half-precision weights come through a DEQUANTIZE.
        """
        behind = {op.outputs[0]: op.inputs[0] for op in self.ops if op.op == "DEQUANTIZE"}
        taken = [op.inputs[1] for op in self.ops if op.macs and len(op.inputs) > 1]
        used = {behind.get(tensor, tensor) for tensor in taken}
        return [t for t in self.tensors if t.index in used and t.constant_bytes]


@dataclass(frozen=True)
class SignatureInfo:
    """A signature: what its inputs and outputs are called, by tensor index."""

    key: str
    graph: int
    inputs: dict[str, int]
    outputs: dict[str, int]


@dataclass(frozen=True)
class ModelInfo:
    """A whole file. metadata: names of the buffers that carry metadata, and their sizes in bytes."""

    sha256: str
    file_bytes: int
    description: str
    graphs: tuple[GraphInfo, ...]
    signatures: tuple[SignatureInfo, ...]
    metadata: dict[str, int]

    @cached_property
    def macs(self) -> int:
        """Multiplications of one run of the first subgraph."""
        return sum(op.macs for op in self.graphs[0].ops)

    @property
    def needs_flex(self) -> bool:
        """Whether an operator is one of TensorFlow's own, which only the plus-flex program has."""
        return any(op.op.startswith("Flex") for graph in self.graphs for op in graph.ops if op.custom)


def read_model_file(path: Path) -> ModelInfo:
    """Read a model.

    Raises:
        UsageError: it cannot be read, or is no TensorFlow Lite flatbuffer.
    """
    from ai_edge_litert import schema_py_generated as schema

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"model {path} cannot be read: {error.strerror}", advice="give a .tflite file") from None
    if data[4:8] != b"TFL3":
        raise UsageError(f"model {path} is no TensorFlow Lite flatbuffer", advice="give a .tflite file")
    try:
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
        graphs = tuple(_graph(model, graph) for graph in model.subgraphs or [])
        signatures = tuple(_signature(s) for s in model.signatureDefs or [])
        metadata = {_text(m.name): _size(model.buffers[m.buffer]) for m in model.metadata or []}
    except Exception as error:  # the generated reader raises whatever a damaged offset leads to
        raise UsageError(f"model {path} is damaged: {error}", advice="convert it again") from None
    if not graphs:
        raise UsageError(f"model {path} holds no graph", advice="convert it again")
    digest = hashlib.sha256(data).hexdigest()
    return ModelInfo(digest, len(data), _text(model.description), graphs, signatures, metadata)


def custom_operators(path: Path) -> list[str]:
    """Names of the custom operators, TensorFlow's own (Flex…) among them, without reading the rest of the file.

    Raises:
        UsageError: as `read_model_file`.
    """
    from ai_edge_litert import schema_py_generated as schema

    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            model = schema.Model.GetRootAs(data, 0)
            codes = [model.OperatorCodes(i) for i in range(model.OperatorCodesLength())]
            return [_text(code.CustomCode()) for code in codes if code.CustomCode()]
    except OSError as error:
        raise UsageError(f"model {path} cannot be read: {error.strerror}", advice="give a .tflite file") from None
    except Exception as error:  # the generated reader raises whatever a damaged offset leads to
        raise UsageError(f"model {path} is damaged: {error}", advice="convert it again") from None


def _graph(model: Any, graph: Any) -> GraphInfo:
    tensors = tuple(_tensor(model, index, t) for index, t in enumerate(graph.tensors or []))
    ops = tuple(_op(model, index, op, tensors) for index, op in enumerate(graph.operators or []))
    return GraphInfo(_text(graph.name), tensors, ops, _numbers(graph.inputs), _numbers(graph.outputs))


def _tensor(model: Any, index: int, tensor: Any) -> TensorInfo:
    kind = _names("TensorType")[tensor.type]
    buffer = model.buffers[tensor.buffer]
    signature = _numbers(tensor.shapeSignature)
    return TensorInfo(
        index=index,
        name=_text(tensor.name),
        shape=signature or _numbers(tensor.shape),
        type=kind,
        constant_bytes=_size(buffer),
        quantization=_quantization(tensor.quantization),
        sparse=tensor.sparsity is not None,
        values=_values(buffer, kind),
    )


def _values(buffer: Any, kind: str) -> npt.NDArray[Any] | None:
    if not _size(buffer) or kind not in _DTYPES:
        return None
    raw = np.asarray(buffer.data, np.uint8)
    dtype = np.dtype(_DTYPES[kind])
    return raw[: raw.size // dtype.itemsize * dtype.itemsize].view(dtype)


def _quantization(found: Any) -> Quantization | None:
    if found is None or found.scale is None or len(found.scale) == 0:
        return None
    scale = tuple(float(s) for s in found.scale)
    if not all(map(math.isfinite, scale)):
        raise ValueError("a scale is not a number")
    return Quantization(scale, _numbers(found.zeroPoint), int(found.quantizedDimension) if len(scale) > 1 else None)


def _op(model: Any, index: int, op: Any, tensors: Sequence[TensorInfo]) -> OpInfo:
    code = model.operatorCodes[op.opcodeIndex]
    number = int(max(code.builtinCode, code.deprecatedBuiltinCode))
    inputs, outputs = _numbers(op.inputs), _numbers(op.outputs)
    if any(not -1 <= i < len(tensors) for i in (*inputs, *outputs)):
        raise ValueError(f"operator {index} names a tensor that is not there")
    shapes = [tensors[i].shape if i >= 0 else () for i in inputs]
    custom = number == _CUSTOM
    name = _text(code.customCode) if custom else _names("BuiltinOperator")[number]
    work = macs(number, shapes, tensors[outputs[0]].shape if outputs else ())
    return OpInfo(index, name, custom, int(code.version), inputs, outputs, work, _options(op.builtinOptions))


def _options(found: Any) -> dict[str, Any]:
    if found is None:
        return {}
    values: dict[str, Any] = {k: plain for k, value in vars(found).items() if (plain := _plain(value)) is not None}
    if "fusedActivationFunction" in values:
        number = values["fusedActivationFunction"]
        values["fusedActivationFunction"] = _names("ActivationFunctionType").get(number, str(number))
    return values


def _plain(value: Any) -> int | float | str | tuple[int, ...] | None:
    """A number, a text or a vector of numbers; None of anything else."""
    if isinstance(value, bytes):
        return _text(value)
    if isinstance(value, np.ndarray):
        return _numbers(value)
    return value if isinstance(value, int | float | str) else None


def _signature(found: Any) -> SignatureInfo:
    inputs = {_text(m.name): int(m.tensorIndex) for m in found.inputs or []}
    outputs = {_text(m.name): int(m.tensorIndex) for m in found.outputs or []}
    return SignatureInfo(_text(found.signatureKey), int(found.subgraphIndex), inputs, outputs)


def _size(buffer: Any) -> int:
    return 0 if buffer.data is None else len(buffer.data)


def _numbers(values: Any) -> tuple[int, ...]:
    return () if values is None else tuple(int(v) for v in values)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if value else ""


@cache
def _names(enumeration: str) -> dict[int, str]:
    from ai_edge_litert import schema_py_generated as schema

    return {v: k for k, v in vars(getattr(schema, enumeration)).items() if isinstance(v, int)}
