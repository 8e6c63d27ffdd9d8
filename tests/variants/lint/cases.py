"""One tiny model a condition of the tables: an operator that meets it, and the same with one thing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.virtual.bench.tiny import G, Op, T, build

BYTE = (0.5,)


@dataclass(frozen=True)
class Case:
    """A model of one operator, its last; tensors beside the constants are inputs, and the operator's are outputs."""

    name: str
    tensors: Sequence[T]
    op: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: tuple[str, dict[str, Any]] | None = None
    version: int = 1
    before: Sequence[Op] = ()

    def write(self, folder: Path) -> Path:
        """The model file."""
        op = Op(self.op, self.inputs, self.outputs, self.version, self.options)
        written = {t for o in (*self.before, op) for t in o.outputs}
        given = [i for i, t in enumerate(self.tensors) if t.data is None and i not in written]
        graph = G(self.tensors, [*self.before, op], tuple(given), self.outputs)
        return build(folder / f"{self.name}.tflite", graph)


def floats(*shape: int) -> Any:
    """Values of that shape."""
    return np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)


def bytes_(*shape: int) -> Any:
    """8-bit values of that shape."""
    return (np.arange(int(np.prod(shape))) % 11).astype(np.int8).reshape(shape)


def ints(*values: int) -> Any:
    """A vector of 32-bit integers."""
    return np.array(values, np.int32)


def image(kind: str = "FLOAT32", name: str = "x", shape: tuple[int, ...] = (1, 4, 4, 4)) -> T:
    """A computed image."""
    return T(name, shape, kind=kind, scale=BYTE if kind in ("INT8", "UINT8") else ())


def unary(op: str, kind: str = "FLOAT32", made: str | None = None, **fields: Any) -> Case:
    """y = op(x)."""
    options = (fields.pop("table"), fields) if "table" in fields else None
    tensors = [image(kind), image(made or kind, "y")]
    return Case(f"{op}_{kind}_{made or kind}_{'_'.join(map(str, fields.values()))}", tensors, op, (0,), (1,), options)


def binary(op: str, kind: str = "FLOAT32", *, other: Any = None, table: str = "", **fields: Any) -> Case:
    """y = op(a, b)."""
    tensors = [image(kind, "a"), other or image(kind, "b"), image(kind, "y")]
    tag = "_".join(map(str, fields.values()))
    return Case(f"{op}_{kind}_{tag}", tensors, op, (0, 1), (2,), (table, fields) if table else None)


def convolution(
    op: str = "CONV_2D",
    kind: str = "FLOAT32",
    *,
    weights: T | None = None,
    bias: T | bool | None = True,
    name: str = "",
    activation: int = 0,
    version: int = 1,
    made: str | None = None,
) -> Case:
    """A convolution of 3 x 3 with four channels in and out."""
    depthwise = op == "DEPTHWISE_CONV_2D"
    shape = (1, 3, 3, 4) if depthwise else (4, 3, 3, 4)
    quantized = kind in ("INT8", "UINT8")
    values = bytes_(*shape).astype(np.uint8 if kind == "UINT8" else np.int8) if quantized else floats(*shape)
    weights = weights or T("w", shape, values, kind, BYTE if quantized else ())
    if bias is True:
        bias = T("b", (4,), np.zeros(4, np.int32), "INT32", (0.25,)) if quantized else T("b", (4,), floats(4))
    tensors = [image(kind), weights, *([bias] if bias else []), image(made or kind, "y")]
    fields = {"strideH": 1, "strideW": 1, "fusedActivationFunction": activation}
    table = "DepthwiseConv2DOptions" if depthwise else "Conv2DOptions"
    extra = {"depthMultiplier": 1} if depthwise else {}
    inputs = (0, 1, 2) if bias else (0, 1)
    return Case(
        name or f"{op}_{kind}_{activation}",
        tensors,
        op,
        inputs,
        (len(tensors) - 1,),
        (table, {**fields, **extra}),
        version,
    )


def pool(op: str, kind: str = "FLOAT32", window: int = 2, stride: int = 2, activation: int = 0) -> Case:
    """Pooling."""
    side = -(-4 // stride)
    fields = {"strideH": stride, "strideW": stride, "filterHeight": window, "filterWidth": window}
    fields["fusedActivationFunction"] = activation
    tensors = [image(kind), image(kind, "y", (1, side, side, 4))]
    return Case(f"{op}_{kind}_{window}_{stride}_{activation}", tensors, op, (0,), (1,), ("Pool2DOptions", fields))


def dense(
    kind: str = "FLOAT32", *, weights: T | None = None, bias: bool = True, name: str = "dense", activation: int = 0,
    version: int = 1,
) -> Case:  # fmt: skip
    """y = W x + b."""
    quantized = kind == "INT8"
    weights = weights or T("w", (3, 4), bytes_(3, 4) if quantized else floats(3, 4), kind, BYTE if quantized else ())
    b = T("b", (3,), np.zeros(3, np.int32), "INT32", (0.25,)) if quantized else T("b", (3,), floats(3))
    tensors = [image(kind, shape=(2, 4)), weights, *([b] if bias else []), image(kind, "y", (2, 3))]
    options = ("FullyConnectedOptions", {"fusedActivationFunction": activation})
    inputs = (0, 1, 2) if bias else (0, 1)
    return Case(f"{name}_{kind}", tensors, "FULLY_CONNECTED", inputs, (len(tensors) - 1,), options, version)


def with_vector(
    op: str, values: Any, shape: tuple[int, ...], kind: str = "FLOAT32", *, name: str = "",
    options: tuple[str, dict[str, Any]] | None = None, stored: bool = True,
) -> Case:  # fmt: skip
    """y = op(x, vector): axes, paddings, shapes, permutations."""
    vector = T("v", tuple(values.shape), values if stored else None, "INT32")
    return Case(name or f"{op}_{kind}", [image(kind), vector, image(kind, "y", shape)], op, (0, 1), (2,), options)


def strided(kind: str = "FLOAT32", step: int = 1, name: str = "strided", **masks: int) -> Case:
    """A slice of an image."""
    size = -(-4 // step)
    tensors = [image(kind), T("b", (4,), ints(0, 0, 0, 0), "INT32"), T("e", (4,), ints(1, 4, 4, 4), "INT32")]
    tensors += [T("s", (4,), ints(1, step, 1, 1), "INT32"), image(kind, "y", (1, size, 4, 4))]
    return Case(name, tensors, "STRIDED_SLICE", (0, 1, 2, 3), (4,), ("StridedSliceOptions", masks))
