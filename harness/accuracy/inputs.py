"""Inputs to run a model on: real ones of a file, or random ones from a seed. Pure but for reading the file."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.errors import UsageError
from harness.variants.dataset import Input, examples
from harness.variants.model_file import ModelInfo, Quantization, TensorInfo

Array = npt.NDArray[Any]

_DTYPES = {
    "FLOAT32": "float32", "FLOAT16": "float16", "FLOAT64": "float64", "BOOL": "bool",
    "INT8": "int8", "UINT8": "uint8", "INT16": "int16", "UINT16": "uint16",
    "INT32": "int32", "UINT32": "uint32", "INT64": "int64", "UINT64": "uint64",
}  # fmt: skip
#: Indices and ids: what the official program draws; larger ones leave small tables.
_LEAST_ID, _LAST_ID = 0, 99
#: Arrays of a file that are labels and no input.
_LABELS = frozenset({"y", "label", "labels", "target", "targets"})
#: Squares of so many equal values: noise alone gives almost the same output however it is drawn.
_SQUARES = (1, 4, 16)


@dataclass(frozen=True)
class InputSpec:
    """An input of a model. names: the tensor's, and what signatures call it; a size of -1 in `shape` is free."""

    names: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str
    quantization: Quantization | None = None


def input_specs(model: ModelInfo) -> list[InputSpec]:
    """The inputs of the first subgraph, in its order.

    Raises:
        UsageError: one is of a type without plain numbers (strings).
    """
    graph = model.graphs[0]
    return [_spec(model, graph.tensors[i]) for i in graph.inputs]


def _spec(model: ModelInfo, tensor: TensorInfo) -> InputSpec:
    if tensor.type not in _DTYPES:
        raise UsageError(f"input {tensor.name!r} is of type {tensor.type}, which is no plain number")
    called = (name for s in model.signatures if s.graph == 0 for name, t in s.inputs.items() if t == tensor.index)
    return InputSpec((tensor.name, *called), tensor.shape, _DTYPES[tensor.type], tensor.quantization)


def given_inputs(
    arrays: Mapping[str, Array], specs: Sequence[InputSpec], samples: int, where: str
) -> list[list[Array]]:
    """The first `samples` examples of a file, each an array an input.

    Numbers that are no integers are quantized where the input is: one file serves a model's float and integer variants.

    Raises:
        UsageError: an input is missing, or its array does not fit.
    """
    plain = {name: array for name, array in arrays.items() if name.lower() not in _LABELS} or dict(arrays)
    wanted = [_wanted(spec, plain, where) for spec in specs]
    found = examples(plain, wanted, samples, where, constant_ok=True)
    return [[_fit(spec, array, where) for spec, array in zip(specs, one, strict=True)] for one in found]


def _wanted(spec: InputSpec, arrays: Mapping[str, Array], where: str) -> Input:
    if spec.shape and spec.shape[0] not in (1, -1):
        text = f"input {spec.names[0]!r} takes {spec.shape[0]} examples at once"
        raise UsageError(f"{where} cannot be used: {text}", advice="leave the inputs out: random ones are made then")
    name = next((n for n in spec.names if n in arrays), spec.names[-1])
    array = arrays.get(name, next(iter(arrays.values())))
    real = spec.quantization is not None and array.dtype.kind == "f"
    shape = tuple(None if n < 0 else n for n in spec.shape[1:])
    return Input(name, shape, "float32" if real else array.dtype.name if array.dtype.kind in "fiub" else spec.dtype)


def _fit(spec: InputSpec, array: Array, where: str) -> Array:
    shaped = array if spec.shape else array.reshape(())
    if spec.quantization is not None and shaped.dtype.kind == "f":
        return quantized(shaped, spec.quantization, spec.dtype)
    target = np.dtype(spec.dtype)
    cast = shaped.astype(target)
    # float64 to float32 rounds, and that is meant; 1.5 to an integer or 300 to a byte is not.
    if target.kind != "f" and not np.array_equal(cast, shaped):
        text = f"input {spec.names[0]!r} is of {target}, and values of type {array.dtype} do not fit into it"
        raise UsageError(f"{where}: {text}", advice="give values of that type and range")
    return cast


def quantized(values: Array, how: Quantization, dtype: str) -> Array:
    """Real values as the integers that stand for them, the nearest ones that there are."""
    limits = np.iinfo(dtype)
    stored = np.rint(values / how.scale[0]) + how.zero_point[0]
    return np.asarray(np.clip(stored, limits.min, limits.max)).astype(dtype)


def random_inputs(specs: Sequence[InputSpec], samples: int) -> list[list[Array]]:
    """The same for the same inputs of a model, on every machine: floats from −1 to 1, bytes over their whole range,
    wider integers from 0 to 99. Pictures are of squares, of another size in each, so that outputs differ."""
    return [[_random(spec, place, sample) for place, spec in enumerate(specs)] for sample in range(samples)]


def _random(spec: InputSpec, place: int, sample: int) -> Array:
    shape, kind = tuple(max(1, n) for n in spec.shape), np.dtype(spec.dtype)
    seed = hashlib.sha256(f"{place}/{sample}/{shape}/{kind}".encode()).digest()
    # The legacy generator, since numpy promises that its numbers stay the same.
    rng = np.random.RandomState(np.frombuffer(seed, np.uint32))
    square = _square(shape, sample)
    coarse = tuple(math.ceil(n / square) if axis in (1, 2) else n for axis, n in enumerate(shape))
    values = rng.random_sample(coarse)
    if square > 1:
        values = values.repeat(square, 1).repeat(square, 2)[:, : shape[1], : shape[2]]
    if kind.kind == "f":
        return np.asarray(values * 2 - 1).astype(kind)
    if kind.kind == "b":
        return np.asarray(values < 0.5)
    limits = np.iinfo(kind)
    low, high = (limits.min, limits.max) if kind.itemsize == 1 or spec.quantization else (_LEAST_ID, _LAST_ID)
    return np.asarray(np.floor(values * (high - low + 1)) + low).astype(kind)


def _square(shape: tuple[int, ...], sample: int) -> int:
    if len(shape) != 4 or min(shape[1:3]) < 4:
        return 1
    return min(_SQUARES[sample % len(_SQUARES)], min(shape[1:3]) // 2)
