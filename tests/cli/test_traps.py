"""What a cold try of the commands ran into once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.racks import MODELS, harness, rack_server

INT8 = str(MODELS / "digits_int8.tflite")
SUITE = (
    "models: [{path}]\ndelegates: [cpu]\nsessions: 3\nprotocol: {{min_secs: 0.1, num_runs: 3, cooldown_timeout_s: 0}}\n"
)


def test_without_adb_every_command_says_so(tmp_path: Path) -> None:
    code = (
        "import sys, adbutils\n"
        "def none():\n    raise adbutils.AdbError('none')\n"
        "adbutils.adb_path = none\n"
        "sys.argv = ['harness', *sys.argv[1:]]\n"
        "from harness.cli.app import main\nmain()\n"
    )
    env = {**os.environ, "ADB_SERVER_SOCKET": "tcp:127.0.0.1:1", "HARNESS_CACHE": str(tmp_path)}
    for words in (["doctor"], ["devices"], ["bench", INT8, "--virtual", "1"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *words], capture_output=True, text=True, env=env, cwd=tmp_path
        )
        assert done.returncode == 3, done.stderr
        assert "there is no adb on this machine; install Android's platform-tools" in done.stderr
    port = harness("devices", env={"ANDROID_ADB_SERVER_PORT": "99999"})
    assert port.code == 2 and "is no port; give a number up to 65535" in port.err


def test_what_is_for_virtual_phones_is_not_ignored_on_real_ones(tmp_path: Path) -> None:
    faults = tmp_path / "faults.yaml"
    faults.write_text("0: {}\n")
    done = harness("bench", INT8, "--faults", str(faults))
    assert done.code == 2 and "--faults is for virtual phones; add --virtual 1" in done.err
    unknown = harness("bench", INT8, "--profile", "nope", "--out", str(tmp_path / "runs"))
    assert unknown.code == 2 and unknown.err.startswith("harness: there is no virtual phone 'nope'")


def test_a_run_that_goes_on_with_some_of_its_phones_keeps_the_others(tmp_path: Path) -> None:
    suite = tmp_path / "s.yaml"
    suite.write_text(SUITE.format(path=json.dumps(INT8)))
    with rack_server(2) as (server, serials):
        env = {"ADB_SERVER_SOCKET": f"tcp:127.0.0.1:{server.port}"}
        words = ("run", str(suite), "--out", str(tmp_path / "runs"))
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", *words], env={**os.environ, **env}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        journal = None
        for _ in range(300):
            time.sleep(0.1)
            journal = next(iter((tmp_path / "runs").glob("*/journal.jsonl")), None)
            if journal and journal.read_text().count("\n") >= 3:
                break
        process.kill()
        process.wait()
        assert journal is not None
        harness("clean", env=env)
        done = harness(*words, "--resume", str(journal.parent), "--device", serials[0], env=env)
    assert done.code in (0, 1), done.err
    meta = json.loads((journal.parent / "run.json").read_text())
    assert len(meta["phones"]) == 2 and sorted(meta["planned"].values()) == [3, 3]
    count = journal.read_text().count('"session"')
    rows = json.loads(harness("report", str(journal.parent), "--format", "json").out)["rows"]
    assert all(row["tier"] for row in rows), count
    assert meta["finished"] == (sum(row["sessions_run"] for row in rows) == 6)


def test_two_runs_on_one_phone_do_not_spoil_each_other(tmp_path: Path) -> None:
    with rack_server(1) as (server, _):
        env = {"ADB_SERVER_SOCKET": f"tcp:127.0.0.1:{server.port}"}
        first = subprocess.Popen(
            [sys.executable, "-m", "harness", "bench", INT8, "--delegate", "cpu", "--sessions", "4", "--out", str(tmp_path / "a")],
            env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        for _ in range(100):
            time.sleep(0.1)
            if (
                server.phone(server.devices()[0].serial).shell("ls /data/local/tmp/harness/blocks/*/run.pid").exit_code
                == 0
            ):
                break
        second = harness("bench", INT8, "--delegate", "cpu", "--out", str(tmp_path / "b"), env=env)
        out, _ = first.communicate(timeout=120)
    assert second.code == 0 and "waits for VIRTUAL0000000: leased by" in second.err
    assert first.returncode == 0 and "Fastest on this virtual phone: CPU" in out


def test_a_full_phone_can_be_cleaned(tmp_path: Path) -> None:
    with rack_server(1) as (server, serials):
        env = {"ADB_SERVER_SOCKET": f"tcp:127.0.0.1:{server.port}"}
        phone = server.phone(serials[0])
        phone.push(b"x" * 2_000_000)
        done = harness("clean", env=env)
        assert done.code == 0 and phone.shell("ls /data/local/tmp/harness").exit_code != 0


@pytest.mark.parametrize(
    "text",
    [
        "printer offline", "localhost device", "Filesystem is full", "Hardware: broken", "my GLES: a, b", "debug.foo=1",
        "[INFO]: [x]", "300000 5", "foo time_in_state bar", "2020,1,a,bc,", '{"battery": "Current Battery Service state:"}',
        "pytorch benchmark\nInference (avg):  5.0 ms (3 runs)",
        "server: my Inference timings in us: Init: 1, First inference: 2, Warmup (avg): 3, Inference (avg): 8",
        "Inference timings in us: Init: 1, First inference: 2, Warmup (avg): 3, Inference (avg): -8",
    ],
)  # fmt: skip
def test_prose_is_no_dump_and_no_finished_run(text: str, tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text(text + "\n")
    done = harness("parse", "--json", str(path))
    found = json.loads(done.out)
    assert "kind" not in found and found["outcome"] != "ok", found


def test_a_result_file_of_no_figures(tmp_path: Path) -> None:
    from harness.protos.benchmark_result_pb2 import BenchmarkResult

    result = BenchmarkResult()
    result.latency_metrics.avg_ms = float("nan")
    result.latency_metrics.init_ms = float("inf")
    result.memory_metrics.peak_mem_mb = float("nan")
    result.misc_metrics.num_runs = 5
    (tmp_path / "x.pb").write_bytes(result.SerializeToString())
    done = harness("import", str(tmp_path / "x.pb"), "--out", str(tmp_path / "runs"), "--json", "--delegate", "cpu")
    if done.out:
        json.loads(done.out, parse_constant=lambda word: pytest.fail(f"{word} in JSON"))
