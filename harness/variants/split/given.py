"""A user's own inputs, on which stages and whole are compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from harness.errors import UsageError
from harness.variants.dataset import Input, examples, read_npz
from harness.variants.model_file import NUMPY_TYPES, read_model_file
from harness.variants.split.verify import Array

_MOST = 100


def read_inputs(path: Path, model: Path) -> list[list[Array]]:
    """Examples of an `.npz` for a model, at most a hundred, each an array an input, in the model's own types.

    Raises:
        UsageError: the file cannot be read, or its arrays do not fit the model's inputs.
    """
    info = read_model_file(model)
    graph = info.graphs[0]
    called = {t: n for s in info.signatures[:1] for n, t in s.inputs.items()}
    wanted = []
    for number in graph.inputs:
        tensor = graph.tensors[number]
        if tensor.type not in NUMPY_TYPES or not tensor.shape:
            raise UsageError(f"input {tensor.name!r} is no array of numbers", advice="leave --inputs out")
        shape = tuple(None if n < 0 else n for n in tensor.shape[1:])
        wanted.append(Input(called.get(number, tensor.name), shape, np.dtype(NUMPY_TYPES[tensor.type]).name))
    arrays = read_npz(path)
    for asked in wanted:
        array = arrays.get(asked.name, next(iter(arrays.values())))
        if np.dtype(asked.dtype).kind in "iu" and array.dtype.kind == "f":
            raise UsageError(
                f"{path}: input {asked.name!r} is of type {asked.dtype}, and the array holds {array.dtype}",
                advice="give quantized values",
            )
    return [[np.ascontiguousarray(a) for a in one] for one in examples(arrays, wanted, _MOST, str(path))]
