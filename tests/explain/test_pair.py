"""A float model and its quantized one side by side."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from harness.errors import UsageError
from harness.explain.pair import pair_up
from harness.variants.model_file import read_model_file
from tests.explain.planted import MODELS, QUANTIZED, WHOLE, pair


def test_every_layer_is_found_with_what_it_became() -> None:
    found = pair()
    assert [layer.op for layer in found.layers] == [
        "CONV_2D", "CONV_2D", "CONV_2D", "MAX_POOL_2D", "RESHAPE", "FULLY_CONNECTED",
    ]  # fmt: skip
    assert all(layer.carrier is not None and layer.carrier.type == "INT8" for layer in found.layers)
    assert [layer.passes_on for layer in found.layers] == [False, False, False, True, True, False]
    assert found.graph.inputs[0] in found.carriers


def test_weights_come_back_in_float_close_to_what_they_were() -> None:
    found = pair()
    for layer in found.layers:
        for values in (v for place, v in layer.constants.items() if place == 1):
            tensor = found.graph.tensors[found.graph.ops[layer.index].inputs[1]]
            assert tensor.values is not None
            wanted = tensor.values.reshape(values.shape)
            assert np.abs(values - wanted).max() <= np.abs(wanted).max() / 100
    assert {place for layer in found.layers for place in layer.constants} == {1, 2}


def test_weights_in_half_precision_are_found_behind_their_cast() -> None:
    whole, half = (read_model_file(MODELS / f"digits_{kind}.tflite") for kind in ("float32", "float16"))
    found = pair_up(whole, half)
    assert not found.carriers and all(layer.reason for layer in found.layers)
    assert sum(1 in layer.constants for layer in found.layers) == 7


def test_names_find_layers_where_the_order_does_not() -> None:
    whole, quantized = read_model_file(WHOLE), read_model_file(QUANTIZED)
    graph = quantized.graphs[0]
    less = dataclasses.replace(graph, ops=graph.ops[:-1])
    found = pair_up(whole, dataclasses.replace(quantized, graphs=(less,)))
    assert [layer.carrier is not None for layer in found.layers] == [True] * 5 + [False]
    assert found.layers[-1].reason == "not found in the quantized model: fused or renamed"


def test_weights_that_are_not_read_are_said_to_be_so() -> None:
    whole = read_model_file(WHOLE)
    graph = whole.graphs[0]
    weight = graph.ops[0].inputs[1]
    small = tuple(dataclasses.replace(t, type="INT4") if t.index == weight else t for t in graph.tensors)
    four = dataclasses.replace(whole, graphs=(dataclasses.replace(graph, tensors=small),))
    with pytest.raises(UsageError, match="the second model's weights are int4, which are not read"):
        pair_up(whole, four)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("planted_int8", "planted_float32", "the first model is quantized itself; give the float model first"),
        ("planted_float32", "planted_float32", "nothing in the second model is quantized"),
        ("planted_float32", "partial_gpu", "no layer of the one model is in the other"),
    ],
)
def test_what_is_no_pair(first: str, second: str, said: str) -> None:
    one, other = (read_model_file(MODELS / f"{name}.tflite") for name in (first, second))
    with pytest.raises(UsageError, match=said):
        pair_up(one, other)
