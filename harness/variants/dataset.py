"""A representative dataset: arrays by input name, checked against the model before anything is calibrated with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from harness.errors import UsageError

Array = npt.NDArray[Any]


class Input(NamedTuple):
    """One input of a model; shape without the batch, None where a dimension is free."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str


def read_npz(path: Path) -> dict[str, Array]:
    """Arrays of an .npz (by name) or .npy file (under the name "").

    Raises:
        UsageError: it cannot be read, or holds no plain arrays.
    """
    try:
        loaded = np.load(path, allow_pickle=False)
        arrays = dict(loaded) if hasattr(loaded, "files") else {"": loaded}
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}", advice="give an .npz file") from None
    except (ValueError, EOFError) as error:
        raise UsageError(f"{path} is no file of plain arrays: {error}", advice="save it with numpy.savez") from None
    if not arrays:
        raise UsageError(f"{path} holds no array", advice="save it with numpy.savez")
    return arrays


def examples(
    arrays: Mapping[str, Array],
    inputs: Sequence[Input],
    samples: int,
    where: str,
    *,
    seed: int | None = None,
    constant_ok: bool = False,
) -> list[list[Array]]:
    """One array an input for each example, with a batch of 1, in the order of the model's inputs.

    Args:
        arrays: by input name; where there is one array and one input, its name does not matter.
        samples: at most so many.
        where: of the dataset, for errors.
        seed: draws the examples; without one they are the first.
        constant_ok: an input whose values are all the same will do; to calibrate with, it will not.

    Raises:
        UsageError: an input is missing, or an array's shape, type, range or number of examples does not fit.
    """
    chosen = arrays_for(arrays, inputs, where, constant_ok=constant_ok)
    return [[array[i : i + 1] for array in chosen] for i in drawn(len(chosen[0]), samples, seed)]


def drawn(count: int, samples: int, seed: int | None) -> list[int]:
    """Which of `count` examples are used, at most `samples`: the first, or those that `seed` draws."""
    order: list[int] = list(range(count)) if seed is None else np.random.default_rng(seed).permutation(count).tolist()
    return order[:samples]


def arrays_for(
    arrays: Mapping[str, Array], inputs: Sequence[Input], where: str, *, constant_ok: bool = False
) -> list[Array]:
    """One array an input, examples first, in the order of the model's inputs; else as `examples`.

    Raises:
        UsageError: as `examples`.
    """
    chosen = [_array(arrays, wanted, len(inputs), where, constant_ok) for wanted in inputs]
    counts = {len(array) for array in chosen}
    if len(counts) != 1:
        raise UsageError(f"{where}: its arrays hold {sorted(counts)} examples", advice="give as many of each input")
    if not counts.pop():
        raise UsageError(f"{where} holds no example", advice="give at least one, better a hundred")
    return chosen


def _array(arrays: Mapping[str, Array], wanted: Input, inputs: int, where: str, constant_ok: bool) -> Array:
    array = arrays.get(wanted.name)
    if array is None and inputs == 1 and len(arrays) == 1:
        array = next(iter(arrays.values()))
    if array is None:
        known = ", ".join(sorted(arrays))
        raise UsageError(f"{where} has no array for input {wanted.name!r}", advice=f"it holds {known}")
    shape = array.shape[1:]
    if len(shape) != len(wanted.shape) or any(w not in (None, s) for w, s in zip(wanted.shape, shape, strict=True)):
        asked = " × ".join("?" if n is None else str(n) for n in wanted.shape) or "a scalar"
        got = " × ".join(map(str, shape)) or "a scalar"
        raise UsageError(f"{where}: input {wanted.name!r} is {asked}, and an example is {got}", advice="fix its shape")
    if array.dtype.kind not in "fiub":
        raise UsageError(f"{where}: input {wanted.name!r} is of type {array.dtype}", advice="give numbers")
    if not np.isfinite(array).all():
        raise UsageError(
            f"{where}: input {wanted.name!r} holds values that are no numbers", advice="remove NaN and Inf"
        )
    if not constant_ok and np.dtype(wanted.dtype).kind == "f" and array.size and array.min() == array.max():
        raise UsageError(f"{where}: input {wanted.name!r} is constant", advice="give real examples to calibrate with")
    return array.astype(wanted.dtype)


def iterate(listed: Sequence[list[Array]]) -> Iterator[list[Array]]:
    """The examples one by one, as the converter asks for them."""
    yield from listed
