"""Real values into quantized tensors and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.accuracy.quantized import dequantize, quantize

kinds = st.sampled_from(["int8", "uint8", "int16"])


@given(st.lists(st.floats(-1e4, 1e4), min_size=1), kinds, st.floats(1e-4, 10), st.integers(-100, 100))
def test_what_fits_comes_back_within_half_a_step(values: list[float], kind: str, scale: float, zero: int) -> None:
    detail = {"dtype": np.dtype(kind).type, "quantization": (scale, zero)}
    array = np.array(values)
    stored, outside = quantize(array, detail)
    limits = np.iinfo(kind)
    low, high = (limits.min - zero) * scale, (limits.max - zero) * scale
    assert stored.dtype == kind
    back = dequantize(stored, detail)
    assert np.abs(back - np.clip(array, low, high)).max() <= scale * 0.501 + 1e-5 * max(1, np.abs(back).max())
    beyond = (array < low - scale * 0.51) | (array > high + scale * 0.51)
    surely = (array < low - scale * 0.49) | (array > high + scale * 0.49)
    assert beyond.sum() <= outside <= surely.sum()


def test_what_has_no_scale_is_only_converted() -> None:
    detail = {"dtype": np.int32, "quantization": (0.0, 0)}
    stored, outside = quantize(np.array([3.0, -2.0]), detail)
    assert stored.tolist() == [3, -2] and stored.dtype == np.int32 and outside == 0
    assert dequantize(stored, detail) is stored


def test_the_middle_of_int8() -> None:
    detail = {"dtype": np.int8, "quantization": (1 / 255, -128)}
    stored, outside = quantize(np.array([0.0, 0.5, 1.0, 2.0]), detail)
    assert stored.tolist() == pytest.approx([-128, 0, 127, 127], abs=1) and outside == 1
