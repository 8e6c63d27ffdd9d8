"""Real values into and out of quantized tensors: value = scale × (stored − zero point). Pure.

Method: TensorFlow Lite's quantization specification: rounded to the nearest step and limited to what the type holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.variants.dataset import Array


def quantize(values: Array, detail: Mapping[str, Any]) -> tuple[Array, int]:
    """Real values as the tensor stores them.

    Args:
        detail: of the interpreter: `dtype` and `quantization` (scale, zero point), scale 0 where there is none.

    Returns:
        The stored values, and how many lay outside the type by more than half a step and were limited.
    """
    dtype = np.dtype(detail["dtype"])
    scale, zero_point = detail["quantization"]
    if dtype.kind not in "iu" or not scale:
        return np.ascontiguousarray(values, dtype), 0
    limits = np.iinfo(dtype)
    # Steps of 8 bits are exact in float32, which is twice as fast; those of 16 bits need float64.
    real = np.dtype(np.float32 if dtype.itemsize == 1 else np.float64)
    wanted: Array = np.atleast_1d(np.asarray(values, real) / np.asarray(scale, real))
    np.rint(wanted, out=wanted)
    wanted += zero_point
    outside = 0
    if wanted.size and (wanted.min() < limits.min or wanted.max() > limits.max):
        outside = int(np.count_nonzero((wanted < limits.min) | (wanted > limits.max)))
        np.clip(wanted, limits.min, limits.max, out=wanted)
    return wanted.reshape(np.shape(values)).astype(dtype), outside


def dequantize(stored: Array, detail: Mapping[str, Any]) -> Array:
    """A tensor's values as real ones; as they are where the tensor has no scale."""
    scale, zero_point = detail["quantization"]
    if stored.dtype.kind not in "iu" or not scale:
        return stored
    real: Array = (stored.astype(np.float64) - zero_point) * scale
    return real.astype(np.float32)
