"""`harness explain` and `harness rules` as they are typed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from harness.measure.rules import RULES, VOID_FLAGS
from harness.report.document import build_document
from tests.racks import MODELS, harness
from tests.report.folders import CPU, run_folder, timed


@pytest.fixture
def run(tmp_path: Path) -> str:
    cpu = [timed(f"b/000{n}", 3000.0 + n, key=CPU) for n in (4, 5, 6)]
    return str(run_folder(tmp_path, *(timed(f"b/000{n}", 1000.0 + n) for n in (1, 2, 3)), *cpu).path)


def test_one_row_by_name_and_by_terms(run: str) -> None:
    by_terms = harness("explain", run, "delegate=gpu", "--json")
    assert by_terms.code == 0, by_terms.err
    story = json.loads(by_terms.out)
    assert story["schema"] == 1 and story["delegate"] == "gpu" and len(story["session_list"]) == 3
    told = harness("explain", run, story["row"])
    assert told.code == 0 and told.out.startswith(f"{story['row']}: net int8, GPU precision=fp32")
    assert "--graph=net int8.tflite" in told.out and not told.err


def test_the_report_shows_the_names_that_explain_takes(run: str) -> None:
    from harness.results.folder import load_run

    shown = harness("report", run).out
    for row in build_document(load_run(Path(run)))["rows"]:
        assert row["row"] in shown
    assert "`harness explain RUN ROW`" in shown


def test_several_rows_are_listed_and_none_is_told(run: str) -> None:
    done = harness("explain", run, "model=net")
    assert done.code == 2 and not done.out
    *lines, last = done.err.splitlines()
    assert len(lines) == 2 and last == (
        "harness: 'model=net' is not one row: 2 rows match: give the name of one, or add delegate=cpu or affinity=f0 "
        "or precision=fp32"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("RUN", "r000000"), "harness: this run has no row 'r000000'; `harness report RUN` shows the names"),
        (("RUN", "delegate=npu"), "harness: no row of this run has delegate=npu; delegate is cpu, gpu in this run"),
        (("nowhere", "r1"), "harness: 'nowhere' is no run folder; give a folder that holds a run.json"),
        (("RUN",), "Missing argument 'row'"),
    ],
)
def test_wrong_usage_is_one_sentence(run: str, words: tuple[str, ...], said: str) -> None:
    done = harness("explain", *(run if w == "RUN" else w for w in words))
    assert done.code == 2 and said in done.err and "Traceback" not in done.err and not done.out


def test_what_a_phone_was_given_is_told_as_it_was(tmp_path: Path) -> None:
    words = (
        "--virtual",
        "1",
        "--delegate",
        "cpu:affinity=3",
        "--sessions",
        "1",
        "--num-runs",
        "2",
        "--min-secs",
        "0.1",
    )
    ran = harness("bench", str(MODELS / "digits_int8.tflite"), *words, "--out", str(tmp_path), "--rate", "4")
    assert ran.code == 0, ran.err
    run = Path(ran.out.splitlines()[-1])
    story = json.loads(harness("explain", str(run), "affinity=3", "--json").out)
    (command,), (session,) = story["commands"], story["session_list"]
    assert (command["source"], command["affinity"], command["model"]) == ("cmd", "3", "digits_int8.tflite")
    assert command["program"] == "benchmark_model" and "--num_runs=2" in command["flags"]
    assert command["words"].startswith("taskset 3 benchmark_model --graph=digits_int8.tflite")
    assert session["counted"] and session["battery_pct"] is not None and session["mean_ms"] > 0
    names = {Path(f["path"]).name for f in story["files"]}
    assert {"cmd", "out", "sampler.tsv", "battery"} <= names
    for file in story["files"]:
        assert file["sha256"] == hashlib.sha256((run / file["path"]).read_bytes()).hexdigest()
    assert "--delegate cpu:affinity=3" in story["again"][1]["command"]
    assert "--virtual 1" in story["again"][1]["command"] and "--rate 4" in story["again"][1]["command"]


def test_rules() -> None:
    listed = json.loads(harness("rules", "--json").out)
    assert listed["schema"] == 1 and {r["rule"] for r in listed["rows"]} == set(RULES)
    assert {r["rule"] for r in listed["rows"] if r["voids"]} == VOID_FLAGS
    assert all(r["threshold"] and r["why"] and r["meaning"] for r in listed["rows"])
    shown = harness("rules").out
    assert all(name in shown for name in RULES) and shown.splitlines()[-1].startswith(f"{len(RULES)} rules: ")
