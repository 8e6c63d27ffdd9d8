"""harness compare --on-device and harness rack selftest on virtual phones, as somebody types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from harness.rack.noise import NO_TEST
from harness.virtual.standin import standin_bytes
from tests.racks import MODELS, Done, harness, rack_server

INT8, FLOAT32 = (str(MODELS / f"digits_{kind}.tflite") for kind in ("int8", "float32"))
FAST = ("--min-secs", "0.2", "--warmup-min-secs", "0.1", "--num-runs", "5")
VIRTUAL = ("--virtual", "1", "--rate", "4")


def compare(*words: str, out: Path, env: dict[str, str] | None = None) -> tuple[Done, dict[str, Any]]:
    done = harness("compare", "--on-device", *words, *FAST, "--out", str(out), "--json", env=env)
    assert done.code in (0, 1), done.err
    return done, json.loads(done.out)


def latency(document: dict[str, Any]) -> dict[str, Any]:
    (row,) = [r for r in document["rows"] if r["metric"] == "latency_ms"]
    return dict(row)


def sessions(folder: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    return [line["session"] for line in lines if line["event"] == "session"]


def test_a_larger_model_is_slower_and_every_report_keeps_the_arms_apart(tmp_path: Path) -> None:
    done, document = compare(INT8, FLOAT32, "--rounds", "3", *VIRTUAL, out=tmp_path)
    row = latency(document)
    assert done.code == 1 and row["verdict"] == "slower" and row["ci95"][0] > 1.5 and row["b"] > row["a"] > 0
    assert row["provenance"] == "virtual" and row["pairs"] == 6 and document["schema"] == 1
    assert document["overall"]["latency_ms"]["verdict"] == "slower"
    energy = document["overall"]["energy_mj"]
    assert energy["ratio"] is None and energy["reason"].startswith("not measured: ")
    arms = document["run"]["compare"]["arms"]
    folder = Path(document["run"]["path"])
    ran = {s["arm"]: s["model_sha256"] for s in sessions(folder)}
    assert ran == {name: arm["model_sha256"] for name, arm in arms.items()} and len(ran) == 2
    rows = json.loads(harness("report", str(folder), "--format", "json").out)["rows"]
    assert [(r["variant"], r["sessions"]) for r in rows] == [("B", 6), ("A", 6)]


def test_delegates_in_the_arms_and_an_arm_that_refuses(tmp_path: Path) -> None:
    """The operator is missing in B's program: a result, which settles nothing and is no failed job."""
    done, document = compare(f"{INT8}@cpu:threads=1", f"{MODELS}/flex.tflite@gpu:precision=fp32", "--rounds", "2",
                             *VIRTUAL, out=tmp_path)  # fmt: skip
    row = latency(document)
    assert done.code == 0 and row["verdict"] == "undecided" and row["pairs"] == 0 and row["pairs_dropped"] == 4
    assert row["reason"] == "no pair counts: B: an operator is missing in this program"
    keys = {s["arm"]: s["key"] for s in sessions(Path(document["run"]["path"]))}
    assert keys["A"]["threads"] == 1 and keys["A"]["delegate"] == "cpu"
    assert keys["B"]["delegate"] == "gpu" and keys["B"]["options"] == {"precision": "fp32"}


def test_one_model_with_two_programs_goes_on_until_it_is_settled(tmp_path: Path) -> None:
    programs = []
    for name in ("old", "new"):
        programs.append(tmp_path / name)
        programs[-1].write_bytes(standin_bytes() + f"# {name}\n".encode())
    words = ("--binary-a", str(programs[0]), "--binary-b", str(programs[1]), "--flag-b=--use_caching=true")
    done, document = compare(
        INT8, *words, "--rounds", "2", "--until", "0.5", "--most", "4", *VIRTUAL, out=tmp_path / "r"
    )
    row = latency(document)
    assert row["rounds"] in (2, 4) and row["stopped"] in ("4 rounds are spent", "the verdict is settled")
    meta, ran = document["run"]["compare"], sessions(Path(document["run"]["path"]))
    assert meta["differences"] == ["program", "flags"] and len(ran) == 4 * row["rounds"]
    for session in ran:
        arm = meta["arms"][session["arm"]]
        assert session["runtime"]["sha256"] == arm["program_sha256"]
        assert ("--use_caching=true" in session["args"]) is (session["arm"] == "B")
    assert set(document["run"]["binaries"].values()) == {"old", "new"}
    assert done.code == (1 if row["verdict"] == "slower" and row["ratio"] > 1.02 else 0)


def test_a_session_that_dies_takes_its_pair_with_it(tmp_path: Path) -> None:
    faults = tmp_path / "f.yaml"
    faults.write_text("0: {bench_crash: {when: {event: session, nth: 2}, signal: 11}}\n")
    words = (INT8, FLOAT32, "--rounds", "3", *VIRTUAL, "--faults", str(faults))
    _, document = compare(*words, out=tmp_path)
    row = latency(document)
    assert row["pairs"] == 5 and row["pairs_dropped"] == 1 and row["verdict"] == "slower"
    assert list(row["dropped"]) in (["A: the program crashed"], ["B: the program crashed"])
    shown = harness("compare", "--on-device", *words, *FAST, "--out", str(tmp_path))
    assert "5 of 6" in shown.out and "1 pair left out" in shown.out and "B is slower than A" in shown.out
    assert Path(shown.out.strip().splitlines()[-1]).is_dir()


@pytest.mark.slow
def test_a_killed_command_is_gone_on_with(tmp_path: Path) -> None:
    words = ["compare", "--on-device", INT8, FLOAT32, "--rounds", "2", "--until", "0.01", "--margin", "0.01",
             "--most", "4", "--min-secs", "1", "--num-runs", "3"]  # fmt: skip
    with rack_server(1) as (server, _):
        env = {"ADB_SERVER_SOCKET": f"tcp:localhost:{server.port}"}
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", *words, "--out", str(tmp_path)], env={**os.environ, **env}
        )
        for _ in range(600):
            journals = list(tmp_path.glob("*/journal.jsonl"))
            if journals and journals[0].read_text().count('"event": "session"') >= 2:
                break
            time.sleep(0.1)
        process.kill()
        process.wait()
        (folder,) = tmp_path.iterdir()
        other = harness(*words, "--seed", "9", "--resume", str(folder), "--json", env=env)
        assert other.code == 2 and "is another comparison" in other.err
        done = harness(*words, "--resume", str(folder), "--json", env=env)
        assert done.code == 1, done.err
    document = json.loads(done.out)
    row, ran = latency(document), sessions(folder)
    assert len({s["session_id"] for s in ran}) == len(ran) == 4 * row["rounds"] and row["pairs"] == 2 * row["rounds"]
    assert document["run"]["finished"] is True and row["verdict"] == "slower"
    for markers in folder.glob("raw/*/markers"):
        starts = [line.split()[2] for line in markers.read_text().splitlines() if " start " in line]
        assert len(starts) == len(set(starts))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--on-device", INT8, FLOAT32, "--rounds", "1"], 2, "too few pairs"),
        (["--on-device", INT8, FLOAT32, "--margin", "0"], 2, "--margin must be above 0"),
        (["--on-device", INT8, FLOAT32, "--until", "-1"], 2, "--until must be above 0"),
        (["--on-device", INT8, FLOAT32, "--until", "1", "--most", "3"], 2, "--most 3 is less than --rounds 5"),
        (["--on-device", f"{INT8}@tpu", FLOAT32], 2, "no delegate 'tpu'"),
        (["--on-device", f"{INT8}@cpu:threads=no", FLOAT32], 2, "no number of threads"),
        (["--on-device", f"{INT8}@gpu:precision=fp8", FLOAT32], 2, "precision cannot be 'fp8'"),
        (["--on-device", "/nothing.tflite", FLOAT32], 2, "/nothing.tflite"),
        (["--on-device", INT8, FLOAT32, "--flag-a=--num_runs=3"], 2, "the harness sets --num_runs itself"),
        (["--on-device", INT8, FLOAT32, "--binary-b", INT8], 2, "is no program"),
        (["--on-device", INT8, FLOAT32, "--protocol", "cold"], 2, "not compared by protocol cold"),
        (["--on-device", INT8, FLOAT32, "--resume", "/nothing"], 2, "no run folder"),
    ],
)
def test_wrong_usage_is_one_sentence(words: list[str], code: int, said: str, tmp_path: Path) -> None:
    done = harness("compare", *words, "--virtual", "1", "--out", str(tmp_path))
    assert done.code == code and said in done.err and "Traceback" not in done.err, done.err
    assert not list(tmp_path.iterdir())


def test_a_self_test_tells_the_rack_what_each_phone_can_show(tmp_path: Path) -> None:
    with rack_server(1) as (server, serials):
        env = {"ADB_SERVER_SOCKET": f"tcp:localhost:{server.port}", "HARNESS_STATE": str(tmp_path / "state")}
        before = json.loads(harness("devices", "--json", env=env).out)["rows"][0]
        assert before["smallest_effect_pct"] is None and before["smallest_effect_pct_reason"] == NO_TEST
        words = ("--rounds", "2", "--min-secs", "0.1", "--num-runs", "3", "--out", str(tmp_path / "runs"), "--json")
        done = harness("rack", "selftest", serials[0], *words, env=env, timeout=300)
        document = json.loads(done.out)
        rows = {(r["test"], r["delegate"]): r for r in document["rows"]}
        assert set(rows) == {("a/a", "cpu"), ("a/a", "gpu"), ("doubled work", "cpu")}, done.err
        cpu = rows["a/a", "cpu"]
        assert cpu["pairs"] == 4 and cpu["smallest_effect_pct"] > 0 and cpu["spread_pct"] > 0 and cpu["took_s"] > 0
        assert done.code == (1 if document["failed"] else 0)
        assert rows["doubled work", "cpu"]["covers_1"] is None
        ran = [s for s in sessions(Path(document["run"]["path"])) if s["key"]["variant"].startswith("double")]
        assert {s["arm"]: s["args"][0] for s in ran} == {"A": "--num_runs=3", "B": "--num_runs=6"}
        listed = json.loads(harness("rack", "list", "--json", env=env).out)["rows"][0]
        after = json.loads(harness("devices", "--json", env=env).out)["rows"][0]
        assert listed["smallest_effect_pct"] == after["smallest_effect_pct"] == round(cpu["smallest_effect_pct"], 2)
