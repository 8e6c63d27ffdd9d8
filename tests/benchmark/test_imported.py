"""Logs and result files from elsewhere as sessions: what they say, what they do not, and what is no such file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.benchmark.asked import Given
from harness.benchmark.imported import read_imports
from harness.protos.benchmark_result_pb2 import BenchmarkResult
from harness.protos.model_runtime_info_pb2 import ModelRuntimeDetails
from harness.protos.profiling_info_pb2 import BenchmarkProfilingData
from harness.records import SessionRecord
from tests.benchmark.output.logs import CPU, DRESSES, GPU, LITERT, OLD, PROFILE, SUMMARY

_GPU = GPU.replace("INFO: Num threads: [2]", "INFO: Num threads: [2]\nINFO: Use gpu: [1]")


def result_file(runs: int = 80) -> bytes:
    result = BenchmarkResult()
    latency, misc = result.latency_metrics, result.misc_metrics
    latency.avg_ms, latency.min_ms, latency.init_ms, latency.p95_ms = 12.5, 12.0, 30.0, 14.0
    misc.num_runs, misc.num_warmup_runs, misc.model_size_mb = runs, 3, 2.5
    result.memory_metrics.overall_footprint_kb = 2048
    return bytes(result.SerializeToString())


def runtime_file() -> bytes:
    details = ModelRuntimeDetails()
    graph = details.subgraphs.add()
    for n in range(3):
        graph.nodes.add(id=n, delegated_to_node_id=3)
    graph.nodes.add(id=3).delegate_node_details.delegate_name = "TfLiteGpuDelegateV2"
    graph.nodes[3].delegate_node_details.tflite_node_ids_replaced.extend([0, 1, 2])
    graph.execution_plan.extend([3])
    return bytes(details.SerializeToString())


def profile_file() -> bytes:
    profile = BenchmarkProfilingData()
    op = profile.runtime_profile.subgraph_profiles.add().per_op_profiles.add(node_type="CONV_2D", times_called=1)
    op.inference_microseconds.avg = 2500
    return bytes(profile.SerializeToString())


def read(folder: Path, files: dict[str, str | bytes], **given: Any) -> tuple[list[SessionRecord], list[str]]:
    paths = []
    for name, content in files.items():
        paths.append(folder / name)
        paths[-1].write_bytes(content if isinstance(content, bytes) else content.encode())
    sessions, problems = read_imports(paths, Given(**given), "b")
    return [s.record for s in sessions], [p.sentence.replace(f"{folder}/", "") for p in problems]


@pytest.mark.parametrize(
    ("log", "key", "flavour"),
    [
        (CPU, ("own", "cpu", 2), "tflite"),
        (_GPU, ("own", "gpu", 2), "tflite"),
        (OLD, ("own", "cpu", 3), "tflite"),
        (LITERT, ("own", "unknown", None), "litert"),
        (
            "$ ./benchmark_model --graph=a/other.tflite --use_npu=true --num_threads=4\n" + LITERT,
            ("other", "npu", 4),
            "litert",
        ),
    ],
)
def test_a_log_says_what_was_asked_for(log: str, key: tuple[Any, ...], flavour: str, tmp_path: Path) -> None:
    (record,), problems = read(tmp_path, {"a.txt": log})
    assert (record.key.model, record.key.delegate, record.key.threads) == key and not problems
    assert (record.provenance, record.runtime.flavour, record.model_sha256) == ("imported", flavour, None)
    assert record.power_mw.value is None and record.power_mw.reason


def test_what_is_not_said_is_unknown_with_a_reason(tmp_path: Path) -> None:
    tail = "count=50 " + CPU.split("count=80 ")[1]
    records, _ = read(tmp_path, {"a.txt": tail, "b.txt": tail.replace("12480.1", "9")})
    assert [r.key.options for r in records] == [{"file": "a.txt"}, {"file": "b.txt"}]
    for record in records:
        assert (record.key.model, record.key.delegate, record.key.threads) == ("unknown", "unknown", None)
        assert {"model_reason", "delegate_reason", "threads_reason", "device_reason"} < set(record.detail)


def test_the_users_word_comes_first(tmp_path: Path) -> None:
    given = {"model": "m", "variant": "int8", "delegate": "cpu", "device": "Own 1", "threads": 8}
    (record,), _ = read(tmp_path, {"a.txt": CPU}, **given)
    assert (record.key.model, record.key.variant, record.key.threads, record.phone_id) == ("m", "int8", 8, "Own 1")


def test_a_delegate_must_prove_that_it_ran(tmp_path: Path) -> None:
    silent = CPU.replace("INFO: Graph", "INFO: Use gpu: [1]\nINFO: Graph")
    (record,), _ = read(tmp_path, {"a.txt": silent})
    assert (record.outcome, record.flags) == ("fallback", ("fallback",))
    (record,), _ = read(tmp_path, {"b.txt": silent + "\n", "b.runtime.pb": runtime_file()})
    assert (record.outcome, record.delegation.extent, record.delegation.source) == ("ok", "completely", "runtime_info")


def test_files_of_one_stem_are_one_session(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a.txt": CPU, "a.pb": result_file(), "a.profile.pb": profile_file(), "b.txt": OLD}
    (one, two), problems = read(tmp_path, files)
    assert not problems and one.session_id == "b/0000" and two.session_id == "b/0001"
    assert one.inference_avg_us == 12500 and one.timed_run is not None and one.timed_run.count == 80
    assert one.memory is not None and one.memory.overall_mb == 6.25


def test_a_result_file_alone(tmp_path: Path) -> None:
    (record,), _ = read(tmp_path, {"a.pb": result_file()}, model="m", delegate="cpu", threads=1)
    assert record.outcome == "ok" and record.inference_avg_us == 12500 and record.init_us == 30000
    assert record.timed_run is not None and record.timed_run.p95_us == 14000 and record.timed_run.median_us is None
    assert record.memory is not None and record.memory.overall_mb == 2 and "outcome_reason" in record.detail
    (record,), _ = read(tmp_path, {"b.pb": result_file(0)})
    assert record.outcome == "other" and record.inference_avg_us is None


def test_logcat_is_of_the_app(tmp_path: Path) -> None:
    log = DRESSES["threadtime"](CPU)
    assert read(tmp_path, {"a.txt": log})[0][0].context == "app"
    assert read(tmp_path, {"a.txt": log}, context="shell")[0][0].context == "shell"
    assert read(tmp_path, {"a.txt": CPU})[0][0].context == "shell"


def test_a_failed_run_is_a_result(tmp_path: Path) -> None:
    failed = CPU.split("INFO: Initialized")[0] + "ERROR: Failed to allocate tensors!\nERROR: Benchmarking failed.\n"
    (record,), problems = read(tmp_path, {"a.txt": failed, "a.pb": result_file()})
    assert record.outcome == "prepare_failed" and not problems


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.txt", b"", "a.txt is empty"),
        ("a.txt", CPU + OLD, "a.txt holds 2 runs; give each run a file of its own"),
        ("a.txt", "tests/own.py::test PASSED\n" * 99, "a.txt is no log of a benchmark program"),
        ("a.txt", SUMMARY, "a.txt holds no times of a single run, only a summary or a profile"),
        ("a.txt", bytes(range(256)) * 9, "a.txt is no log of a benchmark program"),
        ("a.pb", b"\x99" * 99, "a.pb is no result file, runtime info or profile of a benchmark program"),
        ("a.pb", CPU, "a.pb is no result file, runtime info or profile of a benchmark program"),
        ("a.pb", runtime_file(), "a.pb holds no timings; give the log or the result file of that run beside it"),
        ("a.pb", profile_file(), "a.pb holds no timings; give the log or the result file of that run beside it"),
    ],
)
def test_bad_input_is_one_sentence(name: str, content: str | bytes, sentence: str, tmp_path: Path) -> None:
    records, problems = read(tmp_path, {name: content, "good.txt": CPU + PROFILE})
    assert len(records) == 1 and problems == [sentence]


def test_a_damaged_message_does_not_lose_its_log(tmp_path: Path) -> None:
    (record,), problems = read(tmp_path, {"a.txt": CPU, "a.pb": b"\x99" * 99})
    assert record.outcome == "ok"
    assert problems == ["a.pb is no result file, runtime info or profile of a benchmark program"]


def test_the_same_file_twice_is_one_measurement(tmp_path: Path) -> None:
    records, problems = read(tmp_path, {"a.txt": CPU, "b.txt": CPU})
    assert len(records) == 1 and problems == ["b.txt holds the same as a.txt and is left out"]


def test_a_missing_file(tmp_path: Path) -> None:
    sessions, problems = read_imports([tmp_path / "none.txt", tmp_path], Given(), "b")
    assert not sessions and "No such file" in problems[0].sentence and "cannot be read" in problems[1].sentence
