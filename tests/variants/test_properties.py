"""Zeros, distinct weights and types found in a file."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.variants.claims import unkept
from harness.variants.kinds import KINDS
from harness.variants.kinds.base import Trained
from harness.variants.model_file import GraphInfo, ModelInfo, OpInfo, Quantization, TensorInfo, read_model_file
from harness.variants.properties import distinct, distinct_in_channel, ends, float_activations, sparsity, zeros

MODELS = Path(__file__).parents[1] / "models"


def model(values: np.ndarray, op: str = "FULLY_CONNECTED", quantization: Quantization | None = None) -> ModelInfo:
    """One operator with these weights."""
    kind = {"f": "FLOAT32", "i": "INT8"}[values.dtype.kind]
    tensors = (
        TensorInfo(0, "x", (1, 4), "FLOAT32", 0, None, False),
        TensorInfo(1, "w", values.shape, kind, values.nbytes, quantization, False, values.ravel()),
        TensorInfo(2, "y", (1, 4), "FLOAT32", 0, None, False),
    )
    ops = (OpInfo(0, op, False, 1, (0, 1), (2,), 16),)
    graph = GraphInfo("main", tensors, ops, (0,), (2,))
    return ModelInfo("0" * 64, 1, "", (graph,), (), {})


def weights(found: ModelInfo) -> tuple[GraphInfo, TensorInfo]:
    return found.graphs[0], found.graphs[0].weights[0]


@given(st.lists(st.integers(-3, 3), min_size=12, max_size=12), st.integers(-2, 2))
def test_counts_are_those_of_the_values(listed: list[int], zero: int) -> None:
    values = np.array(listed, np.int8).reshape(3, 4)
    found = model(values, quantization=Quantization((0.1,), (zero,), None))
    graph, tensor = weights(found)
    assert sparsity(tensor) == listed.count(zero) / 12 and zeros(found) == listed.count(zero)
    assert distinct(tensor) == len(set(listed))
    assert distinct_in_channel(graph, tensor) == max(len(set(row)) for row in values.tolist())


def test_the_channels_of_a_depthwise_kernel_are_last() -> None:
    values = np.array([[[[1, 5], [1, 6], [1, 7]]]], np.float32)
    graph, tensor = weights(model(values, op="DEPTHWISE_CONV_2D"))
    assert tensor.shape == (1, 1, 3, 2) and distinct_in_channel(graph, tensor) == 3
    graph, tensor = weights(model(values, op="CONV_2D"))
    assert distinct_in_channel(graph, tensor) == 4


def test_types_of_real_files() -> None:
    whole, full = (read_model_file(MODELS / f"digits_{n}.tflite") for n in ("float32", "int8"))
    assert ends(whole) == {"FLOAT32"} and ends(full) == {"INT8"}
    assert float_activations(full) == [] and len(float_activations(whole)) > 5


@pytest.mark.parametrize(
    ("kind", "values", "claims", "said"),
    [
        ("pruned", [1.0, 2.0, 3.0, 0.0], [Trained(zeros=2, covered=4)], "pruning made 2 weights zero, and 1 are zero"),
        ("pruned", [1.0, 2.0, 0.0, 0.0], [Trained(zeros=2, covered=4)], None),
        (
            "clustered",
            [1.0, 2.0, 3.0, 3.0],
            [Trained(clusters=2, covered=4)],
            "4 weights were clustered to 2 values, and 0",
        ),
        ("clustered", [1.0, 3.0, 3.0, 3.0], [Trained(clusters=2, covered=4)], None),
        ("float16", [1.0, 2.0, 3.0, 3.0], [], "it has no weights in float16"),
        ("dynamic_range", [1.0, 2.0, 3.0, 3.0], [], "no weights are in int8"),
        ("int8", [1.0, 2.0, 3.0, 3.0], [], "2 tensors are left in float, the first is x"),
        ("int16x8", [1.0, 2.0, 3.0, 3.0], [], "its weights are float32, not int8"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(
    kind: str, values: list[float], claims: list[Trained], said: str | None
) -> None:
    chosen = KINDS[kind]
    found = unkept(model(np.array([values], np.float32)), chosen, chosen.options(), claims)
    assert (found is None) if said is None else (found is not None and said in found)


def test_custom_operators_have_to_be_named() -> None:
    flex, kind = read_model_file(MODELS / "flex.tflite"), KINDS["float32"]
    assert unkept(flex, kind, kind.options(), []) == "it holds the custom operators FlexMatrixDeterminant"
    assert unkept(flex, kind, kind.options.model_validate({"flex": True}), []) is None
    own = kind.options.model_validate({"custom_ops": ["FlexMatrixDeterminant"]})
    assert unkept(flex, kind, own, []) is None


def test_weights_that_are_kept_outside_the_file() -> None:
    found = model(np.zeros((4, 4), np.float32))
    bare = GraphInfo("main", found.graphs[0].tensors[:1] + found.graphs[0].tensors[2:], found.graphs[0].ops, (0,), (2,))
    broken = ModelInfo("", 1, "", (bare,), (), {})
    assert unkept(broken, KINDS["float32"], KINDS["float32"].options(), []) == "its weights are not in the file"
    assert math.isclose(sum(op.macs for op in bare.ops), 16)
