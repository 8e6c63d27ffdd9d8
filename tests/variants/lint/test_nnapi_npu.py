"""NNAPI by level of Android, and NPUs, of which nothing can be promised."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.variants.lint.lint import Forecast, forecast
from harness.variants.lint.table import load_dynamic, load_table
from harness.variants.model_file import read_model_file
from tests.racks import MODELS
from tests.variants.lint.cases import Case, binary, bytes_, convolution, floats, image, ints, unary, with_vector
from tests.virtual.bench.tiny import T


def lint(path: Path, sdk: int, name: str = "nnapi") -> Forecast:
    """What NNAPI takes at a level of Android."""
    return forecast(read_model_file(path), load_table(name), load_dynamic(), sdk=sdk)


PER_CHANNEL = T("w", (4, 3, 3, 4), bytes_(4, 3, 3, 4), "INT8", (0.1, 0.2, 0.3, 0.4))
BIAS = T("b", (4,), np.zeros(4, np.int32), "INT32", (0.1, 0.2, 0.3, 0.4))
SIZE = ("ResizeBilinearOptions", {"halfPixelCenters": True})
#: A case, the first SDK level at which it is taken (None: never), and the reason before that.
LEVELS: dict[str, tuple[Case, int | None, str]] = {
    "float convolution": (convolution(), 27, "it came with Android SDK 27"),
    "per channel": (convolution(kind="INT8", weights=PER_CHANNEL, bias=BIAS), 29, "other than FLOAT32 or UINT8"),
    "dynamic range": (convolution(weights=PER_CHANNEL), 29, "8-bit weights with floating-point"),
    "exponential": (unary("EXP"), 29, "it came with Android SDK 29"),
    "elu": (unary("ELU"), 30, "it came with Android SDK 30"),
    "difference": (binary("SUB", table="SubOptions"), 28, "it came with Android SDK 28"),
    "integers": (binary("ADD", "INT32", table="AddOptions"), 30, "other than FLOAT32 or 8-bit"),
    "centres": (with_vector("RESIZE_BILINEAR", ints(8, 8), (1, 8, 8, 4), options=SIZE), 30, "half-pixel centres"),
    "mean": (with_vector("MEAN", ints(1, 2), (1, 4)), 28, "it came with Android SDK 28"),
    "matrices": (
        Case("mm", [image(shape=(2, 3, 4)), T("m", (2, 4, 5)), image(name="y", shape=(2, 3, 5))], "BATCH_MATMUL", (0, 1), (2,)),
        1000006,
        "it came with Android SDK 1000006",
    ),
    "no bias": (convolution(bias=None), None, "no bias"),
    "version": (convolution(version=6), None, "version 6"),
    "five": (with_vector("RESHAPE", ints(1, 1, 4, 4, 4), (1, 1, 4, 4, 4)), None, "more than 4 dimensions"),
    "arctangent": (binary("ATAN2"), None, "not among those"),
    "half": (binary("DIV", "FLOAT16", other=T("o", (1, 4, 4, 4), floats(1, 4, 4, 4), "FLOAT16"), table="DivOptions"), None, "other than FLOAT32"),
}  # fmt: skip


@pytest.mark.parametrize("name", LEVELS)
def test_taken_from_a_level_on_and_refused_before_with_the_reason(name: str, tmp_path: Path) -> None:
    case, since, reason = LEVELS[name]
    path = case.write(tmp_path)
    for sdk in (26, 27, 28, 29, 30, 31, 1000006, 1000007):
        found = lint(path, sdk)
        if since is not None and sdk >= since:
            assert found.extent == "completely", (sdk, found.findings)
        else:
            assert found.extent == "none", sdk
    last = lint(path, 31 if since is None else {27: 26, 28: 27, 1000006: 31}.get(since, since - 1))
    assert reason in (last.whole or "") + "".join(f.reason for f in last.findings)


def test_it_says_that_the_driver_may_refuse_more_and_knows_no_limit_of_kernels() -> None:
    found = lint(MODELS / "partial_gpu.tflite", 30)
    assert found.limit is not None and "driver" in found.limit
    assert (found.nodes_delegated, found.kernels, found.partitions) == (2, 2, 3)


def test_an_npu_is_unknown_with_a_reason_and_an_upper_limit() -> None:
    found = lint(MODELS / "partial_gpu.tflite", 30, "npu")
    assert (found.extent, found.nodes_delegated, found.partitions, found.macs_cpu_share) == (None,) * 4
    assert found.reason is not None and "SoC" in found.reason
    assert (found.nodes_at_most, found.nodes_total) == (2, 3)
    assert [(f.op, f.verdict) for f in found.findings] == [
        ("CONV_2D", "unknown"), ("ATAN2", "refused"), ("CONV_2D", "unknown")
    ]  # fmt: skip


def test_an_npu_that_is_offered_nothing_takes_nothing() -> None:
    found = lint(MODELS / "flex.tflite", 30, "npu")
    assert (found.extent, found.nodes_delegated, found.reason) == ("none", 0, None)
