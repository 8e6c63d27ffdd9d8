"""The story of a number tells what happened, all of it, and nothing that did not."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.records import Agreement, Delegation, Quantity
from harness.report.document import build_document
from harness.report.groups import SessionIndex
from harness.report.raw import Raw, read_raw
from harness.report.story.command import commands
from harness.report.story.meaning import percent, what_it_is, what_the_interval_means
from harness.report.story.tell import tell
from harness.report.story.text import to_text
from harness.results.folder import Run
from tests.records import phone, session
from tests.report.folders import CPU, GPU, META, MODEL, PROGRAM, run_folder, timed
from tests.report.runs import run_on

FLAGGED = {"flags": ("throttled",), "flag_reasons": {"throttled": "a CPU cluster was capped at 80 % of its clock"}}
VOID = {"flags": ("suspended",), "flag_reasons": {"suspended": "no sample for 9.0 s"}}


def story(run: Run, number: int = 0) -> dict[str, Any]:
    document = build_document(run)
    row = document["rows"][number]
    sessions = SessionIndex(run.sessions)
    return tell(run, document, row, sessions, read_raw(run.path, [*sessions.own(row), *sessions.checks(row)]))


@pytest.fixture
def told(tmp_path: Path) -> dict[str, Any]:
    sessions = [
        timed("b/0002", 1010.0, **FLAGGED),
        timed("b/0001", 1000.0),
        timed("b/0003", 9000.0, **VOID),
        timed("b/0004", 1020.0),
        timed("b/0005", None, outcome="crash", outcome_line="Segmentation fault"),
        timed("b/0006", 1.0, kind="outputs", agreement=Agreement(0, "f.npz", "agrees", max_abs_error=0.0)),
        timed("c/0001", 5.0, phone_id="P2"),
    ]
    return story(run_folder(tmp_path, *sessions))


def test_sessions_come_in_order_with_what_they_gave_and_whether_they_count(told: dict[str, Any]) -> None:
    found = told["session_list"]
    assert [s["index"] for s in found] == [1, 2, 3, 4, 5]
    assert [s["counted"] for s in found] == [True, True, False, True, False]
    assert found[2]["counted_reason"] == "void: suspended" and found[2]["void"]
    assert found[4]["counted_reason"] == "the program crashed" and not found[4]["void"]
    first = found[0]
    assert (first["mean_ms"], first["min_ms"], first["p95_ms"], first["runs"]) == (1.0, 0.9, 1.5, 5)
    assert first["battery_pct"] == 67 and first["thermal"]["battery_after_c"] == 31.0 and first["wall_s"] == 2.0
    (flag,) = found[1]["flags"]
    assert flag["rule"] == "throttled" and "80 %" in flag["seen"] and not flag["voids"] and "97 %" in flag["threshold"]
    assert told["sessions"] == 3 and told["sessions_run"] == 5 and told["latency_ms"]["median"] == 1.01
    assert [c["session_id"] for c in told["output_sessions"]] == ["b/0006"]
    assert "busy" in told["rules_held"] and not {"throttled", "suspended"} & set(told["rules_held"])


def test_one_command_for_all_with_names_for_sums(told: dict[str, Any]) -> None:
    (command,) = told["commands"]
    assert command["words"] == (
        "benchmark_model '--graph=net int8.tflite' --num_runs=5 --use_gpu=true --result_file_path=s/INDEX/result.pb"
    )
    assert command["source"] == "cmd" and len(command["sessions"]) == 5
    assert command["program_sha256"] == PROGRAM and "PHONE_ROOT" not in command["text"]
    assert MODEL in command["text"] and command["affinity"] is None and command["env"] == {}


def test_raw_files_have_sums_and_what_is_gone_says_so(told: dict[str, Any], tmp_path: Path) -> None:
    by_path = {f["path"]: f for f in told["files"]}
    path = "raw/b/s/0001/before/battery"
    assert by_path[path]["sha256"] == hashlib.sha256((tmp_path / "r" / path).read_bytes()).hexdigest()
    assert not any("/c/" in p for p in by_path)
    run = run_folder(tmp_path / "other", timed("b/0001", 1000.0))
    (run.path / "raw/b/s/0001/out").unlink()
    gone = next(f for f in story(run)["files"] if f["path"].endswith("out"))
    assert gone["sha256"] is None and gone["size_bytes"] is None and gone["reason"]


def test_it_says_how_to_take_it_again(told: dict[str, Any]) -> None:
    whole, alone = (a["command"] for a in told["again"])
    assert whole == "harness run 'my suite.yaml' --virtual 2 --profile pixel-6a:2"
    assert alone == (
        "harness bench 'net int8.tflite' --delegate gpu:precision=fp32 --sessions 5 --threads 4 --num-runs 5 "
        "--min-secs 0.5 --device P1 --virtual 2 --profile pixel-6a:2"
    )


def test_text_tells_all_of_it(told: dict[str, Any]) -> None:
    text = to_text(told)
    for part in (
        f"{told['row']}: net int8, GPU precision=fp32, Own Phone [virtual]",
        "1.01 ms: the median over 3 sessions of 5 that ran",
        "It is no range of runs",
        "says nothing about real phones",
        "as the phone got it, the same in 5 sessions: exec /data/",
        "tier mid: a rule",
        "battery before the sessions: 67, 67, 67, 67, 67 %",
        "no, void: suspended",
        "0001 battery 30 to 31 °C",
        "0002 flagged: throttled, a CPU cluster was capped at 80 % of its clock",
        "0003 void: suspended, no sample for 9.0 s",
        "0005 ended with: Segmentation fault",
        "throttled flags 1 of 5 sessions; it holds from: a CPU cap below 97 %",
        "No session is known to have broken: busy, charging",
        "GPU 9 of 9 nodes in 1 partition (completely), from the runtime info file",
        "energy of one inference not measured",
        "outputs: equal",
        "raw/b/s/0006 (of its outputs)",
    ):
        assert part in text, part
    json.dumps(told, allow_nan=False)


def test_commands_that_differ_stand_apart(tmp_path: Path) -> None:
    odd = timed("b/0002", 1000.0, args=("--num_runs=9",))
    told = story(run_folder(tmp_path, timed("b/0001", 1000.0), odd))
    assert [c["sessions"] for c in told["commands"]] == [["b/0001"], ["b/0002"]]
    assert "In 1 session (0002):" in to_text(told)


def test_environment_and_cores_are_taken_apart() -> None:
    line = (
        f'export LD_LIBRARY_PATH=/v ADSP_LIBRARY_PATH=/v; exec taskset f0 "${{PHONE_ROOT}}"/data/{PROGRAM} --graph=/x'
    )
    (found,) = commands([session("b/0", key=CPU)], {"b/0": Raw(command=line)}, META)
    assert found["env"] == {"LD_LIBRARY_PATH": "/v", "ADSP_LIBRARY_PATH": "/v"} and found["affinity"] == "f0"
    assert found["program"] == "benchmark_model" and found["flags"] == ["--graph=/x"]
    (broken,) = commands([session("b/0")], {"b/0": Raw(command="exec 'never closed")}, META)
    assert broken["text"] == "exec 'never closed"


def test_without_raw_files_the_command_is_put_together_and_says_so(tmp_path: Path) -> None:
    told = story(run_folder(tmp_path, timed("b/0001", 1000.0), raw=False))
    assert told["commands"][0]["source"] == "record" and told["files"] == []
    assert "put together from the record" in to_text(told) and "None are kept." in to_text(told)


def test_a_session_that_was_not_started_has_no_command() -> None:
    refused = session("b/0", outcome="refused", outcome_line="too large", args=(), inference_avg_us=None)
    run = run_on((phone(),), refused)
    told = story(run)
    assert told["commands"] == [] and told["commands_reason"] == "no session was started"
    assert "None: no session was started." in to_text(told) and "No figure: m int8" in to_text(told)


def test_an_imported_row_is_not_taken_again() -> None:
    made = session("b/0", provenance="imported", phone_id="X", model_sha256=None)
    told = story(Run(Path("runs/r"), {"run_id": "r"}, (), (made,)))
    assert told["phone"] is None and told["phone_reason"]
    assert told["again"] == [
        {"what": "the whole run", "command": None, "reason": "it was measured elsewhere, or its command is not kept"}
    ]
    assert "did not see the phone" in to_text(told)


def test_keys_of_later_parts_are_told_where_they_are(tmp_path: Path) -> None:
    run = run_folder(tmp_path, timed("b/0001", 1000.0), timed("b/0002", 1001.0), timed("b/0003", 1002.0))
    document = build_document(run)
    (row,) = document["rows"]
    row["latency_ms"]["stability"] = {"words": "needs about 9 more sessions for ±2 %"}
    row["energy_mj"] = {"value": 12.0, "ci95": [11.0, 13.0], "reason": None}
    row["energy"] = {"absolute": "uncalibrated", "u_mj": 0.25, "errors_mj": {"idle": 0.2}, "source": "gauge",
                     "gross_mj": 15.0, "idle_mw": 700.0, "window_s": 30.0, "reason": None}  # fmt: skip
    text = to_text(tell(run, document, row, SessionIndex(run.sessions), {}))
    assert "needs about 9 more sessions" in text and "95 % interval 11.0 to 13.0 mJ, uncalibrated" in text
    assert "from gauge, gross 15.0 mJ, idle 700 mW, over 30.0 s" in text
    assert "budget of its errors ± 0.250 mJ: idle 0.200" in text


def test_sessions_that_ran_for_another_figure_do_not_count(tmp_path: Path) -> None:
    made = [timed("b/0001", 1000.0), *(timed(f"b/000{n}", 5.0, kind="cold", outcome="fallback") for n in (2, 3))]
    first, *others = story(run_folder(tmp_path, *made))["session_list"]
    assert first["counted"] and not any(s["counted"] for s in others)
    assert others[0]["counted_reason"] == "it ran for another figure: the first load"


def test_sentences_promise_no_more_than_there_is() -> None:
    def row(*times: float, **fields: Any) -> dict[str, Any]:
        made = [session(f"b/{n}", inference_avg_us=t, **fields) for n, t in enumerate(times)]
        return dict(build_document(run_on((phone(),), *made))["rows"][0])

    assert "no range of runs" in what_the_interval_means(row(1000, 1010, 1020))
    assert what_the_interval_means(row(1000, 1010)).startswith("No interval (2 values are too few")
    fallen = row(1000, key=GPU, outcome="fallback", delegation=Delegation("none", 0, 9))
    assert what_it_is(fallen).endswith("Nothing shows that GPU took a node: this is the CPU's time.")
    assert percent(10.0, [9.0, 10.5]) == "± 10 %" and percent(10.0, [9.9, 10.02]) == "± 1.0 %"
    assert percent(10.0, [None, None]) == "" and percent(10.0, [10.0, 10.0]) == "± less than 0.1 %"


def test_energy_is_told_with_its_interval(tmp_path: Path) -> None:
    made = [timed(f"b/000{n}", 1000.0 + n, energy_mj=Quantity(2.0 + n / 10)) for n in range(3)]
    assert "energy of one inference 2.10 mJ, 95 % interval" in to_text(story(run_folder(tmp_path, *made)))


def test_a_row_is_told_by_its_own_sessions_alone(tmp_path: Path) -> None:
    cpu = [replace(timed(f"b/000{n}", 3000.0), key=CPU) for n in (1, 2)]
    run = run_folder(tmp_path, timed("b/0003", 1000.0), *cpu)
    assert [[s["index"] for s in story(run, n)["session_list"]] for n in (0, 1)] == [[1, 2], [3]]
