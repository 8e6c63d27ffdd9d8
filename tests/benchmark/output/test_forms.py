"""Every printed form of both programs, 2018 to today, in every dress."""

from __future__ import annotations

import pytest

from harness.benchmark.output import parse_benchmark
from tests.benchmark.output.logs import (
    CPU,
    DRESSES,
    GPU,
    LITERT,
    NEXT,
    OLD,
    PROFILE,
    PROFILE_CSV,
    SUMMARY,
)


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("log", [CPU, OLD, NEXT, CPU + PROFILE], ids=["cpu", "2018", "2019", "profile"])
def test_a_dress_changes_nothing(log: str, dress: str) -> None:
    assert parse_benchmark(DRESSES[dress](log)).to_dict() == parse_benchmark(log).to_dict()


def test_the_form_of_2018() -> None:
    found = parse_benchmark(OLD)
    assert (found.outcome, found.init_us, found.warmup_avg_us, found.inference_avg_us) == ("ok", 4500, 61000, 40500.5)
    assert found.warmup_run is not None and (found.warmup_run.count, found.warmup_run.avg_us) == (1, 61000)
    assert found.timed_run is not None and found.timed_run.max_us == 45000
    assert found.settings["Num threads"] == "3" and found.settings["Use nnapi"] == "0"


def test_memory_by_phase_of_2019() -> None:
    memory = parse_benchmark(NEXT).memory
    assert memory is not None and (memory.init_mb, memory.overall_mb) == (3.5, 9.25)


@pytest.mark.parametrize("profile", [PROFILE, PROFILE_CSV, PROFILE.replace("\t", "  ")])
def test_profiles_of_the_regular_runs(profile: str) -> None:
    found = parse_benchmark(CPU + profile).profile
    assert found is not None
    assert found["summary_avg_ms"] == {"CONV_2D": 7.5, "Pool (NHWC, F32) MAX": 2.5}
    assert found["run_timings"]["count"] == 80 and found["run_timings"]["avg_us"] == 10000.5


def test_only_the_models_own_tables_count() -> None:
    rows = PROFILE_CSV.split("Runs:\n")[1]
    inner = rows.replace("CONV_2D", "DelegateOpInvoke").replace("7.5", "9")
    for heading in ("Delegate internal:", "Subgraph (index: 1, name: body) profile:"):
        found = parse_benchmark(f"{CPU}{PROFILE_CSV}{heading}\n{inner}").profile
        assert found is not None and found["summary_avg_ms"] == {"CONV_2D": 7.5, "Pool (NHWC, F32) MAX": 2.5}


def test_tables_of_the_initialisation_alone_are_no_profile() -> None:
    initial = PROFILE.split("Initialization:\n")[1].split("INFO:")[0]
    found = parse_benchmark(initial)
    assert found.outcome == "other" and found.profile is None


def test_times_of_litert_are_those_of_its_phases_where_they_are_printed() -> None:
    assert parse_benchmark(LITERT).first_us == 2100
    block = LITERT.split("count=80")[1].replace("1.25 ms", "0.00 ms")
    found = parse_benchmark(block)
    assert (found.outcome, found.inference_avg_us, found.init_us) == ("ok", None, 12500)
    assert parse_benchmark(LITERT.split("count=80")[1]).inference_avg_us == 1250


def test_a_profile_of_litert_holds_the_initialisation_too() -> None:
    row = PROFILE_CSV.replace("Pool (NHWC, F32) MAX, 1, 2.5", "AllocateTensors, 1, 0.5").split("Runs:\n")[1]
    found = parse_benchmark(f"{LITERT}INFO: [./litert/tools/benchmark_litert_model.h:179]\n{row}").profile
    assert found is not None and found["summary_avg_ms"] == {"CONV_2D": 7.5, "AllocateTensors": 0.5}


def test_several_options_in_one_process() -> None:
    log = "INFO: STARTING!\nINFO: The list of TFLite runtime options to be benchmarked: [all]\n"
    body = CPU.split("STARTING!\n")[1]
    found = parse_benchmark(log + body + body.replace("12480.1", "9") + SUMMARY)
    assert (found.outcome, found.runs, found.inference_avg_us) == ("ok", 2, 12480.1)
    failed = body.split("INFO: Initialized session")[0] + "ERROR: Failed to apply GPU delegate.\n"
    end = "ERROR: Error while running a single-option run: 1\n"
    assert parse_benchmark(log + body + failed + end, exit_code=0).outcome == "delegate_failed"
    assert parse_benchmark(SUMMARY).outcome == "ok"
    assert parse_benchmark(SUMMARY.split("INFO:   ")[0] + "INFO: gpu-fp16:  failed!").outcome != "ok"


@pytest.mark.parametrize("between", ["", "$ ./benchmark_model --graph=other.tflite\n"])
@pytest.mark.parametrize("first", [CPU, OLD, GPU, LITERT])
def test_two_runs_are_never_mixed(first: str, between: str) -> None:
    second = CPU.replace("12480.1", "1.5").replace("2.5", "7.5").replace("6.25", "60.5")
    both, alone = parse_benchmark(first + between + second), parse_benchmark(first)
    assert both.runs == 2
    assert {**both.to_dict(), "runs": 1} == alone.to_dict()


def test_a_run_that_failed_before_one_that_did_not() -> None:
    failed = "INFO: STARTING!\nERROR: Failed to load model x\nERROR: Benchmarking failed.\n"
    found = parse_benchmark(failed + CPU)
    assert (found.outcome, found.runs, found.inference_avg_us) == ("model_load_failed", 2, None)


def test_the_streams_of_one_run_in_either_order() -> None:
    out = "\n".join(line for line in LITERT.splitlines() if "[" not in line and "=" * 5 not in line)
    err = "\n".join(line for line in LITERT.splitlines() if line not in out.splitlines())
    one, other = parse_benchmark(f"{out}\n{err}"), parse_benchmark(f"{err}\n{out}")
    assert one.to_dict() == other.to_dict() and one.runs == 1


def test_logcat_of_two_processes_at_once() -> None:
    def through(pid: int, log: str) -> list[str]:
        return [f"06-01 10:00:00.001  {pid}  {pid} I tflite  : {line}" for line in log.splitlines() if line]

    pairs = zip(through(11, OLD), through(12, OLD.replace("40500.5", "7")), strict=True)
    found = parse_benchmark("\n".join(line for pair in pairs for line in pair))
    assert (found.runs, found.inference_avg_us) == (2, 40500.5)
    assert found.timed_run == parse_benchmark(OLD).timed_run


def test_delegates_of_an_application_wrapped_by_its_author() -> None:
    text = "Explicitly applied NNAPI delegate, and the model graph will be\ncompletely executed by the delegate.\n"
    assert parse_benchmark(text).delegates[0].extent == "completely"


def test_two_delegates_and_two_subgraphs() -> None:
    line = "VERBOSE: Replacing {} out of {} node(s) with delegate ({}) node, yielding 3 partitions for subgraph {}.\n"
    text = line.format(5, 64, "TfLiteNnapiDelegate", 0) + line.format(59, 62, "TfLiteXNNPackDelegate", 0)
    found = parse_benchmark(text + line.format(2, 2, "TfLiteXNNPackDelegate", "1 (body)")).delegates
    assert [(d.name, d.nodes_delegated, d.nodes_total) for d in found] == [
        ("TfLiteNnapiDelegate", 5, 64),
        ("TfLiteXNNPackDelegate", 59, 62),
        ("TfLiteXNNPackDelegate", 2, 2),
    ]


def test_a_delegate_line_cut_by_its_author() -> None:
    (found,) = parse_benchmark("Replacing 5 out of 5 node(s) with delegate (TfLiteGpuDelegateV2)\n").delegates
    assert (found.nodes_delegated, found.extent, found.partitions) == (5, "completely", None)


def test_an_excerpt_of_the_timed_phase_alone() -> None:
    lines = CPU.splitlines()
    start = next(n for n, line in enumerate(lines) if "at least 50 iterations" in line)
    found = parse_benchmark("\n".join(lines[start : start + 2]))
    assert found.outcome == "ok" and found.timed_run is not None and found.warmup_run is None
