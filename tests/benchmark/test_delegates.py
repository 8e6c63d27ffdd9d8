"""Flags of both programs per delegate, and what counts as proof that one ran."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.benchmark.block import command, program_args
from harness.benchmark.delegates import delegate_args, is_fallback, parse_delegate, proof
from harness.benchmark.output import parse_benchmark
from harness.benchmark.work import ModelFile, PlannedSession, Protocol
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


def test_cores_and_libraries_are_for_the_shell() -> None:
    text = command("/data/b", "/data/m", ["--x=a b"], {"affinity": "f0"})
    assert text == """exec taskset f0 "${PHONE_ROOT}"/data/b --graph="${PHONE_ROOT}"/data/m '--x=a b'\n"""
    assert delegate_args(key("cpu:affinity=f0"), "tflite") == ["--num_threads=2"]
    assert command("/b", "/m", [], {"dispatch": "/l ib"}).startswith(
        "export LD_LIBRARY_PATH='/l ib' ADSP_LIBRARY_PATH='/l ib'; exec "
    )
    for wrong in ("cpu:affinity=fastest", "cpu:affinity=", "gpu:affinity=f0"):
        with pytest.raises(UsageError, match="affinity"):
            parse_delegate(wrong)


def test_full_delegation_is_asked_of_delegates_only() -> None:
    def args(text: str, flavour: str) -> list[str]:
        session = PlannedSession(0, 0, key(text), ModelFile("m", "", Path("m"), "", 1))
        return program_args(session, Protocol(require_full_delegation=True), flavour, frozenset())

    assert "--require_full_delegation=true" not in args("cpu", "tflite")
    assert "--require_full_delegation=true" in args("gpu", "tflite") and "--use_cpu=false" not in args("gpu", "tflite")
    # The LiteRT program aborts where both are asked for, and has its CPU on unless told otherwise.
    assert {"--require_full_delegation=true", "--use_cpu=false"} <= set(args("gpu", "litert"))
