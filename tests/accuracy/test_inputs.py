"""Inputs of a file and random ones."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.accuracy.inputs import InputSpec, given_inputs, input_specs, quantized, random_inputs
from harness.errors import UsageError
from harness.variants.dataset import read_npz
from harness.variants.model_file import Quantization, read_model_file
from tests.racks import MODELS

BYTES = Quantization((0.5,), (3,), None)
IMAGE = InputSpec(("serving_default_image:0", "image"), (1, 4, 4, 1), "float32")


def test_inputs_are_named_by_tensor_and_signature() -> None:
    (spec,) = input_specs(read_model_file(MODELS / "digits_int8.tflite"))
    assert spec.names == ("serving_default_image:0", "image") and spec.dtype == "int8"
    assert spec.quantization is not None and spec.quantization.zero_point == (-128,)


def test_one_file_serves_float_and_integer_variants() -> None:
    arrays = read_npz(MODELS / "digits_inputs.npz")
    real = given_inputs(arrays, input_specs(read_model_file(MODELS / "digits_float32.tflite")), 3, "f")
    stored = given_inputs(arrays, input_specs(read_model_file(MODELS / "digits_int8.tflite")), 3, "f")
    assert len(real) == len(stored) == 3 and real[0][0].dtype == np.float32 and stored[0][0].dtype == np.int8
    assert np.abs((stored[1][0].astype(float) + 128) / 255 - real[1][0]).max() < 0.003


def test_any_name_serves_where_there_is_one_input_and_labels_are_passed_over() -> None:
    images = np.random.RandomState(0).rand(5, 4, 4, 1)
    found = given_inputs({"x": images, "labels": np.arange(5)}, [IMAGE], 9, "f")
    assert len(found) == 5 and found[4][0].shape == (1, 4, 4, 1) and found[4][0].dtype == np.float32


def test_a_free_size_is_that_of_the_file() -> None:
    spec = InputSpec(("ids",), (-1, -1), "int32")
    (one,) = given_inputs({"ids": np.arange(6).reshape(2, 3)}, [spec], 1, "f")
    assert one[0].shape == (1, 3) and one[0].dtype == np.int32


@pytest.mark.parametrize(
    ("arrays", "spec", "said"),
    [
        ({"x": np.zeros((2, 5, 4, 1))}, IMAGE, "input 'image' is 4 × 4 × 1, and an example is 5 × 4 × 1"),
        ({"a": np.ones((1, 2)), "b": np.ones((1, 2))}, IMAGE, "has no array for input 'image'"),
        ({"x": np.array([[1.5]])}, InputSpec(("n",), (1, 1), "int32"), "values of type float64 do not fit"),
        ({"x": np.array([[300]])}, InputSpec(("n",), (1, 1), "uint8", BYTES), "values of type int64 do not fit"),
        ({"x": np.ones((8, 2))}, InputSpec(("n",), (4, 2), "float32"), "takes 4 examples at once"),
        ({"x": np.zeros((0, 4, 4, 1))}, IMAGE, "holds no example"),
    ],
)
def test_what_does_not_fit_is_told(arrays: dict[str, Any], spec: InputSpec, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        given_inputs(arrays, [spec], 3, "f.npz")


@given(st.lists(st.floats(-1e9, 1e9), min_size=1), st.sampled_from(["int8", "uint8"]))
def test_quantizing_takes_the_nearest_value_that_there_is(values: list[float], dtype: str) -> None:
    stored = quantized(np.array(values), BYTES, dtype)
    limits = np.iinfo(dtype)
    back = (stored.astype(float) - 3) * 0.5
    for value, near, code in zip(values, back, stored, strict=True):
        assert abs(near - value) <= 0.25 + 1e-6 or code in (limits.min, limits.max)


@given(st.sampled_from(["float32", "int8", "uint8", "int16", "int32", "int64", "bool"]), st.integers(1, 6))
def test_random_inputs_stay_the_same_and_within_their_type(dtype: str, samples: int) -> None:
    spec = InputSpec(("x",), (1, 20, 13, 2), dtype)
    found = random_inputs([spec, spec], samples)
    again = random_inputs([spec, spec], samples + 1)
    for one, other in zip(found, again[:samples], strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert not np.array_equal(found[0][0], found[0][1]) or dtype == "bool"
    for array in found[-1]:
        assert array.dtype == np.dtype(dtype) and array.shape == (1, 20, 13, 2)
        if dtype == "float32":
            assert -1 <= array.min() < array.max() <= 1
        if dtype in ("int16", "int32", "int64"):
            assert array.min() >= 0 and array.max() <= 99


def test_random_pictures_differ_in_their_squares() -> None:
    first, second, third = (s[0][0, :, :, 0] for s in random_inputs([InputSpec(("x",), (1, 64, 64, 1), "float32")], 3))
    distinct = [len(np.unique(picture)) for picture in (first, second, third)]
    assert distinct == [64 * 64, 16 * 16, 4 * 4]


def test_free_sizes_of_random_inputs_are_one() -> None:
    ((array,),) = random_inputs([InputSpec(("x",), (-1, 8), "float32")], 1)
    assert array.shape == (1, 8)


def test_strings_are_no_numbers() -> None:
    model = read_model_file(MODELS / "digits_int8.tflite")
    tensors = model.graphs[0].tensors
    object.__setattr__(tensors[model.graphs[0].inputs[0]], "type", "STRING")
    with pytest.raises(UsageError, match="of type STRING"):
        input_specs(model)
