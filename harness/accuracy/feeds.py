"""Which array of a dataset goes into which input of a model, checked before anything runs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.accuracy.dataset import Dataset
from harness.errors import UsageError
from harness.variants.dataset import Array
from harness.variants.model_file import ModelInfo, TensorInfo


@dataclass(frozen=True)
class Feed:
    """One input of a model, in the model's order.

    Attributes:
        array: the dataset's array.
        batched: the input's first dimension is the batch; else it takes one example as it is.
        stored: the array holds values of the input's own integer type, which are not quantized again.
        cut: the input's length is free, so each example is cut to its own length and the input resized to it.
    """

    array: str
    batched: bool
    stored: bool
    cut: bool


def plan_feeds(model: ModelInfo, data: Dataset, *, stored: bool) -> list[Feed]:
    """A feed for every input of the model's first graph.

    An array is found by the input's name in the signature or by its tensor's name; where there is one array and one
    input, names do not matter.

    Raises:
        UsageError: an input has no array, or one of another shape or type.
    """
    graph = model.graphs[0]
    names = input_names(model)
    return [
        _feed(graph.tensors[index], name, data, alone=len(graph.inputs) == 1, stored=stored)
        for index, name in zip(graph.inputs, names, strict=True)
    ]


def takes_stored(models: Sequence[ModelInfo], data: Dataset) -> bool:
    """Whether integers of a dataset are stored values: only where every model takes just that type everywhere.

    As soon as one model takes floats, they are real values, so that all models see the same example.
    """
    kinds = {t.type.lower() for m in models for t in (m.graphs[0].tensors[i] for i in m.graphs[0].inputs)}
    arrays = {array.dtype.name for array in data.inputs.values()}
    return bool(models) and len(kinds) == 1 and kinds == arrays and np.dtype(next(iter(arrays))).kind in "iu"


def input_names(model: ModelInfo) -> list[str]:
    """The names of the first graph's inputs: those of its signature, else those of the tensors."""
    return _names(model, outputs=False)


def output_names(model: ModelInfo) -> list[str]:
    """The same of its outputs. A tensor's name may differ from variant to variant; a signature's does not."""
    return _names(model, outputs=True)


def _names(model: ModelInfo, *, outputs: bool) -> list[str]:
    graph = model.graphs[0]
    indices = graph.outputs if outputs else graph.inputs
    named: dict[int, str] = {}
    for signature in model.signatures:
        if signature.graph == 0:
            side = signature.outputs if outputs else signature.inputs
            for name, index in side.items():
                named.setdefault(index, name)
    made = [named.get(index) or graph.tensors[index].name for index in indices]
    # A tensor that is an output twice, or tensors without names, are told apart by their place.
    return [name if name and made.count(name) == 1 else f"{name}#{place}" for place, name in enumerate(made)]


def _feed(tensor: TensorInfo, name: str, data: Dataset, *, alone: bool, stored: bool) -> Feed:
    key = _key(tensor, name, data, alone=alone)
    array = data.inputs[key]
    cut = key in data.lengths
    example, asked = array.shape[1:], tensor.shape
    batched = len(asked) == len(example) + 1
    free = asked[1:] if batched else asked
    # A length that the model fixes takes the examples with their padding.
    cut = cut and bool(free) and free[0] == -1
    if len(free) != len(example) or any(a not in (-1, e) for a, e in zip(free, example, strict=True)):
        shown = (" x ".join("?" if n < 0 else str(n) for n in shape) or "a scalar" for shape in (asked, example))
        wanted, got = shown
        raise UsageError(f"{data.where}: input {name!r} is {wanted}, and an example is {got}", advice="fix its shape")
    _check_type(tensor, name, array, data)
    return Feed(key, batched, stored, cut)


def _key(tensor: TensorInfo, name: str, data: Dataset, *, alone: bool) -> str:
    for known in (name, tensor.name):
        if known in data.inputs:
            return known
    if alone and len(data.inputs) == 1:
        return next(iter(data.inputs))
    held = ", ".join(repr(n) for n in sorted(data.inputs) if n) or "one without a name"
    raise UsageError(f"{data.where} has no array for input {name!r}", advice=f"it holds {held}")


def _check_type(tensor: TensorInfo, name: str, array: Array, data: Dataset) -> None:
    if tensor.type in ("STRING", "RESOURCE", "VARIANT", "COMPLEX64", "COMPLEX128"):
        raise UsageError(f"input {name!r} takes {tensor.type.lower()}", advice="only numbers can be fed")
    whole = tensor.type.startswith(("INT", "UINT")) and tensor.quantization is None
    if whole and array.dtype.kind == "f" and not np.array_equal(array, np.rint(array)):
        raise UsageError(
            f"{data.where}: input {name!r} is {tensor.type.lower()} without a scale, and its array holds fractions",
            advice="give whole numbers",
        )
