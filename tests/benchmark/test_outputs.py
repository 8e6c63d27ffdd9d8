"""Sessions that run for their outputs: on a virtual phone, and where a program cannot be asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.accuracy.asked import read_asked
from harness.accuracy.checks import OutputChecks
from harness.adb.server import AdbServer
from harness.benchmark.binary import read_binary
from harness.benchmark.outputs import InputFile, cannot, output_args, with_agreement
from harness.benchmark.work import Block, ModelFile, OutputsWanted, PlannedSession
from harness.records import Agreement, SessionKey, SessionRecord
from tests.benchmark.blocks import QUICK, Bench, block, model
from tests.racks import MODELS, rack_server
from tests.records import session as record

FILE = model("digits_int8.tflite")
KNOWN = frozenset({"input_layer", "input_layer_shape", "input_layer_value_files", "output_filepath"})
OLD = """\
# a program that knows no output file
case $1 in
--help) "${PHONE_ROOT}/system/bin/benchmark_model" --help 2>&1 | grep -v -e --output_filepath ;;
*) exec "${PHONE_ROOT}/system/bin/benchmark_model" "$@" ;;
esac
"""


class Said:
    """A check that always says the same."""

    def __init__(self, verdict: str | None, reason: str | None = None) -> None:
        self._found = Agreement(1, "f.npz", verdict, reason)

    def source(self, model: ModelFile) -> str:
        return "f.npz"

    def inputs(self, model: ModelFile, sample: int) -> list[InputFile]:
        return []

    def judge(self, session: PlannedSession, output: Path, log: str) -> Agreement:
        return self._found


def after(check: Said, **fields: Any) -> SessionRecord:
    planned = PlannedSession(0, 0, SessionKey("m", "", "gpu", {}, 4), FILE, "outputs", 1)
    return with_agreement(record("b/0", **fields), planned, check, Path("none"), "")


def test_flags_name_inputs_by_place_and_shapes_by_file() -> None:
    planned = PlannedSession(7, 0, SessionKey("m", "", "cpu", {}, 4), FILE, "outputs", 0)
    files = [InputFile(Path("a"), (1, 8, 8, 3)), InputFile(Path("b"), ())]
    assert output_args(planned, files) == [
        "--input_layer=input0,input1",
        "--input_layer_shape=1,8,8,3:",
        "--output_filepath=s/0007/output.bin",
    ]


def test_a_program_is_asked_for_its_flags() -> None:
    assert cannot(KNOWN, []) is None
    assert cannot(KNOWN - {"output_filepath"}, []) == "not possible: this program has no --output_filepath"
    assert "--input_layer_shape, --input" in (cannot(frozenset({"graph"}), []) or "")
    assert "asks for a part of it" in (cannot(KNOWN, ["--signature_to_run_for=encode"]) or "")


def test_a_wrong_output_is_the_outcome_and_a_right_one_keeps_only_its_own_flags() -> None:
    wrong = after(Said("wrong", "all zero"), flags=("busy", "partial_delegation"))
    assert (wrong.outcome, wrong.outcome_line) == ("wrong_output", "input 1: all zero")
    assert wrong.flags == ("partial_delegation", "wrong_output") and wrong.kind == "outputs"
    right = after(Said("agrees"), flags=("busy",))
    assert (right.outcome, right.flags) == ("ok", ()) and right.agreement and right.agreement.verdict == "agrees"


def test_what_the_cpu_computed_is_no_proof_for_a_delegate() -> None:
    found = after(Said("agrees"), outcome="fallback", flags=("fallback",))
    assert found.agreement and found.agreement.verdict is None
    assert found.agreement.reason == "nothing shows that GPU took a node: the outputs are the CPU's"
    assert after(Said("wrong", "x"), outcome="fallback").outcome == "wrong_output"


def test_a_program_that_failed_gave_no_output() -> None:
    found = after(Said("agrees"), outcome="crash", outcome_line="SIGSEGV")
    assert found.outcome == "crash" and found.agreement
    assert (found.agreement.verdict, found.agreement.reason) == (None, "the program gave no output: SIGSEGV")


@pytest.fixture(scope="module")
def rack() -> Iterator[tuple[AdbServer, list[str]]]:
    with rack_server(1, "--profile", "pixel-8-pro") as (server, serials):
        yield server, serials


@pytest.fixture
def bench(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> Bench:
    return Bench(rack[0].phone(rack[1][0]), tmp_path)


@pytest.fixture
def checks(tmp_path: Path) -> OutputChecks:
    asked = read_asked({FILE.path.stem: OutputsWanted(MODELS / "digits_inputs.npz", 2)}, [FILE])
    return OutputChecks(tmp_path, [FILE], asked)


def with_outputs(name: str) -> Block:
    """A timed session of CPU and GPU, then two inputs on each."""
    timed = block(name, ["cpu", "gpu"])
    rest = [
        replace(s, index=2 + 2 * i + k, kind="outputs", sample=k)
        for i, s in enumerate(timed.sessions)
        for k in range(2)
    ]
    return replace(timed, sessions=(*timed.sessions, *rest), protocol=replace(QUICK, idle_s=0.1))


def test_outputs_are_fetched_and_judged_after_the_timing(bench: Bench, checks: OutputChecks) -> None:
    report = bench.run(with_outputs("o-whole"), check=checks)
    assert report.missing == ()
    timed, rest = bench.sessions[:2], bench.sessions[2:]
    assert {s.kind for s in timed} == {"timing"} and all(s.agreement is None for s in timed)
    assert [(s.kind, s.outcome, s.flags) for s in rest] == [("outputs", "ok", ())] * 4
    assert [s.agreement.verdict for s in rest if s.agreement] == ["agrees"] * 4
    assert [s.agreement.input for s in rest if s.agreement] == [0, 1, 0, 1]
    assert all(s.timed_run and s.timed_run.count == 1 and s.warmup_run and s.warmup_run.count == 0 for s in rest)
    assert min(s.start_uptime_s or 0 for s in rest) >= max(s.end_uptime_s or 0 for s in timed)
    for found in rest:
        assert (
            "sampler.tsv" not in found.evidence and (bench.folder / found.evidence["output.bin"]).stat().st_size == 10
        )
    again = bench.run(with_outputs("o-again"), check=checks)
    assert again.bytes_pushed == 0, "inputs are kept on the phone by content"


def test_what_was_collected_is_not_run_again(bench: Bench, checks: OutputChecks) -> None:
    whole = with_outputs("o-rest")
    bench.run(replace(whole, sessions=whole.sessions[3:]), check=checks)
    assert [s.session_id for s in bench.sessions] == [f"o-rest/{i:04d}" for i in (3, 4, 5)]
    assert all(s.agreement and s.agreement.verdict == "agrees" for s in bench.sessions)


def test_a_program_without_the_flag_is_a_reason(bench: Bench, checks: OutputChecks, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_text(OLD)
    bench.binary = read_binary(old)
    report = bench.run(with_outputs("o-old"), check=checks)
    assert report.missing == ()
    by_kind = {kind: [s for s in bench.sessions if s.kind == kind] for kind in ("timing", "outputs")}
    assert [s.outcome for s in by_kind["timing"]] == ["ok", "ok"]
    for found in by_kind["outputs"]:
        assert found.outcome == "refused" and found.agreement is not None
        assert found.agreement.verdict is None and found.agreement.source == "digits_inputs.npz"
        assert found.agreement.reason == "not possible: this program has no --output_filepath"
