"""What `bench` and `run` do where nothing can start, or not as before."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.racks import MODELS, harness

INT8 = str(MODELS / "digits_int8.tflite")
SUITE = "models: [{path}]\ndelegates: [cpu]\nsessions: {sessions}\nprotocol: {{min_secs: 0.1, num_runs: 3}}\n"


def write(folder: Path, sessions: int) -> str:
    path = folder / "s.yaml"
    path.write_text(SUITE.format(path=json.dumps(INT8), sessions=sessions))
    return str(path)


def test_what_cannot_start_leaves_no_folder(tmp_path: Path) -> None:
    out = tmp_path / "runs"
    for words, said in (
        (["--device", "tier=gold"], "the phone cannot be used; see above"),
        (["--delegate", "npu"], "no phone can run any of it"),
        (["--binary", "/nothing"], "cannot be read"),
    ):
        done = harness("bench", INT8, "--virtual", "1", "--out", str(out), *words)
        assert done.code in (2, 3) and said in done.err, done.err
    assert not out.exists()


def test_a_phone_that_misses_a_gate_is_left_out(tmp_path: Path) -> None:
    suite = tmp_path / "s.yaml"
    suite.write_text(f"models: [{json.dumps(INT8)}]\ngates: {{on_battery: true}}\n")
    done = harness("run", str(suite), "--virtual", "1", "--out", str(tmp_path / "runs"))
    assert done.code == 3 and "is left out: the gate asks for a phone on battery, and it is" in done.err
    assert not (tmp_path / "runs").exists()


def test_schemas_and_their_names() -> None:
    for kind, key in (("suite", "properties"), ("tiers", "items"), ("recipe", "properties")):
        assert key in json.loads(harness("schema", kind).out)
    done = harness("schema", "phones")
    assert done.code == 2 and "there is no schema of 'phones'; use suite, tiers, recipe or rack" in done.err


def test_a_resume_needs_the_same_suite(tmp_path: Path) -> None:
    out = str(tmp_path / "runs")
    first = harness("run", write(tmp_path, 1), "--virtual", "1", "--out", out)
    assert first.code == 0, first.err
    folder = Path(first.out.splitlines()[-1])
    meta = json.loads((folder / "run.json").read_text())
    assert meta["finished"] and meta["sessions"] == 1 and meta["skipped"] == []
    assert [(m["name"], m["variant"], len(m["sha256"])) for m in meta["models"]] == [("digits_int8", "", 64)]
    other = harness("run", write(tmp_path, 2), "--virtual", "1", "--out", out, "--resume", str(folder))
    assert other.code == 2 and "is a run of another suite (see suite in its run.json)" in other.err
    assert list((tmp_path / "runs").iterdir()) == [folder]


def test_the_plan_shows_what_is_left_out_and_the_time(tmp_path: Path) -> None:
    words = ["bench", INT8, "--virtual", "1", "--delegate", "cpu,npu", "--dry-run", "--out", str(tmp_path / "runs")]
    plan = json.loads(harness(*words, "--json").out)
    assert [s["what"] for s in plan["skipped"]] == ["npu"] and 0 < plan["estimate_s"] < plan["limit_s"]
    shown = harness(*words)
    assert "3 sessions" in shown.out and "at most" in shown.out and "npu is left out" in shown.err


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS refuses names that are no UTF-8")
def test_a_model_whose_name_is_no_utf8(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/m\xff.tflite"
    Path(os.fsdecode(path)).write_bytes(Path(INT8).read_bytes())
    words = ("--delegate", "cpu", "--sessions", "1", "--min-secs", "0.1", "--num-runs", "3")
    done = harness("bench", os.fsdecode(path), "--virtual", "1", "--out", str(tmp_path / "runs"), *words)
    assert done.code == 0, done.err
    folder = Path(done.out.splitlines()[-1])
    assert json.loads(harness("report", str(folder), "--format", "json").out)["rows"][0]["model"] == "m\ufffd"
