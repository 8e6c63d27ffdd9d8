"""Outputs of the stand-in equal the host's on every delegate; one that is told to compute wrongly is caught."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from harness.accuracy.asked import read_asked
from harness.accuracy.checks import OutputChecks
from harness.benchmark.block import program_args
from harness.benchmark.kinds import as_it_runs
from harness.benchmark.outputs import input_name, output_args
from harness.benchmark.work import Block, ModelFile, OutputsWanted, PlannedSession
from harness.records import Agreement, SessionKey
from harness.virtual.bench.graph import Tensor
from harness.virtual.bench.wrong import spoiled
from harness.virtual.faults import How, Standing, WrongOutputs
from harness.virtual.profile import profiles
from tests.virtual.bench.cases import MODELS, Recorder, play

VARIANTS = ("digits_float32", "digits_float16", "digits_int8")
DELEGATES = ("cpu", "gpu", "nnapi")
SAMPLES = 3
KNOWN = frozenset({"result_file_path", "export_model_runtime_info", "model_runtime_info_output_file"})


def model(name: str) -> ModelFile:
    path = MODELS / f"{name}.tflite"
    data = path.read_bytes()
    return ModelFile(name, "", path, hashlib.sha256(data).hexdigest(), len(data))


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> OutputChecks:
    """On three real digits, and random inputs of the model that a GPU takes in part."""
    files = [model(v) for v in (*VARIANTS, "partial_gpu")]
    wanted = {v: OutputsWanted(MODELS / "digits_inputs.npz", SAMPLES) for v in VARIANTS}
    wanted["partial_gpu"] = OutputsWanted(None, SAMPLES)
    return OutputChecks(tmp_path_factory.mktemp("run"), files, read_asked(wanted, files))


def judged(
    checks: OutputChecks, work: Path, name: str, delegate: str, fault: WrongOutputs | None = None, **options: str
) -> list[Agreement]:
    """Every input, a process each, on one phone, after the CPU ran the first."""
    phone, found = None, []
    for index, (unit, sample) in enumerate([("cpu", 0), *((delegate, k) for k in range(SAMPLES))]):
        session = PlannedSession(
            index, 0, SessionKey(name, "", unit, options if unit == delegate else {}, 4), model(name), "outputs", sample
        )
        inputs = checks.inputs(session.model, sample)
        assert not isinstance(inputs, str)
        (work / f"s/{index:04d}").mkdir(parents=True, exist_ok=True)
        values = ",".join(f"{input_name(i)}:{file.path}" for i, file in enumerate(inputs))
        flags = [
            *program_args(session, as_it_runs(Block("b", "p", (session,)), session).protocol, "tflite", KNOWN),
            *output_args(session, inputs),
            f"--input_layer_value_files={values}",
        ]
        call = Recorder(
            ["benchmark_model", f"--graph=models/{name}.tflite", *flags], work, profile=profiles()["pixel-8-pro"]
        )
        phone = phone or call.phone
        phone.faults = Standing(wrong_outputs=fault)
        call.phone = phone
        played = play(call)
        assert played.code == 0, played.err
        if index:
            found.append(checks.judge(session, work / f"s/{index:04d}/output.bin", played.out + played.err))
    return found


@pytest.mark.parametrize("delegate", DELEGATES)
@pytest.mark.parametrize("name", [*VARIANTS, "partial_gpu"])
def test_every_variant_equals_the_host_on_every_delegate(
    checks: OutputChecks, name: str, delegate: str, tmp_path: Path
) -> None:
    for found in judged(checks, tmp_path, name, delegate):
        assert found.verdict == "agrees", found
        assert found.error_pct is not None and found.error_pct < 0.2 and (found.cosine or 0) > 0.9999
        assert found.top1 is (None if name == "partial_gpu" else True)


def test_half_precision_shows_on_a_gpu_and_goes_where_float32_is_asked_for(
    checks: OutputChecks, tmp_path: Path
) -> None:
    half = judged(checks, tmp_path, "digits_float32", "gpu")
    full = judged(checks, tmp_path, "digits_float32", "gpu", precision="fp32")
    assert max(f.max_abs_error or 0 for f in half) > 1e-5
    assert {f.max_abs_error for f in full} == {0.0}


@pytest.mark.parametrize("how", get_args(How))
@pytest.mark.parametrize("delegate", DELEGATES)
@pytest.mark.parametrize("name", VARIANTS)
def test_computing_wrongly_is_caught_on_every_delegate(
    checks: OutputChecks, name: str, delegate: str, how: Any, tmp_path: Path
) -> None:
    found = judged(checks, tmp_path, name, delegate, WrongOutputs(delegate=delegate, how=how))  # type: ignore[arg-type]
    right = [f.verdict for f in found].index("agrees") if how == "stale" else None
    assert right in (0, None), "stale outputs are right for the input that they are of"
    assert all(f.verdict == "wrong" for f in found[0 if right is None else 1 :]), found
    signs = {sign for f in found for sign in f.signs}
    if name != "digits_int8":  # integers hold no NaN, and the least of them need not be zero
        assert {"nan": {"nan"}, "inf": {"inf"}, "zero": {"all_zero", "constant"}}.get(how, signs) <= signs
    assert {"constant": {"constant"}, "stale": {"stale"}}.get(how, signs) <= signs


def test_a_fault_of_one_delegate_leaves_the_others_right(checks: OutputChecks, tmp_path: Path) -> None:
    fault = WrongOutputs(delegate="gpu", how="nan")
    for delegate in ("cpu", "nnapi"):
        assert {f.verdict for f in judged(checks, tmp_path, "digits_float32", delegate, fault)} == {"agrees"}


@pytest.mark.parametrize("how", get_args(How))
@pytest.mark.parametrize("kind", ["float32", "int8", "int64", "bool"])
def test_what_is_spoiled_keeps_its_size_and_differs(how: Any, kind: str) -> None:
    values = np.array([[0, 1, 1], [1, 0, 0]], kind)
    other = np.array([[1, 1, 1], [0, 0, 0]], kind)
    parts, tensors = [(kind, values.nbytes)] * 2, [Tensor("y", (2, 3), kind.upper(), 0)] * 2
    data = values.tobytes() * 2
    found = spoiled(data, parts, tensors, how, other.tobytes() * 2)
    assert len(found) == len(data) and found != data
    assert found[: values.nbytes] == found[values.nbytes :]


def test_strings_are_left_as_they_are() -> None:
    assert spoiled(b"abcd", [("object", 4)], [Tensor("s", (1,), "STRING", 0)], "zero", b"") == b"abcd"
