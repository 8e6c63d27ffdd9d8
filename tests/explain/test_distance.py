"""How far arrays are apart, and rounding."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from harness.explain.distance import LIMITS, ChannelWidths, Distance, channel_errors, dequantize, rounded, span
from harness.variants.model_file import Quantization

VALUES = arrays.arrays(np.float32, st.integers(1, 40), elements=st.floats(-100, 100, width=32))
SCALES = st.floats(0.0009765625, 10, width=32)


@given(VALUES, SCALES, st.integers(-128, 127), st.sampled_from(["INT8", "INT16"]))
def test_within_the_span_a_value_moves_by_half_a_step_at_most_and_beyond_it_is_cut(
    values: np.ndarray, scale: float, zero: int, kind: str
) -> None:
    found = Quantization((scale,), (zero,), None)
    low, high = span(found, kind)
    got = rounded(values, found, kind)
    inside = (values >= low) & (values <= high)
    assert np.all(np.abs(got - values)[inside] <= scale / 2 + 1e-4)
    assert np.allclose(got[values > high], high, rtol=1e-5) and np.allclose(got[values < low], low, rtol=1e-5)


@given(VALUES, SCALES, st.integers(-128, 127))
def test_rounding_twice_is_rounding_once(values: np.ndarray, scale: float, zero: int) -> None:
    found = Quantization((scale,), (zero,), None)
    once = rounded(values, found, "INT8")
    assert np.array_equal(rounded(once, found, "INT8"), once)


@given(VALUES, SCALES)
def test_what_is_stored_comes_back(values: np.ndarray, scale: float) -> None:
    found = Quantization((scale,), (3,), None)
    low, high = LIMITS["INT8"]
    stored = np.clip(np.rint(values / scale + 3), low, high).astype(np.int8)
    assert np.allclose(dequantize(stored, found), rounded(values, found, "INT8"), rtol=1e-5, atol=1e-5)


def test_each_channel_has_its_own_scale() -> None:
    stored = np.array([[1, 2], [3, 4]], np.int8)
    assert dequantize(stored, Quantization((1.0, 10.0), (0, 0), 0)).tolist() == [[1, 2], [30, 40]]
    assert dequantize(stored, Quantization((1.0, 10.0), (0, 0), 1)).tolist() == [[1, 20], [3, 40]]


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_examples_one_by_one_are_as_all_at_once(parts: list[np.ndarray]) -> None:
    rng = np.random.default_rng(0)
    noisy = [p + rng.normal(0, 1, p.shape).astype(np.float32) for p in parts]
    streamed, whole = Distance(), Distance()
    for part, other in zip(parts, noisy, strict=True):
        streamed.add(part, other)
    whole.add(np.concatenate(parts), np.concatenate(noisy))
    for key, value in whole.as_dict().items():
        got = streamed.as_dict()[key]
        assert got is value is None or got == pytest.approx(value, rel=1e-4, abs=1e-9), key
    reference, other = np.concatenate(parts).astype(float), np.concatenate(noisy).astype(float)
    assert whole.rmse == pytest.approx(math.sqrt(((reference - other) ** 2).mean()))


def test_figures_by_hand() -> None:
    found = Distance()
    found.add(np.array([3.0, 4.0]), np.array([3.0, 3.5]))
    assert found.sqnr_db == pytest.approx(20.0) and found.noise == pytest.approx(0.01)  # 25 against 0.25
    assert found.rmse == pytest.approx(math.sqrt(0.125)) and found.rmse_of_range == pytest.approx(math.sqrt(0.125))
    assert found.cosine == pytest.approx((9 + 14) / (5 * math.hypot(3, 3.5)))


def test_what_is_not_known_is_none_and_not_a_number() -> None:
    same, nothing = Distance(), Distance()
    same.add(np.ones(3), np.ones(3))
    nothing.add(np.zeros(3), np.ones(3))
    assert same.sqnr_db is None and same.noise == 0 and same.rmse_of_range is None
    mad = Distance()
    mad.add(np.array([1.0, -np.inf]), np.array([1.0, 2.0]))
    assert mad.noise == math.inf and set(mad.as_dict().values()) == {None}
    assert nothing.sqnr_db is None and nothing.noise == math.inf and nothing.cosine is None
    assert Distance().rmse is None


def test_channels_that_fall_into_one_step() -> None:
    widths = ChannelWidths()
    widths.add(np.array([[0.0, 0.0, 5.0], [100.0, 0.5, 5.0]]))
    widths.add(np.array([[3.0, 0.9, 5.0]]))
    assert widths.alive == 2 and widths.below(1.0) == 1 and widths.below(0.1) == 0


def test_weights_by_channel() -> None:
    reference = np.array([[1.0, -2.0], [0.0, 0.0], [10.0, 0.0]])
    other = np.array([[1.5, -2.0], [0.0, 0.0], [10.0, 1.0]])
    assert channel_errors(reference, other, 0) == pytest.approx([math.sqrt(0.125) / 2, 0.0, math.sqrt(0.5) / 10])
