"""The examples that models are judged with: arrays by input name, labels, and lengths of padded inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from harness.errors import UsageError
from harness.variants.dataset import Array, read_npz
from harness.variants.evaluation import Evaluation
from harness.variants.function import find_function

#: What the labels' array is called where nothing is said.
LABELS = "labels"
#: Examples that are looked at at once, since arrays may be larger than the memory.
_PART = 256


@dataclass(frozen=True)
class Dataset:
    """Examples; the first dimension of every array counts them.

    Attributes:
        where: what it was read from, for people.
        inputs: by input name; "" where a single input's name does not matter. Values are real ones, and a quantized
            input gets them quantized (harness/accuracy/feeds.py has the one exception).
        labels: the right answers in the form that the metric asks for; None where they are not known.
        lengths: by input name, how much of each example's first dimension counts; the rest is padding.
        classes: names in the order of the model's output; empty where they have none.
    """

    where: str
    inputs: Mapping[str, Array]
    labels: Array | None = None
    lengths: Mapping[str, Array] = field(default_factory=dict)
    classes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Number of examples."""
        return len(next(iter(self.inputs.values())))

    @cached_property
    def sha256(self) -> str:
        """Of all that a result depends on: two results with the same one are of the same examples."""
        digest = hashlib.sha256()
        named = [*self.inputs.items(), *(("length of " + k, v) for k, v in self.lengths.items())]
        if self.labels is not None:
            named.append(("labels", self.labels))
        for name, array in sorted(named, key=lambda item: item[0]):
            digest.update(f"{name}\0{array.dtype.str}\0{array.shape}\0".encode())
            for start in range(0, len(array), _PART):
                digest.update(np.ascontiguousarray(array[start : start + _PART]).tobytes())
        return digest.hexdigest()


def load_dataset(spec: Evaluation, folder: Path = Path(), scratch: Path | None = None) -> Dataset:
    """Read the examples that a recipe's `evaluation:` names.

    Args:
        spec: with paths as they are to be opened.
        folder: where factories are looked for.
        scratch: a folder for decoded images, which then need not fit into memory.

    Raises:
        UsageError: something cannot be read, or does not fit together.
    """
    if spec.images is not None:
        from harness.accuracy.images import read_images

        found = read_images(spec, scratch)
    elif spec.npz is not None:
        found = _from_arrays(read_npz(spec.npz), spec, str(spec.npz))
    else:
        assert spec.factory is not None
        made = find_function(spec.factory, folder)()
        arrays = made if isinstance(made, Mapping) else {"": made}
        found = _from_arrays(arrays, spec, spec.factory)
    return _checked(found)


def _from_arrays(arrays: Mapping[str, Any], spec: Evaluation, where: str) -> Dataset:
    left: dict[str, Any] = dict(arrays)
    name = spec.labels or LABELS
    if spec.labels is not None and name not in left:
        raise UsageError(f"{where} has no array {name!r} of labels", advice=f"it holds {', '.join(sorted(left))}")
    labels = left.pop(name, None)
    lengths: dict[str, Array] = {}
    for of, array in spec.lengths.items():
        for wanted in (of, array):
            if wanted not in left:
                raise UsageError(f"{where} has no array {wanted!r}", advice="check lengths in evaluation:")
        # It stays an input too: a model may ask for the length itself.
        lengths[of] = np.asarray(left[array]).reshape(-1)
    inputs = {}
    for key, value in left.items():
        if isinstance(value, list | tuple) and len({np.shape(v) for v in value}) > 1:
            inputs[key], lengths[key] = _padded(value, key, where)
        else:
            inputs[key] = np.asarray(value)
    if not inputs:
        raise UsageError(f"{where} holds no input, only labels", advice="add an array for every input of the model")
    most = spec.samples
    return Dataset(
        where,
        {k: _first(v, most) for k, v in inputs.items()},
        None if labels is None else _first(np.asarray(labels), most),
        {k: _first(v, most) for k, v in lengths.items()},
        tuple(spec.classes),
    )


def _first(array: Array, most: int | None) -> Array:
    return array[:most] if array.ndim else array  # a single value is told as a fault later


def _padded(examples: Sequence[Any], key: str, where: str) -> tuple[Array, Array]:
    """Examples that differ in their first dimension as one array with zeros at the end, and their lengths."""
    arrays = [np.asarray(e) for e in examples]
    if len({a.shape[1:] for a in arrays}) != 1 or any(a.ndim == 0 for a in arrays):
        raise UsageError(f"{where}: examples of {key!r} differ in more than their length", advice="fix their shapes")
    lengths = np.array([len(a) for a in arrays])
    whole = np.zeros((len(arrays), int(lengths.max()), *arrays[0].shape[1:]), np.result_type(*arrays))
    for row, array in zip(whole, arrays, strict=True):
        row[: len(array)] = array
    return whole, lengths


def _checked(data: Dataset) -> Dataset:
    named = {**data.inputs, **{f"length of {k}": v for k, v in data.lengths.items()}}
    if data.labels is not None:
        named["labels"] = data.labels
    for name, array in named.items():
        if array.ndim == 0 or array.dtype.kind not in "fiub":
            kind = "a single value" if array.ndim == 0 else f"of type {array.dtype}"
            raise UsageError(f"{data.where}: {name or 'the input'} is {kind}", advice="give arrays of numbers")
    counts = {name: len(array) for name, array in named.items()}
    if len(set(counts.values())) != 1:
        said = ", ".join(f"{n} of {name or 'the input'}" for name, n in counts.items())
        raise UsageError(f"{data.where} holds {said}", advice="give as many of each")
    if not data.count:
        raise UsageError(f"{data.where} holds no example", advice="give at least one, better a thousand")
    for name, array in data.inputs.items():
        if array.dtype.kind == "f" and not all(
            np.isfinite(array[i : i + 256]).all() for i in range(0, len(array), 256)
        ):
            raise UsageError(f"{data.where}: {name or 'the input'} holds NaN or Inf", advice="remove them")
    for name, lengths in data.lengths.items():
        longest = data.inputs[name].shape[1] if data.inputs[name].ndim > 1 else 0
        if lengths.min() < 1 or lengths.max() > longest:
            said = f"{lengths.min()} to {lengths.max()}"
            raise UsageError(f"{data.where}: lengths of {name!r} are {said}", advice=f"they must be 1 to {longest}")
    return data
