"""The GPU's table: a model a condition, and what the official program printed of recorded models."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from harness.benchmark.output import delegated_nodes, read_runtime_info
from harness.variants.lint.lint import Forecast, forecast
from harness.variants.lint.table import load_dynamic, load_table
from harness.variants.model_file import read_model_file
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
from tests.virtual.bench.cases import RUNS
from tests.virtual.bench.tiny import Op, T


def lint(path: Path) -> Forecast:
    """What the GPU takes."""
    return forecast(read_model_file(path), load_table("gpu"), load_dynamic(), sdk=30)


def _gather(table: T, indices: T) -> Case:
    tensors = [table, indices, image(name="y", shape=(4, 8))]
    return Case("gather", tensors, "GATHER", (0, 1), (2,), ("GatherOptions", {}))


def _select(choice: T) -> Case:
    condition = T("c", (1, 4, 4, 4), kind="BOOL")
    return Case("select", [condition, choice, image(name="b"), image(name="y")], "SELECT_V2", (0, 1, 2), (3,))


REFUSED = {
    "operator": (unary("CEIL"), "not among those"),
    "custom": (Case("own", [image(), image(name="y")], "Own", (0,), (1,)), "a custom operator not among those"),
    "version": (convolution(version=7), "version 7 of the operator; versions 1 to 6 are taken"),
    "old version": (dense(version=10), "versions 1 to 9"),
    "rank": (
        Case("five", [image(shape=(1, 1, 2, 2, 2)), image(name="y", shape=(1, 1, 2, 2, 2))], "ABS", (0,), (1,)),
        "more than 4",
    ),
    "type": (unary("ABS", "INT16"), "input of type INT16"),
    "integers": (binary("ADD", "INT32", table="AddOptions"), "input of type INT32"),
    "beta": (unary("SOFTMAX", table="SoftmaxOptions", beta=0.5), "a beta other than 1"),
    "broadcast": (
        binary("ADD", other=T("v", (2, 4), floats(2, 4)), table="AddOptions"),
        "operands of different rank",
    ),
    "fused": (binary("SUB", table="SubOptions", fusedActivationFunction=5), "a fused activation"),
    "axes": (with_vector("MEAN", ints(1, 2), (1, 4), stored=False), "exactly one computed input"),
    "paddings": (
        Case(
            "pad",
            [
                image(shape=(2, 2)),
                T("p", (2, 2), ints(0, 0, 1, 1).reshape(2, 2), "INT32"),
                image(name="y", shape=(2, 4)),
            ],
            "PAD",
            (0, 1),
            (2,),
        ),
        "other than 3 or 4",
    ),
    "shrink": (strided(shrinkAxisMask=1), "an axis that is dropped"),
    "slice rank": (
        Case(
            "slice",
            [
                image(shape=(2, 4)),
                T("b", (2,), ints(0, 0), "INT32"),
                T("s", (2,), ints(1, 4), "INT32"),
                image(name="y", shape=(1, 4)),
            ],
            "SLICE",
            (0, 1, 2),
            (3,),
        ),
        "3 or 4 dimensions",
    ),
    "stride": (pool("MAX_POOL_2D", stride=0 + 1, window=0), "no window"),
    "block": (
        Case(
            "block", [image(), image(name="y")], "SPACE_TO_DEPTH", (0,), (1,), ("SpaceToDepthOptions", {"blockSize": 1})
        ),
        "a block of 1",
    ),
    "symmetric": (
        Case(
            "mirror",
            [image(), T("p", (4, 2), np.zeros((4, 2), np.int32), "INT32"), image(name="y")],
            "MIRROR_PAD",
            (0, 1),
            (2,),
            ("MirrorPadOptions", {"mode": 1}),
        ),
        "symmetric padding",
    ),
    "cast": (unary("CAST", "INT64", "FLOAT32"), "a conversion"),
    "cast to bytes": (unary("CAST", "FLOAT32", "INT8"), "a conversion"),
    "comparison": (
        Case("less", [image(name="a"), image(name="b"), T("y", (1, 4, 4, 4), kind="BOOL")], "LESS", (0, 1), (2,)),
        "not read by just one CAST",
    ),
    "choice": (_select(image(name="a", shape=(4, 4))), "neither the result's shape"),
    "16 bit": (unary("DEQUANTIZE", "INT16", "FLOAT32"), "16-bit integers"),
    "corners": (
        with_vector(
            "RESIZE_BILINEAR",
            ints(8, 8),
            (1, 8, 8, 4),
            options=("ResizeBilinearOptions", {"alignCorners": True, "halfPixelCenters": True}),
        ),
        "aligned corners",
    ),
    "weights format": (
        Case(
            "shuffled",
            [image(shape=(2, 4)), T("w", (3, 4), floats(3, 4)), image(name="y", shape=(2, 3))],
            "FULLY_CONNECTED",
            (0, 1),
            (2,),
            ("FullyConnectedOptions", {"weightsFormat": 1}),
        ),
        "another format",
    ),
    "depth": (
        Case(
            "depth",
            [
                image(),
                T("w", (1, 3, 3, 8), floats(1, 3, 3, 8)),
                T("b", (8,), floats(8)),
                image(name="y", shape=(1, 4, 4, 8)),
            ],
            "DEPTHWISE_CONV_2D",
            (0, 1, 2),
            (3,),
            ("DepthwiseConv2DOptions", {"strideH": 1, "strideW": 1, "depthMultiplier": 1}),
        ),
        "depth multiplier",
    ),
    "indices": (_gather(image(name="t", shape=(10, 8)), T("i", (4,), kind="INT64")), "indices of another type"),
}

TAKEN = {
    "convolution": convolution(),
    "8 bit": convolution(kind="INT8"),
    "dynamic range": convolution(
        weights=T("w", (4, 3, 3, 4), bytes_(4, 3, 3, 4), "INT8", (0.1, 0.2, 0.3, 0.4)), version=5
    ),
    "fused sigmoid-like": convolution(activation=4),
    "depthwise": convolution("DEPTHWISE_CONV_2D"),
    "dense": dense(),
    "beta": unary("SOFTMAX", table="SoftmaxOptions", beta=1.0),
    "one value": binary("ADD", other=T("v", (), np.float32(2)), table="AddOptions"),
    "3 to 4": binary("ADD", other=T("v", (4, 4, 4), floats(4, 4, 4)), table="AddOptions"),
    "axes": with_vector("MEAN", ints(1, 2), (1, 4)),
    "slice": strided(step=2),
    "choice": _select(image(name="a")),
    "to integers": unary("CAST", "FLOAT32", "INT32"),
    "gather": _gather(image(name="t", shape=(10, 8)), T("i", (4,), ints(0, 1, 2, 3), "INT32")),
    "cumsum": Case("cumsum", [image(), T("a", (), np.int32(1), "INT32"), image(name="y")], "CUMSUM", (0, 1), (2,)),
}

BREAKS = {
    "table": (_gather(T("t", (10, 8), floats(10, 8)), T("i", (4,), kind="INT32")), "a table that is a constant"),
    "twice": (Case("twice", [image(), image(name="y")], "SUB", (0, 0), (1,), ("SubOptions", {})), "both operands"),
    "scalar": (Case("scalar", [T("x", ()), T("y", ())], "ABS", (0,), (1,)), "without dimensions"),
    "matrix": (
        Case(
            "matrix",
            [image(shape=(2, 3, 4)), T("m", (2, 4, 5), floats(2, 4, 5)), image(name="y", shape=(2, 3, 5))],
            "BATCH_MATMUL",
            (0, 1),
            (2,),
        ),
        "other than 2 dimensions",
    ),
    "slope": (Case("slope", [image(), T("s", (4,)), image(name="y")], "PRELU", (0, 1), (2,)), "a slope"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_reason(name: str, tmp_path: Path) -> None:
    case, reason = REFUSED[name]
    found = lint(case.write(tmp_path))
    assert found.extent == "none" and found.nodes_delegated == 0 and found.partitions == 0
    (finding,) = found.findings
    assert finding.verdict == "refused" and reason in finding.reason and finding.op == case.op


@pytest.mark.parametrize("name", TAKEN)
def test_taken(name: str, tmp_path: Path) -> None:
    found = lint(TAKEN[name].write(tmp_path))
    assert (found.extent, found.kernels, found.partitions, found.findings) == ("completely", 1, 1, ())


@pytest.mark.parametrize("name", BREAKS)
def test_taken_and_then_the_delegate_fails_as_a_whole(name: str, tmp_path: Path) -> None:
    case, reason = BREAKS[name]
    found = lint(case.write(tmp_path))
    assert found.extent == "none" and found.whole is not None and reason in found.whole
    assert found.findings[0].verdict == "breaks"


def test_a_comparison_that_feeds_a_cast_goes_along(tmp_path: Path) -> None:
    tensors = [image(name="a"), image(name="b"), T("c", (1, 4, 4, 4), kind="BOOL"), image(name="y"), image(name="z")]
    after = [Op("LESS", (0, 1), (2,)), Op("CAST", (2,), (3,))]
    found = lint(Case("less", tensors, "ABS", (3,), (4,), before=after).write(tmp_path))
    assert found.extent == "completely", found.findings


def test_half_weights_go_along_only_where_all_else_is_taken(tmp_path: Path) -> None:
    whole = lint(MODELS / "digits_float16.tflite")
    assert (whole.extent, whole.nodes_delegated) == ("completely", 23)
    half = T("h", (1, 4), floats(1, 4).astype(np.float16), "FLOAT16")
    tensors = [image(shape=(1, 4)), half, T("f", (1, 4)), image(name="m", shape=(1, 4)), image(name="y", shape=(1, 4))]
    before = [Op("DEQUANTIZE", (1,), (2,)), Op("MUL", (0, 2), (3,))]
    part = lint(Case("half", tensors, "ATAN2", (3, 2), (4,), before=before).write(tmp_path))
    assert [f.op for f in part.findings] == ["DEQUANTIZE", "ATAN2"] and part.nodes_delegated == 1
    assert "not every other node" in part.findings[0].reason


def test_one_kernel_by_default_and_the_macs_of_the_rest() -> None:
    found = lint(MODELS / "partial_gpu.tflite")
    assert (found.nodes_delegated, found.nodes_total, found.partitions, found.kernels) == (1, 3, 2, 1)
    assert found.macs_cpu_share == 0.5 and found.unlimited == (2, 2)
    assert found.groups == ((True, (0,)), (False, (1, 2)))


def test_sizes_known_only_while_running_refuse_the_whole_graph() -> None:
    found = lint(MODELS / "dynamic.tflite")
    assert found.extent == "none" and found.whole is not None and "known only while running" in found.whole


recorded = pytest.mark.skipif(not RUNS.is_dir(), reason="the shared captures are not beside this checkout")


@recorded
@pytest.mark.parametrize("name", ["gpu_partial", "gpu_ok_partial", "gpu_ok", "gpu_ok_int8", "gpu_ok_none"])
def test_the_official_program_took_what_the_table_says(name: str) -> None:
    words = (RUNS / f"{name}.cmd").read_text()
    model = re.search(r"--graph=models/(\S+)", words)
    assert model is not None
    found = lint(RUNS / "models" / model[1])
    said = (RUNS / f"{name}.out").read_text()
    by_words = {"completely": "be completely executed", "partially": "be partially executed", "none": ""}
    assert found.extent is not None and by_words[found.extent] in said
    if split := re.search(r"(\d+) operations will run on the GPU", (RUNS / f"{name}.err").read_text()):
        assert int(split[1]) == found.nodes_delegated
    info = RUNS / f"{name}.rti.pb"
    if info.is_file():
        assert delegated_nodes(info.read_bytes(), "gpu") == found.taken
        real = read_runtime_info(info.read_bytes(), "gpu")
        assert (real.extent, real.nodes_delegated, real.nodes_total, real.partitions) == (
            found.extent,
            found.nodes_delegated,
            found.nodes_total,
            found.partitions,
        )
