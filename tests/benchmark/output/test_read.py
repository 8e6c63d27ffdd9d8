"""Reading what the programs print: by structure, in every dress, damaged or whole."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.benchmark.output import (
    ResultFileError,
    delegated_nodes,
    parse_benchmark,
    read_result_file,
    read_runtime_info,
)
from harness.records import OUTCOMES
from tests.benchmark.output.logs import CPU, GPU, LITERT, LOGCAT
from tests.racks import SHARED

RUNS = SHARED / "benchmark_model_runs"


def test_every_field_of_a_whole_log() -> None:
    found = parse_benchmark(CPU).to_dict()
    assert found["outcome"] == "ok" and found["outcome_line"] is None
    assert (found["init_us"], found["first_us"]) == (12500, 21000)
    assert (found["warmup_avg_us"], found["inference_avg_us"]) == (12620.5, 12480.1)
    assert found["warmup_run"]["count"] == 40 and found["timed_run"]["max_us"] == 15000
    assert found["timed_run"]["p95_us"] == 12900 and found["model_mb"] == 2.5
    assert found["memory"]["overall_mb"] == 6.25 and found["memory"]["peak_mb"] is None
    assert found["delegates"] == [
        {
            "name": "TfLiteXNNPackDelegate",
            "nodes_delegated": 30,
            "nodes_total": 33,
            "partitions": 4,
            "extent": "partially",
        }
    ]


def test_error_lines_of_a_delegate_are_no_failure() -> None:
    found = parse_benchmark(GPU, exit_code=0)
    assert found.outcome == "ok"
    gpu = next(d for d in found.delegates if d.name == "GPU")
    assert (gpu.extent, gpu.nodes_delegated, gpu.nodes_total) == ("partially", 31, 33)


def test_the_litert_program() -> None:
    found = parse_benchmark(LITERT)
    assert found.outcome == "ok" and found.inference_avg_us == 1248.1 and found.init_us == 12500
    assert found.memory is not None and found.memory.peak_mb == 40
    assert found.timed_run is not None and found.timed_run.avg_us == 1248.1


def test_logcat_of_one_process_among_others() -> None:
    plain, through = parse_benchmark(CPU), parse_benchmark(LOGCAT)
    assert through.outcome == "ok" and through.timed_run == plain.timed_run and through.delegates == plain.delegates


@pytest.mark.parametrize(
    ("text", "code", "outcome"),
    [
        ("ERROR: Failed to load model x\nERROR: Benchmarking failed.", 1, "model_load_failed"),
        ("ERROR: Encountered unresolved custom op: Own.\nERROR: Failed to allocate tensors!", 1, "unresolved_op"),
        ("ERROR: Failed to apply GPU delegate.\nERROR: Benchmarking failed.", 1, "delegate_failed"),
        ("ERROR: Node number 3 (OWN) failed to prepare.\nERROR: Benchmarking failed.", 1, "prepare_failed"),
        (CPU + "ERROR: Node number 3 (OWN) failed to invoke.\nERROR: Benchmarking failed.", 1, "invoke_failed"),
        ("ERROR: Failed to parse flag 'num_runs' against argv '--num_runs=x'", 1, "bad_flag"),
        ("FATAL: Inputs mismatch", 134, "crash"),
        ("Segmentation fault", 139, "crash"),
        ("", 137, "killed"),
        ("", 124, "timeout"),
        ('CANNOT LINK EXECUTABLE "x": library "liby.so" not found', 1, "link_error"),
        ("sh: ./b: can't execute: Permission denied", 126, "permission"),
        ("sh: ./b: not executable: 64-bit ELF file", 126, "wrong_abi"),
        ("sh: ./benchmark_model: inaccessible or not found", 127, "not_found"),
        ("", None, "other"),
    ],
)
def test_outcomes(text: str, code: int | None, outcome: str) -> None:
    assert parse_benchmark(text, exit_code=code).outcome == outcome


def test_a_bad_exit_code_beats_final_timings() -> None:
    assert parse_benchmark(CPU, exit_code=1).outcome != "ok"


def test_zeros_of_a_dry_run_are_not_measurements() -> None:
    text = re.sub(r"count=\d+ [^\n]*", "count=0 p5=0 median=0 p95=0", CPU)
    text = re.sub(r"Inference \(avg\): [\d.]+", "Inference (avg): 0", text)
    found = parse_benchmark(text, exit_code=0)
    assert found.outcome != "ok"
    assert found.timed_run is not None and found.timed_run.median_us is None


def test_one_value_for_all_runs() -> None:
    found = parse_benchmark("count=2 curr=9(all same)\n\ncount=3 curr=7(all same) p5=7 median=7 p95=7")
    assert found.timed_run is not None
    assert (found.timed_run.count, found.timed_run.min_us, found.timed_run.avg_us) == (3, 7, 7)


def _finished(text: str) -> bool:
    """By other means than the reader's: two phases with runs, or final averages above zero."""
    phases = [int(n) for n in re.findall(r"count=(\d+)", text)]
    ends = re.search(r"Inference(?: \(avg\))?: *[0-9.]*[1-9]", text) or "no stats" in text
    return bool(ends) or len([n for n in phases if n > 0]) >= 2 or "Timings (micro" in text


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_damaged_logs(data: st.DataObject) -> None:
    """Cut, spliced, reordered, corrupted: never an exception, never ok without a finished timed run."""
    lines = data.draw(st.sampled_from([CPU, GPU, LITERT, LOGCAT])).splitlines()
    other = data.draw(st.sampled_from([CPU, LITERT])).splitlines()
    kind = data.draw(st.sampled_from(["cut", "splice", "shuffle", "corrupt"]))
    at = data.draw(st.integers(0, len(lines)))
    if kind == "cut":
        text = "\n".join(lines)[: data.draw(st.integers(0, 3000))]
    elif kind == "splice":
        text = "\n".join(lines[:at] + other[data.draw(st.integers(0, len(other))) :])
    elif kind == "shuffle":
        text = "\n".join(data.draw(st.permutations(lines)))
    else:
        text = "\n".join(lines)
        place = data.draw(st.integers(0, len(text)))
        text = text[:place] + data.draw(st.text(max_size=20)) + text[place + data.draw(st.integers(0, 40)) :]
    code = data.draw(st.sampled_from([None, 0, 1, 134, 137]))
    found = parse_benchmark(text, exit_code=code)
    assert found.outcome in OUTCOMES
    json.dumps(found.to_dict(), allow_nan=False)
    if found.outcome == "ok":
        assert _finished(text) and code in (None, 0)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=3000))
def test_rubbish(data: bytes) -> None:
    assert parse_benchmark(data.decode("utf-8", "replace")).outcome != "ok"
    for read in (read_result_file, lambda d: read_runtime_info(d, "gpu"), lambda d: delegated_nodes(d, "gpu")):
        try:
            read(data)
        except ResultFileError:
            pass


@pytest.mark.skipif(not RUNS.is_dir(), reason="the shared captures are not beside this checkout")
def test_real_runs_are_read_as_their_exit_code_says() -> None:
    names = [p.stem for p in RUNS.glob("*.cmd") if not p.stem.startswith(("inference_diff", "perf_options"))]
    assert len(names) > 60
    for name in names:
        out, err = ((RUNS / f"{name}.{kind}").read_text(errors="replace") for kind in ("out", "err"))
        code = int((RUNS / f"{name}.rc").read_text())
        for text in (out + err, err + out):
            found = parse_benchmark(text, exit_code=code)
            ran = code == 0 and name != "dry_run"
            assert (found.outcome == "ok") == ran, (name, found.outcome)


@pytest.mark.skipif(not (SHARED / "benchmark_logs").is_dir(), reason="the shared captures are not beside this checkout")
def test_hand_read_captures_agree() -> None:
    import os

    check = SHARED.parent / "tools" / "check_parse.py"
    path = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"  # noqa: PTH120
    done = subprocess.run(
        [sys.executable, str(check), "benchmark_logs"], capture_output=True, text=True, env={**os.environ, "PATH": path}
    )
    assert done.returncode == 0, done.stdout


def test_a_lone_phase_beside_an_average_of_nothing_is_no_timed_run() -> None:
    final = "Inference timings in us: Init: 1, First inference: 2, Warmup (avg): 3, Inference (avg): 0"
    assert parse_benchmark(f"count=80 first=9 curr=9 min=8 max=9 avg=8.5 std=1\n{final}", exit_code=0).outcome != "ok"
