"""XNNPACK's table against XNNPACK itself, as LiteRT's wheel brings it: one tiny model a condition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.variants.lint.lint import Forecast, forecast
from harness.variants.lint.table import load_dynamic, load_table
from harness.variants.model_file import ModelInfo, read_model_file
from tests.racks import MODELS
from tests.variants.lint.cases import (
    Case,
    binary,
    bytes_,
    convolution,
    dense,
    floats,
    image,
    ints,
    pool,
    strided,
    unary,
    with_vector,
)
from tests.virtual.bench.tiny import Op, T

_FLOAT_ONLY = [
    "ABS",
    "CEIL",
    "COS",
    "EXP",
    "FLOOR",
    "GELU",
    "HARD_SWISH",
    "NEG",
    "RELU",
    "RELU6",
    "RELU_N1_TO_1",
    "ROUND",
    "RSQRT",
    "SIN",
    "SQRT",
    "SQUARE",
]
_TABLES = {"GELU": "GeluOptions", "LEAKY_RELU": "LeakyReluOptions"}
_ACTIVATED = {"ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions", "DIV": "DivOptions"}
PER_CHANNEL = (0.1, 0.2, 0.3, 0.4)


def _unaries() -> list[Case]:
    found = [unary(op, table=_TABLES[op]) if op in _TABLES else unary(op) for op in _FLOAT_ONLY]
    found += [unary(op, kind) for op in ("ELU", "TANH", "LOGISTIC") for kind in ("FLOAT32", "INT8")]
    found += [
        unary("HARD_SWISH", "INT8"),
        unary("RELU6", "INT8"),
        unary("LOG"),
        binary("ADD", "FLOAT16", table="AddOptions"),
        unary("LOG", "FLOAT16"),
    ]
    found += [unary("LEAKY_RELU", kind, table="LeakyReluOptions", alpha=0.5) for kind in ("FLOAT32", "INT8")]
    found += [unary("QUANTIZE", "FLOAT32", "INT8"), unary("DEQUANTIZE", "INT8", "FLOAT32")]
    return found


def _binaries() -> list[Case]:
    found = [binary(op, kind, table=table) for op, table in _ACTIVATED.items() for kind in ("FLOAT32", "INT8")]
    found += [binary(op, table=table, fusedActivationFunction=a) for op, table in _ACTIVATED.items() for a in (1, 3)]
    found += [binary("MAXIMUM"), binary("MINIMUM"), binary("SQUARED_DIFFERENCE"), binary("MAXIMUM", "INT8")]
    found += [binary("POW"), binary("FLOOR_DIV"), binary("ADD", "INT32", table="AddOptions")]
    found += [binary("PRELU", other=T("s", (1, 1, 4), floats(1, 1, 4)))]
    return found


def _weighted() -> list[Case]:
    channel, last = T("w", (4, 3, 3, 4), bytes_(4, 3, 3, 4), "INT8", PER_CHANNEL, axis=0), (1, 3, 3, 4)
    found = [convolution(op, kind) for op in ("CONV_2D", "DEPTHWISE_CONV_2D") for kind in ("FLOAT32", "INT8")]
    found += [
        convolution(name="fused_relu6", activation=3),
        convolution(name="per_channel", kind="INT8", weights=channel, bias=T("b", (4,), np.zeros(4, np.int32), "INT32", tuple(0.5 * s for s in PER_CHANNEL))),
        convolution(name="dynamic_range", weights=channel),
        convolution(name="computed_weights", weights=T("w", (4, 3, 3, 4))),
        convolution("DEPTHWISE_CONV_2D", name="depthwise_dynamic_range", weights=T("w", last, bytes_(*last), "INT8", PER_CHANNEL, axis=3)),
        dense(), dense("INT8"), dense(bias=False, name="no_bias_dense"), dense(activation=3, name="dense_relu6"),
        dense(weights=T("w", (3, 4), bytes_(3, 4), "INT8", (0.1, 0.2, 0.3), axis=0), name="dense_dynamic_range", version=3),
        dense(weights=T("w", (3, 4)), name="dense_computed_weights"),
        Case("matmul", [image(shape=(2, 3, 4)), T("m", (2, 4, 5)), image(name="y", shape=(2, 3, 5))], "BATCH_MATMUL", (0, 1), (2,), ("BatchMatMulOptions", {})),
    ]  # fmt: skip
    return found


def _shapes() -> list[Case]:
    found = [pool(op, kind) for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D") for kind in ("FLOAT32", "INT8")]
    found += [pool("MAX_POOL_2D", window=1, stride=2), pool("AVERAGE_POOL_2D", activation=3)]
    byte = [image("INT8"), T("y", (1, 4, 4, 4), kind="INT8", scale=(1 / 256,), zero=-128)]
    found += [unary("SOFTMAX", kind, table="SoftmaxOptions", beta=1.0) for kind in ("FLOAT32", "FLOAT16")]
    found += [Case("softmax_int8", byte, "SOFTMAX", (0,), (1,), ("SoftmaxOptions", {"beta": 1.0}))]
    found += [unary("SOFTMAX", table="SoftmaxOptions", beta=0.5), unary("LOG_SOFTMAX")]
    for kind in ("FLOAT32", "INT8"):
        reducer = ("ReducerOptions", {"keepDims": True})
        found += [
            with_vector(op, ints(1, 2), (1, 1, 1, 4), kind, options=reducer)
            for op in ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN")
        ]
        found += [
            with_vector("RESHAPE", ints(1, 64), (1, 64), kind),
            with_vector("TRANSPOSE", ints(0, 2, 1, 3), (1, 4, 4, 4), kind),
        ]
        found += [with_vector("PAD", ints(*[0, 0, 1, 1, 1, 1, 0, 0]).reshape(4, 2), (1, 6, 6, 4), kind)]
        found += [with_vector("RESIZE_BILINEAR", ints(8, 8), (1, 8, 8, 4), kind, options=("ResizeBilinearOptions", {}))]
        found += [strided(kind, name=f"strided_{kind}")]
        found += [
            Case(
                f"concatenation_{kind}",
                [image(kind, "a"), image(kind, "b"), image(kind, "y", (1, 4, 4, 8))],
                "CONCATENATION",
                (0, 1),
                (2,),
                ("ConcatenationOptions", {"axis": 3}),
            )
        ]
        found += [
            Case(
                f"split_{kind}",
                [
                    T("axis", (), np.int32(3), "INT32"),
                    image(kind),
                    image(kind, "p", (1, 4, 4, 2)),
                    image(kind, "q", (1, 4, 4, 2)),
                ],
                "SPLIT",
                (0, 1),
                (2, 3),
                ("SplitOptions", {"numSplits": 2}),
            )
        ]
        found += [
            Case(
                f"slice_{kind}",
                [
                    image(kind),
                    T("b", (4,), ints(0, 1, 1, 0), "INT32"),
                    T("s", (4,), ints(1, 2, 2, 4), "INT32"),
                    image(kind, "y", (1, 2, 2, 4)),
                ],
                "SLICE",
                (0, 1, 2),
                (3,),
                ("SliceOptions", {}),
            )
        ]
        found += [
            Case(
                f"depth_{kind}",
                [image(kind), image(kind, "y", (1, 8, 8, 1))],
                "DEPTH_TO_SPACE",
                (0,),
                (1,),
                ("DepthToSpaceOptions", {"blockSize": 2}),
            )
        ]
        found += [
            Case(
                f"space_{kind}",
                [image(kind), image(kind, "y", (1, 2, 2, 16))],
                "SPACE_TO_DEPTH",
                (0,),
                (1,),
                ("SpaceToDepthOptions", {"blockSize": 2}),
            )
        ]
    found += [strided(step=2, name="step_two"), strided(name="shrunk", shrinkAxisMask=1)]
    found += [pool("MAX_POOL_2D", "FLOAT16"), pool("AVERAGE_POOL_2D", "FLOAT16")]
    axis, parts = T("axis", (), np.int32(1), "INT32"), [image(name=f"y{i}", shape=(1, 2, 4, 4)) for i in range(5)]
    five = [axis, image(shape=(1, 10, 4, 4)), *parts]
    found += [Case("split_5", five, "SPLIT", (0, 1), (2, 3, 4, 5, 6), ("SplitOptions", {"numSplits": 5}))]
    six = [*(image(name=f"a{i}") for i in range(6)), image(name="y", shape=(1, 4, 4, 24))]
    found += [
        Case("concatenation_6", six, "CONCATENATION", tuple(range(6)), (6,), ("ConcatenationOptions", {"axis": 3}))
    ]
    open_size = [image(), T("b", (4,), ints(0, 1, 1, 0), "INT32"), T("s", (4,), ints(1, -1, -1, 4), "INT32")]
    found += [Case("slice_open", [*open_size, image(name="y", shape=(1, 3, 3, 4))], "SLICE", (0, 1, 2), (3,))]
    found += [with_vector("EXPAND_DIMS", np.array(0, np.int32), (1, 1, 4, 4, 4))]
    found += [with_vector("RESHAPE", ints(1, 64), (1, 64), name="computed_shape", stored=False)]
    return found


def _scales() -> list[Case]:
    """Quantizations that XNNPACK's kernels cannot express."""

    def byte(name: str, scale: float, kind: str = "INT8", shape: tuple[int, ...] = (1, 4)) -> T:
        return T(name, shape, kind=kind, scale=(scale,))

    concatenation = ("ConcatenationOptions", {"axis": 1})
    return [
        Case("quantize_far", [byte("x", 1.0), byte("y", 0.001)], "QUANTIZE", (0,), (1,)),
        Case("add_far", [byte("a", 300.0), byte("b", 1.0), byte("y", 1.0)], "ADD", (0, 1), (2,), ("AddOptions", {})),
        Case("reshape_scales", [byte("x", 1.0), T("s", (1,), ints(4), "INT32"), byte("y", 0.5, shape=(4,))], "RESHAPE", (0, 1), (2,)),
        Case("join_scales", [byte("a", 1.0, "UINT8"), byte("b", 0.5, "UINT8"), byte("y", 1.0, "UINT8", (1, 8))], "CONCATENATION", (0, 1), (2,), concatenation),
        Case("join_same", [byte("a", 1.0, "UINT8"), byte("b", 1.0, "UINT8"), byte("y", 1.0, "UINT8", (1, 8))], "CONCATENATION", (0, 1), (2,), concatenation),
        unary("LEAKY_RELU", table="LeakyReluOptions", alpha=0.0),
    ]  # fmt: skip


def _transposed() -> list[Case]:
    found = []
    for stride in (2, 4):
        side, options = 4 * stride, ("TransposeConvOptions", {"strideH": stride, "strideW": stride})
        tensors = [T("s", (4,), ints(1, side, side, 4), "INT32"), T("w", (4, 3, 3, 4), floats(4, 3, 3, 4))]
        tensors += [image(), image(name="y", shape=(1, side, side, 4))]
        found.append(Case(f"transposed_{stride}", tensors, "TRANSPOSE_CONV", (0, 1, 2), (3,), options))
    for kind in ("INT8", "FLOAT16"):
        tensors = [image(kind, shape=(2, 3, 4)), image(kind, "m", (2, 4, 5)), image(kind, "y", (2, 3, 5))]
        found.append(Case(f"matmul_{kind}", tensors, "BATCH_MATMUL", (0, 1), (2,), ("BatchMatMulOptions", {})))
    return found


CASES = {c.name: c for c in [*_unaries(), *_binaries(), *_weighted(), *_transposed(), *_shapes(), *_scales()]}


def delegated(path: Path) -> tuple[int, list[tuple[set[int], set[int]]]]:
    """How many kernels the runtime made, and each one's inputs and outputs by tensor."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    ops: list[dict[str, Any]] = [o for o in interpreter._get_ops_details() if o["op_name"] == "DELEGATE"]
    return len(ops), [({int(i) for i in o["inputs"]}, {int(i) for i in o["outputs"]}) for o in ops]


def expected(model: ModelInfo, found: Forecast) -> list[tuple[set[int], set[int]]]:
    """The same from a forecast: what crosses the border of each kernel."""
    graph = model.graphs[0]
    kernels = []
    for taken, nodes in found.groups:
        if not taken:
            continue
        inside = [graph.ops[n] for n in nodes]
        made = {t for op in inside for t in op.outputs}
        outside = {t for op in graph.ops if op.index not in nodes for t in op.inputs} | set(graph.outputs)
        kernels.append(({t for op in inside for t in op.inputs if t >= 0} - made, made & outside))
    return kernels


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_real_delegate_takes_what_the_table_says(name: str, tmp_path: Path) -> None:
    path = CASES[name].write(tmp_path)
    model = read_model_file(path)
    found = forecast(model, load_table("xnnpack"), load_dynamic(), sdk=30)
    count, kernels = delegated(path)
    assert (count, kernels) == (found.kernels, expected(model, found)), found.findings


@pytest.mark.parametrize("name", ["digits_float32", "digits_float16", "digits_int8", "partial_gpu", "dynamic"])
def test_whole_models(name: str) -> None:
    path = MODELS / f"{name}.tflite"
    model = read_model_file(path)
    found = forecast(model, load_table("xnnpack"), load_dynamic(), sdk=30)
    assert delegated(path)[1] == expected(model, found)


def test_half_weights_that_a_refused_node_reads_stay_with_it(tmp_path: Path) -> None:
    half = T("h", (1, 4), floats(1, 4).astype(np.float16), "FLOAT16")
    for op, kernels in (("ATAN2", 0), ("MAXIMUM", 1)):
        tensors = [image(shape=(1, 4)), half, T("f", (1, 4)), image(name="y", shape=(1, 4))]
        path = Case(f"half_{op}", tensors, op, (0, 2), (3,), before=[Op("DEQUANTIZE", (1,), (2,))]).write(tmp_path)
        model = read_model_file(path)
        found = forecast(model, load_table("xnnpack"), load_dynamic(), sdk=30)
        assert found.kernels == kernels and delegated(path)[1] == expected(model, found)
