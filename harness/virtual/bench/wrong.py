"""Outputs as a broken delegate leaves them, for phones that are told to compute wrongly. Pure.

Integers hold no NaN or Inf: what stands in their place is what ARM's conversion makes of these, 0 and the largest
value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.virtual.bench.graph import Tensor
from harness.virtual.faults import How

Array = npt.NDArray[Any]

#: Noise reaches so far, as a share of the values' range.
_NOISE = 0.4
_SEED = 1


def spoiled(data: bytes, parts: Sequence[tuple[str, int]], outputs: Sequence[Tensor], how: How, first: bytes) -> bytes:
    """What is written in place of the right outputs.

    Args:
        data: the right outputs, one after the other.
        parts: numpy type and bytes of each.
        outputs: their tensors.
        first: the outputs of that model's first run on this phone, for `stale`.
    """
    if how == "stale":
        return first
    spoil, found, offset = _HOW[how], b"", 0
    for (kind, size), tensor in zip(parts, outputs, strict=True):
        piece = data[offset : offset + size]
        offset += size
        if kind != "object":
            values = np.frombuffer(piece, np.dtype(kind))
            width = tensor.shape[-1] if tensor.shape and values.size % tensor.shape[-1] == 0 else 1
            piece = spoil(values, width).astype(values.dtype).tobytes()
        found += piece
    return found


def _nan(values: Array, _width: int) -> Array:
    return np.full_like(values, np.nan if values.dtype.kind == "f" else 0)


def _inf(values: Array, _width: int) -> Array:
    return np.full_like(values, np.inf if values.dtype.kind == "f" else _most(values))


def _zero(values: Array, _width: int) -> Array:
    return np.zeros_like(values)


def _constant(values: Array, _width: int) -> Array:
    return np.full_like(values, values.mean() if values.size else 0)


def _noise(values: Array, _width: int) -> Array:
    if values.dtype.kind == "b":
        return np.logical_not(values)
    real = values.dtype.kind == "f"
    far = _NOISE * (float(np.ptp(values.astype(np.float64))) or 1.0)
    noise = np.random.default_rng(_SEED).choice((-far, far) if real else (-max(1.0, far), max(1.0, far)), values.shape)
    return np.asarray(values + noise if real else np.clip(values + noise, _least(values), _most(values)))


def _channel_swap(values: Array, width: int) -> Array:
    return np.roll(values.reshape(-1, width), 1, axis=1).ravel()


def _most(values: Array) -> int:
    return 1 if values.dtype.kind == "b" else int(np.iinfo(values.dtype).max)


def _least(values: Array) -> int:
    return int(np.iinfo(values.dtype).min)


_HOW: dict[str, Callable[[Array, int], Array]] = {
    "nan": _nan,
    "inf": _inf,
    "zero": _zero,
    "constant": _constant,
    "noise": _noise,
    "channel_swap": _channel_swap,
}
