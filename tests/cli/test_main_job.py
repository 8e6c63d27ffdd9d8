"""The main job as a user runs it: both modes, an ordinary user, bad input, interruption."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from harness.adb.quote import DEVICE_ROOT
from tests.racks import MODELS, harness, rack_process, rack_server

FAST = ("--min-secs", "0.2", "--warmup-min-secs", "0.1", "--num-runs", "5", "--sessions", "2")
INT8 = str(MODELS / "digits_int8.tflite")


def bench(*words: str, out: Path, before: tuple[str, ...] = (), env: dict[str, str] | None = None) -> dict[str, Any]:
    done = harness("bench", *words, *FAST, "--out", str(out), "--json", before=before, env=env)
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def check(document: dict[str, Any], phones: int) -> None:
    assert document["schema"] == 1 and len(document["rows"]) == phones * 2
    for row in document["rows"]:
        assert row["provenance"] == "virtual" and row["context"] == "shell"
        assert row["outcome"] in ("ok", "fallback")
        assert row["latency_ms"]["median"] > 0 and row["sessions"] == 2
        assert row["energy_mj"]["value"] is None and row["energy_mj"]["reason"]
        if row["outcome"] == "ok":
            assert row["delegation"]["nodes_delegated"] > 0 and row["delegation"]["source"] == "runtime_info"
    assert document["run"]["wall_s"] > document["run"]["ideal_s"] > 0
    folder = Path(document["run"]["path"])
    assert (folder / "sessions.parquet").exists() and (folder / "journal.jsonl").exists()


def test_on_virtual_phones(tmp_path: Path) -> None:
    document = bench(INT8, "--virtual", "2", out=tmp_path)
    check(document, 2)
    assert document["run"]["bytes_pushed"] > 2 * Path(INT8).stat().st_size


def test_as_an_ordinary_user(tmp_path: Path) -> None:
    before: tuple[str, ...] = ()
    if os.getuid() == 0:
        if not shutil.which("unshare"):
            pytest.skip("this suite runs as root and unshare is not there")
        before = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
    check(bench(INT8, "--virtual", "1", out=tmp_path, before=before), 1)


def test_in_portable_mode_and_a_second_time(tmp_path: Path) -> None:
    """Where user namespaces are refused; the second run pushes nothing."""
    with rack_server(1, "--mode", "portable") as (server, serials):
        env = {"ADB_SERVER_SOCKET": f"tcp:localhost:{server.port}"}
        first = bench(INT8, "--device", serials[0], out=tmp_path, env=env)
        check(first, 1)
        second = bench(INT8, "--device", "tier=high", out=tmp_path, env=env)
        assert second["run"]["bytes_pushed"] == 0
        listed = harness("devices", "--json", env=env)
        (row,) = json.loads(listed.out)["rows"]
        assert row["phone_id"] == first["rows"][0]["phone_id"] and row["rack_state"] == "ready"
        assert harness("clean", env=env).code == 0
        assert server.phone(serials[0]).shell(f'ls "${{PHONE_ROOT}}"{DEVICE_ROOT}').exit_code != 0


def test_delegates_that_refuse_are_results(tmp_path: Path) -> None:
    done = harness("bench", str(MODELS / "flex.tflite"), str(MODELS / "partial_gpu.tflite"), "--virtual", "1", *FAST,
                   "--delegate", "cpu,gpu", "--out", str(tmp_path), "--json")  # fmt: skip
    assert done.code == 0, done.err
    rows = {(r["model"], r["delegate"]): r for r in json.loads(done.out)["rows"]}
    assert rows["flex", "cpu"]["outcome"] == rows["flex", "gpu"]["outcome"] == "unresolved_op"
    assert rows["flex", "cpu"]["latency_ms"]["median"] is None
    gpu = rows["partial_gpu", "gpu"]
    assert (
        gpu["outcome"] == "ok" and "partial_delegation" in gpu["flags"] and gpu["delegation"]["extent"] == "partially"
    )


def test_suite_file_report_formats_and_runs(tmp_path: Path) -> None:
    suite = tmp_path / "s.yaml"
    suite.write_text(
        f"models:\n  - {{name: 'odd $(x) name', path: {json.dumps(INT8)}}}\ndelegates: [cpu]\nsessions: 3\n"
        "protocol: {min_secs: 0.1, num_runs: 3, warmup_min_secs: 0.1}\n"
    )
    done = harness("run", str(suite), "--virtual", "1", "--out", str(tmp_path / "runs"))
    assert done.code == 0, done.err
    folder = Path(done.out.strip().splitlines()[-1])
    assert folder.is_dir() and "odd $(x) name" in done.out and "virtual" in done.out
    for form in ("md", "html", "csv", "json", "table"):
        shown = harness("report", str(folder), "--format", form)
        assert shown.code == 0 and "odd $(x) name" in shown.out.replace("\\", ""), form
    assert folder.name in harness("runs", str(tmp_path / "runs")).out


def test_dry_run_starts_nothing(tmp_path: Path) -> None:
    done = harness("bench", INT8, "--virtual", "1", "--dry-run", "--json", "--out", str(tmp_path))
    plan = json.loads(done.out)
    assert done.code == 0 and len(plan["rows"][0]["sessions"]) == 6 and plan["estimate_s"] > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["bench", "/nothing.tflite", "--virtual", "1"], 2, "/nothing.tflite"),
        (["bench", str(MODELS / "README.md"), "--virtual", "1"], 2, "no TensorFlow Lite flatbuffer"),
        (["bench", INT8, "--virtual", "1", "--delegate", "tpu"], 2, "no delegate 'tpu'"),
        (["bench", INT8, "--virtual", "1", "--threads", "many"], 2, "whole numbers"),
        (["bench", INT8, "--virtual", "1", "--profile", "iphone"], 2, "iphone"),
        (["bench", INT8, "--virtual", "1", "--device", "tier=gold"], 3, "the phone cannot be used; see above"),
        (["bench", INT8, "--virtual", "1", "--binary", INT8], 2, "is no program"),
        (["report", "/nothing"], 2, "no run folder"),
        (["parse", "/nothing"], 2, "cannot be read"),
        (["virtual", "up", "1", "--profile", "iphone"], 2, "no virtual phone 'iphone'"),
        (["frobnicate"], 2, "frobnicate"),
    ],
)
def test_bad_input_is_one_sentence(words: list[str], code: int, said: str, tmp_path: Path) -> None:
    done = harness(*words, *(["--out", str(tmp_path)] if words[0] == "bench" else []))
    assert done.code == code, done.err
    assert said in done.err and "Traceback" not in done.err
    assert not list(tmp_path.glob("*/*.parquet"))


def test_no_phone_and_no_server(tmp_path: Path) -> None:
    with rack_server(1, connect=False) as (server, _):
        env = {"ADB_SERVER_SOCKET": f"tcp:localhost:{server.port}"}
        done = harness("bench", INT8, "--out", str(tmp_path), env=env)
    assert done.code == 3 and "no phone is connected" in done.err
    done = harness("devices", env={"ADB_SERVER_SOCKET": "tcp:192.0.2.1:5037"}, timeout=60)
    assert done.code == 3 and "no adb server answers" in done.err


def test_a_build_for_another_abi_is_refused_before_the_push(tmp_path: Path) -> None:
    program = tmp_path / "benchmark_model"
    program.write_bytes(
        b"\x7fELF\x02\x01\x01" + bytes(9) + (2).to_bytes(2, "little") + (62).to_bytes(2, "little") + bytes(64)
    )
    done = harness("bench", INT8, "--virtual", "1", "--binary", str(program), "--out", str(tmp_path / "r"))
    assert done.code == 1 and "is built for x86_64" in done.err + done.out


def test_full_phone(tmp_path: Path) -> None:
    faults = tmp_path / "f.yaml"
    faults.write_text("0: {storage_free_kb: 300000}\n")
    big = tmp_path / "big.tflite"
    big.write_bytes((MODELS / "digits_int8.tflite").read_bytes()[:8] + bytes(330_000_000))
    with rack_server(1, "--faults", str(faults)) as (server, serials):
        env = {"ADB_SERVER_SOCKET": f"tcp:localhost:{server.port}"}
        done = harness("bench", str(big), "--out", str(tmp_path / "r"), "--force", env=env)
        assert done.code == 1 and "storage is full" in done.err
        left = server.phone(serials[0]).shell(f"du -sk {DEVICE_ROOT}/files").stdout.split()[0]
        assert int(left) < 1000


@pytest.mark.slow
def test_ctrl_c_ends_what_runs_and_restores(tmp_path: Path) -> None:
    with rack_server(1) as (server, serials):
        phone = server.phone(serials[0])
        before = phone.shell("settings get global stay_on_while_plugged_in").stdout
        env = {**os.environ, "ADB_SERVER_SOCKET": f"tcp:localhost:{server.port}"}
        words = ["bench", INT8, "--sessions", "30", "--min-secs", "5", "--out", str(tmp_path)]
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", *words], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(300):
            if "benchmark_model" in phone.shell("ps -A -o ARGS").stdout:
                break
            time.sleep(0.1)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert "benchmark_model" not in phone.shell("ps -A -o ARGS").stdout
        assert "sampler" not in phone.shell("ps -A -o ARGS").stdout
        assert phone.shell("settings get global stay_on_while_plugged_in").stdout == before


@pytest.mark.slow
def test_a_killed_host_resumes(tmp_path: Path) -> None:
    """SIGKILL in the middle: what the phone did meanwhile is collected, nothing runs twice."""
    with rack_server(1) as (server, _):
        env = {**os.environ, "ADB_SERVER_SOCKET": f"tcp:localhost:{server.port}"}
        suite = tmp_path / "s.yaml"
        suite.write_text(
            f"models:\n  - {{name: m, path: {INT8}}}\ndelegates: [cpu]\nsessions: 8\nprotocol: {{min_secs: 1, num_runs: 3}}\n"
        )
        out = tmp_path / "runs"
        process = subprocess.Popen([sys.executable, "-m", "harness", "run", str(suite), "--out", str(out)], env=env)
        for _ in range(300):
            journals = list(out.glob("*/journal.jsonl"))
            if journals and journals[0].read_text().count('"event": "session"') >= 2:
                break
            time.sleep(0.1)
        process.kill()
        process.wait()
        (folder,) = out.iterdir()
        done = harness("run", str(suite), "--resume", str(folder), "--json", env=env)
        assert done.code == 0, done.err
        (row,) = json.loads(done.out)["rows"]
        assert row["sessions"] == 8
        ids = [
            json.loads(line)["session"]["session_id"]
            for line in (folder / "journal.jsonl").read_text().splitlines()
            if '"event": "session"' in line
        ]
        assert len(ids) == len(set(ids)) == 8
        starts = [line for line in (next(folder.glob("raw/*/markers"))).read_text().splitlines() if " start " in line]
        assert len(starts) == len({line.split()[2] for line in starts})


@pytest.mark.slow
def test_a_lost_link_loses_nothing(tmp_path: Path) -> None:
    faults = tmp_path / "f.yaml"
    faults.write_text("0: {link_lost: {at_s: 9, for_s: 3}}\n")
    with rack_server(1, "--faults", str(faults)) as (server, serials):
        env = {"ADB_SERVER_SOCKET": f"tcp:localhost:{server.port}"}
        done = harness(
            "bench",
            INT8,
            "--delegate",
            "cpu",
            "--sessions",
            "6",
            "--min-secs",
            "1.5",
            "--out",
            str(tmp_path),
            "--json",
            env=env,
        )
        assert done.code == 0, done.err
        assert json.loads(done.out)["rows"][0]["sessions"] == 6
        del serials


def test_nothing_outlives_a_rack() -> None:
    with rack_process(2):
        pass
    time.sleep(0.3)
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout if shutil.which("ps") else ""
    assert "virtual/init.py" not in listed


def test_help_is_quick_and_light() -> None:
    code = "import sys; sys.argv=['harness','--help']\ntry:\n from harness.cli.app import main; main()\nexcept SystemExit: pass\nprint(sorted({'pandas','matplotlib','adbutils','tensorflow','duckdb','scipy','numpy','pydantic'} & set(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "bench" in done.stdout and done.stderr.strip() == "[]"
