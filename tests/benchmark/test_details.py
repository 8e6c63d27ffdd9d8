"""Details on virtual phones: where they stand in a block, what is asked of which program, what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.adb.server import AdbServer
from harness.benchmark.binary import read_binary
from harness.benchmark.block import program_args
from harness.benchmark.details import cannot_detail
from harness.benchmark.kinds import as_it_runs
from harness.benchmark.plan import estimate_block_s
from harness.benchmark.suite import load_suite
from harness.benchmark.work import Block, Protocol
from harness.errors import UsageError
from harness.phones.clean import clean_phone
from harness.records import UNTIMED_KINDS, SessionRecord, from_json, to_json
from harness.results.tables import session_row
from harness.virtual.standin import standin_bytes
from tests.benchmark.blocks import Bench, block
from tests.benchmark.test_plan import plan
from tests.racks import MODELS, rack_server
from tests.records import phone

TFLITE = frozenset(
    {"enable_op_profiling", "op_profiling_output_mode", "op_profiling_output_file", "profiling_output_csv_file"}
)


@pytest.fixture(scope="module")
def rack() -> Iterator[tuple[AdbServer, list[str]]]:
    with rack_server(2, "--profile", "pixel-8-pro", "--profile", "redmi-6a") as (server, serials):
        yield server, serials


def detailed(block_id: str, delegates: list[str], *kinds: str) -> Block:
    """A block with a session of each kind for each delegate."""
    made = block(block_id, delegates * len(kinds))
    sessions = [replace(s, kind=kinds[s.index // len(delegates)]) for s in made.sessions]
    return replace(made, sessions=tuple(sessions))


def run(rack: tuple[AdbServer, list[str]], index: int, folder: Path, what: Block) -> list[SessionRecord]:
    bench = Bench(rack[0].phone(rack[1][index]), folder)
    try:
        assert bench.run(what).missing == ()
    finally:
        clean_phone(bench.phone)
    return bench.sessions


def test_memory_of_a_phone_that_tells_much(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    cpu, gpu = run(rack, 0, tmp_path, detailed("d-much", ["cpu", "gpu"], "memory"))
    for session in (cpu, gpu):
        found = session.memory_detail
        assert session.kind == "memory" and session.outcome == "ok" and "sampler_gap" not in session.flags
        assert session.memory and session.memory.overall_mb and session.memory.init_mb
        assert found.reads > 3 and (found.vm_hwm_mb.value or 0) > session.memory.overall_mb
        parts = (found.anon_mb.value or 0) + (found.file_mb.value or 0)
        assert parts == pytest.approx(found.vm_hwm_mb.value, abs=1.0)
        assert 0 < (found.pss_mb.value or 0) <= (found.vm_hwm_mb.value or 0)
        assert found.phases_mb["run"] == session.memory.overall_mb - session.memory.init_mb
        assert from_json(SessionRecord, to_json(session)) == session
        assert not session_row(session)["counts"] and session_row(session)["pss_mb"] == found.pss_mb.value
    assert cpu.memory_detail.gpu_mb.value == 0 and (gpu.memory_detail.gpu_mb.value or 0) > 0
    # Half a second of initialisation is enough for a look; that of the CPU is over in a moment.
    assert gpu.memory_detail.phases_mb["compile"] > 10 > gpu.memory_detail.phases_mb["load"]


def test_memory_of_a_phone_that_tells_little(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    (session,) = run(rack, 1, tmp_path, detailed("d-little", ["cpu"], "memory"))
    found = session.memory_detail
    assert found.vm_hwm_mb.value and found.pss_mb.value is None and found.gpu_mb.value is None
    assert found.pss_mb.reason == "kernel 4.9.117+ has no smaps_rollup, which came with 4.14"
    assert "came with Android 12" in (found.gpu_mb.reason or "")


def test_operators_and_their_units(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    delegates = ["cpu", "gpu", "nnapi", "cpu:xnnpack=off"]
    sessions = run(rack, 0, tmp_path, detailed("d-ops", delegates, "timing", "operators"))
    assert all(s.operators is None for s in sessions[:4])
    cpu, gpu, nnapi, plain = (s.operators for s in sessions[4:])
    assert cpu and gpu and nnapi and plain and {p.source for p in (cpu, gpu, nnapi, plain)} == {"proto"}
    units = [{op.unit for op in p.ops} for p in (cpu, gpu, nnapi, plain)]
    assert "xnnpack" in units[0] <= {"xnnpack", "cpu"} and units[1:] == [{"gpu"}, {"nnapi"}, {"cpu"}]
    assert [op.node for op in plain.ops] == list(range(len(plain.ops)))
    for session in sessions[4:]:
        assert session.operators and session.inference_avg_us
        assert session.operators.total_ms == pytest.approx(session.inference_avg_us / 1000, rel=0.1)
        assert from_json(SessionRecord, to_json(session)) == session


def test_the_other_program_tells_its_operators_too(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    bench = Bench(rack[0].phone(rack[1][0]), tmp_path)
    path = tmp_path / "litert_benchmark_model"
    path.write_bytes(standin_bytes("litert"))
    bench.binary = read_binary(path)
    try:
        bench.run(detailed("d-litert", ["cpu", "gpu"], "operators", "memory"))
    finally:
        clean_phone(bench.phone)
    for session, unit in zip(bench.sessions, ("xnnpack", "gpu"), strict=False):
        found = session.operators
        assert found and found.source == "table" and session.inference_avg_us
        # Tables have microseconds of each call, and the program counts calls of all runs.
        assert found.total_ms == pytest.approx(session.inference_avg_us / 1000, rel=0.1)
        assert unit in {op.unit for op in found.ops} <= {unit, "cpu"}
    memory = bench.sessions[2].memory_detail
    assert memory.vm_hwm_mb.value and "run" in memory.phases_mb and "load" not in memory.phases_mb


def test_details_come_after_all_that_is_timed_and_once_a_condition() -> None:
    rack = [phone("p", sdk=33)]
    bare = plan(rack, threads=[1, 4])
    made = plan(rack, threads=[1, 4], samples={"int8": 2}, details=("memory", "operators"))
    (before,), (after,) = bare.blocks, made.blocks
    count = len(before.sessions)
    assert after.sessions[:count] == before.sessions, "figures are of the same plan"
    rest = [s.kind for s in after.sessions[count:]]
    assert rest == ["outputs"] * 6 + ["memory"] * 12 + ["operators"] * 12
    assert {(s.key.delegate, s.key.threads, s.key.variant) for s in after.sessions if s.kind == "memory"} == {
        (s.key.delegate, s.key.threads, s.key.variant) for s in before.sessions
    }
    assert made.words() == f"{count} sessions, 6 for outputs, 12 for memory and 12 for operators"
    assert estimate_block_s(after) > estimate_block_s(before) + 12


def test_only_sessions_for_operators_are_profiled_and_in_the_best_form() -> None:
    made = detailed("d", ["cpu"], *sorted(UNTIMED_KINDS | {"timing"}))
    for session in made.sessions:
        args = program_args(session, Protocol(), "tflite", TFLITE)
        assert ("--enable_op_profiling=true" in args) == (session.kind == "operators"), session.kind
    (session,) = (s for s in made.sessions if s.kind == "operators")
    best = program_args(session, Protocol(), "tflite", TFLITE)
    assert "--op_profiling_output_mode=proto" in best and best[-1].endswith(f"/{session.index:04d}/profile.pb")
    old = program_args(session, Protocol(), "tflite", frozenset({"enable_op_profiling", "profiling_output_csv_file"}))
    assert old[-1].endswith("/profile.csv") and not any("output_mode" in a for a in old)
    oldest = program_args(session, Protocol(), "tflite", frozenset({"enable_op_profiling"}))
    assert oldest[-1] == "--enable_op_profiling=true"
    litert = program_args(session, Protocol(), "litert", frozenset({"use_profiler"}))
    assert litert[-1] == "--use_profiler=true"
    assert cannot_detail("operators", frozenset({"graph"})) and not cannot_detail("memory", frozenset({"graph"}))


def test_a_session_for_memory_runs_few_times_and_long_enough() -> None:
    made = detailed("d", ["cpu"], "timing", "memory")
    timing, memory = (as_it_runs(made, s).protocol for s in made.sessions)
    assert timing == made.protocol
    assert memory.num_runs == memory.warmup_runs == 1 and memory.min_secs >= 20 * memory.memory_period_s
    assert memory.session_timeout_s == made.protocol.session_timeout_s


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("details: [memory, memory]", "'memory' is named twice"),
        ("details: [heap]", "memory"),
        ("details: [operators]\nprotocol: {extra_args: [--use_profiler=true]}", "sets --use_profiler itself"),
    ],
)
def test_a_suite_says_what_is_wrong_with_its_details(tmp_path: Path, text: str, words: str) -> None:
    suite = tmp_path / "s.yaml"
    suite.write_text(f"models: [{MODELS / 'digits_int8.tflite'}]\n{text}\n")
    with pytest.raises(UsageError, match=words):
        load_suite(suite)


def test_a_suite_without_details_is_the_one_that_it_was(tmp_path: Path) -> None:
    suite = tmp_path / "s.yaml"
    suite.write_text(f"models: [{MODELS / 'digits_int8.tflite'}]\n")
    assert "details" not in load_suite(suite).measured(), "runs that are older can be gone on with"
    suite.write_text(suite.read_text() + "details: [operators, memory]\n")
    assert load_suite(suite).detail_kinds() == ("memory", "operators")
