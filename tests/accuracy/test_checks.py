"""What a phone left is judged: right, wrong, or not at all, and then why."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.accuracy.asked import read_asked
from harness.accuracy.checks import OutputChecks, split
from harness.benchmark.delegates import parse_delegate
from harness.benchmark.work import ModelFile, OutputsWanted, PlannedSession
from harness.records import Agreement, SessionKey
from tests.racks import MODELS

INPUTS = MODELS / "digits_inputs.npz"


def model(name: str) -> ModelFile:
    path = MODELS / f"{name}.tflite"
    data = path.read_bytes()
    return ModelFile(name, "", path, hashlib.sha256(data).hexdigest(), len(data))


class Judge:
    """The checks of one model on two digits, asked for one session at a time."""

    def __init__(self, folder: Path, name: str, **wanted: Any) -> None:
        self.model = model(name)
        asked = read_asked({name: OutputsWanted(INPUTS, 2, **wanted)}, [self.model])
        self.checks = OutputChecks(folder, [self.model], asked)
        self.place = folder / "outputs" / self.model.sha256[:12]
        self.file = folder / "output.bin"
        with np.load(self.place / "reference.npz") as kept:
            self.host = [kept[f"{k}/0"] for k in range(2)]

    def __call__(self, output: bytes | None, *, sample: int = 0, delegate: str = "cpu", log: str = "") -> Agreement:
        self.file.unlink(missing_ok=True)
        if output is not None:
            self.file.write_bytes(output)
        name, options = parse_delegate(delegate)
        session = PlannedSession(0, 0, SessionKey("m", "", name, options, 4), self.model, "outputs", sample)
        return self.checks.judge(session, self.file, log)


@pytest.fixture(scope="module")
def int8(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    return Judge(tmp_path_factory.mktemp("int8"), "digits_int8")


@pytest.fixture(scope="module")
def float32(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    return Judge(tmp_path_factory.mktemp("float32"), "digits_float32")


def test_inputs_lie_in_the_run_folder_as_phones_get_them(int8: Judge) -> None:
    files = int8.checks.inputs(int8.model, 1)
    assert not isinstance(files, str)
    assert [(f.path, f.shape) for f in files] == [(int8.place / "in-1-0.bin", (1, 64, 64, 1))]
    assert files[0].path.stat().st_size == 64 * 64
    assert int8.checks.source(int8.model) == "digits_inputs.npz" and int8.checks.reasons() == {}


def test_the_same_bytes_agree(int8: Judge) -> None:
    found = int8(int8.host[1].tobytes(), sample=1)
    assert (found.verdict, found.reason, found.input, found.source) == ("agrees", None, 1, "digits_inputs.npz")
    assert (found.max_abs_error, found.error_pct, found.error_steps, found.top1) == (0, 0, 0, True)
    assert found.cosine == pytest.approx(1) and "3 steps" in (found.tolerance or "")


def test_a_few_steps_agree_and_more_do_not_but_on_a_gpu(int8: Judge) -> None:
    away = np.where(int8.host[0] > 0, int8.host[0] - 5, int8.host[0] + 5).astype(np.int8)
    assert int8(away.tobytes()).verdict == "wrong"
    assert int8(away.tobytes(), delegate="gpu").verdict == "agrees"
    found = int8(away.tobytes(), delegate="nnapi")
    assert found.verdict == "agrees" and found.error_steps == pytest.approx(5)


def test_half_precision_agrees_on_a_gpu_and_not_on_a_cpu(float32: Judge) -> None:
    off = (float32.host[0] + 0.01).astype(np.float32).tobytes()
    assert float32(off, delegate="gpu").verdict == "agrees"
    assert float32(off, delegate="cpu").verdict == float32(off, delegate="gpu:precision=fp32").verdict == "wrong"


def test_the_output_of_another_input_is_named(int8: Judge) -> None:
    found = int8(int8.host[0].tobytes(), sample=1, delegate="gpu")
    assert (found.verdict, found.reason, found.signs) == ("wrong", "it is the output of input 0", ("stale",))


@pytest.mark.parametrize(
    ("output", "log", "verdict", "said"),
    [
        (None, "", None, "the program wrote no outputs"),
        (b"", "", None, "the program wrote an empty file of outputs"),
        (bytes(7), "", "wrong", "the outputs have 7 bytes, and the host's 10"),
        (bytes(10), "WARN: Tensor # 3 is named mask but flags call it input0\n", None, "to 'mask'"),
        (
            bytes(10),
            "WARN: Tensor # 0 is named serving_default_image:0 but flags call it input0\n",
            "wrong",
            "is constant",
        ),
    ],
)
def test_what_is_no_comparison_is_told(
    int8: Judge, output: bytes | None, log: str, verdict: str | None, said: str
) -> None:
    found = int8(output, log=log)
    assert found.verdict == verdict and said in (found.reason or "")


def test_limits_of_the_suite(tmp_path: Path) -> None:
    strict = Judge(tmp_path, "digits_int8", steps=0.5)
    one = strict.host[0].copy()
    one[0, 0] += 1
    assert strict(one.tobytes(), delegate="gpu").verdict == "wrong"
    assert "0.5 steps or 0 % (as the suite asks)" in (strict(one.tobytes()).reason or "")


def test_flags_that_allow_half_precision_on_a_cpu(tmp_path: Path) -> None:
    judge = Judge(tmp_path, "digits_float32")
    asked = read_asked({"digits_float32": OutputsWanted(INPUTS, 2)}, [judge.model])
    judge.checks = OutputChecks(tmp_path, [judge.model], asked, ["--xnnpack_force_fp16=true"])
    assert judge((judge.host[0] + 0.01).astype(np.float32).tobytes()).verdict == "agrees"


def test_a_model_that_the_host_cannot_run_is_not_checked(tmp_path: Path) -> None:
    flex = model("flex")
    checks = OutputChecks(tmp_path, [flex], read_asked({"flex": OutputsWanted()}, [flex]))
    reason = checks.reasons()[flex.sha256]
    assert "the host cannot run this model: Select TensorFlow op" in reason
    assert checks.inputs(flex, 0) == reason
    session = PlannedSession(0, 0, SessionKey("flex", "", "cpu", {}, 4), flex, "outputs", 0)
    found = checks.judge(session, tmp_path / "none", "")
    assert (found.verdict, found.reason, found.source) == (None, reason, "random inputs")


def test_raw_outputs_are_taken_apart_as_they_were_put_together() -> None:
    parts: list[Any] = [np.arange(6, dtype=np.float32).reshape(2, 3), np.array([[1, 2]], np.int8), np.array(7.0)]
    found = split(b"".join(p.tobytes() for p in parts), parts)
    assert found is not None
    assert all(np.array_equal(a, b) and a.shape == b.shape for a, b in zip(found, parts, strict=True))
    assert split(bytes(35), parts) is None
