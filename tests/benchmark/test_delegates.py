"""Flags of both programs per delegate, and what counts as proof that one ran."""

from __future__ import annotations

import pytest

from harness.benchmark.delegates import delegate_args, is_fallback, parse_delegate, proof
from harness.benchmark.output import parse_benchmark
from harness.errors import UsageError
from harness.records import Delegation, SessionKey
from tests.benchmark.output.logs import CPU, GPU


def key(text: str, threads: int = 2) -> SessionKey:
    name, options = parse_delegate(text)
    return SessionKey("m", "", name, options, threads)


@pytest.mark.parametrize(
    ("text", "flavour", "expected"),
    [
        ("cpu", "tflite", ["--num_threads=2"]),
        ("cpu:xnnpack=off", "tflite", ["--num_threads=2", "--use_xnnpack=false"]),
        ("gpu:precision=fp32:backend=gl", "tflite", ["--num_threads=2", "--use_gpu=true", "--gpu_backend=gl", "--gpu_precision_loss_allowed=false"]),
        ("nnapi:accelerator=x-dsp:cpu=off", "tflite", ["--num_threads=2", "--use_nnapi=true", "--nnapi_accelerator_name=x-dsp", "--disable_nnapi_cpu=true"]),
        ("gpu:precision=fp32", "litert", ["--num_threads=2", "--use_gpu=true", "--gpu-precision=fp32"]),
        ("npu:dispatch=/data/local/tmp/lib", "litert", ["--num_threads=2", "--use_npu=true", "--dispatch_library_path=/data/local/tmp/lib"]),
    ],
)  # fmt: skip
def test_flags(text: str, flavour: str, expected: list[str]) -> None:
    assert delegate_args(key(text), flavour) == expected


def test_a_program_without_the_delegate_is_refused() -> None:
    with pytest.raises(UsageError, match="the tflite program has no delegate npu"):
        delegate_args(key("npu"), "tflite")
    with pytest.raises(UsageError, match="the litert program has no delegate nnapi"):
        delegate_args(key("nnapi"), "litert")


def test_proof() -> None:
    gpu = key("gpu")
    taken = proof(gpu, parse_benchmark(GPU), None)
    assert (taken.nodes_delegated, taken.source) == (31, "log") and not is_fallback(gpu, taken)
    # A GPU run whose log names only the CPU's delegate proves nothing.
    assert is_fallback(gpu, proof(gpu, parse_benchmark(CPU), None))
    assert is_fallback(gpu, Delegation("none", 0, 33, 1, "runtime_info"))
    assert not is_fallback(key("cpu"), Delegation())
