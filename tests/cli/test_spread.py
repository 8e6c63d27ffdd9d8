"""Suites that run on some phones of each kind, and several commands on one rack, as a user would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.adb.server import AdbServer
from tests.racks import MODELS, harness, rack_server

pytestmark = pytest.mark.slow

_RATE = "10"


@pytest.fixture(scope="module")
def server() -> Iterator[AdbServer]:
    """Three phones of one kind."""
    with rack_server(3, "--rate", _RATE, "--profile", "pixel-8-pro:3") as (server, _):
        yield server


@pytest.fixture
def env(server: AdbServer, tmp_path: Path) -> dict[str, str]:
    return {"ANDROID_ADB_SERVER_PORT": str(server.port), "HARNESS_STATE": str(tmp_path / "state")}


def suite(folder: Path, text: str) -> str:
    shutil.copy(MODELS / "digits_int8.tflite", folder / "a.tflite")
    path = folder / f"s{len(list(folder.glob('*.yaml')))}.yaml"
    path.write_text(f"models: [a.tflite]\ndelegates: [cpu]\n{text}\n")
    return str(path)


def sessions(out: Path) -> Counter[str]:
    """Finished sessions by phone, of the only run below `out`."""
    (journal,) = out.glob("*/journal.jsonl")
    events = [json.loads(line) for line in journal.read_text().splitlines()]
    return Counter(e["session"]["phone_id"] for e in events if e["event"] == "session")


def test_two_commands_share_the_rack(env: dict[str, str], tmp_path: Path) -> None:
    """The second asks for two phones of a kind of which the first holds all, and runs when they are free."""
    first = suite(tmp_path, "sessions: 10")
    second = suite(tmp_path, "sessions: 1\nphones: {per: soc, count: 2}")
    rows = json.loads(harness("run", second, "--dry-run", "--json", env=env).out)["rows"]
    assert [(r["phone_id"], r["job"], len(r["phones"]), len(r["sessions"])) for r in rows] == [
        (None, f"soc=Tensor G3, phone {n}", 3, 1) for n in (1, 2)
    ]
    command = [sys.executable, "-m", "harness", "run", first, "--rate", _RATE, "--out", str(tmp_path / "a")]
    running = subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while harness("queue", env=env).out.count("running") < 3:
        assert time.monotonic() < end and running.poll() is None
    done = harness("run", second, "--rate", _RATE, "--out", str(tmp_path / "b"), env=env)
    assert running.wait(60) == 0 and done.code == 0, done.err
    assert sorted(sessions(tmp_path / "a").values()) == [10, 10, 10]
    assert sorted(sessions(tmp_path / "b").values()) == [1, 1], "two phones, each everything"
    assert "soc=Tensor G3, phone 1 waits for a phone with soc=Tensor G3: 3 match, all busy" in done.err
    assert harness("queue", env=env).out == "The queue is empty: no command runs on this rack.\n"


def test_another_phone_takes_a_job_over(tmp_path: Path) -> None:
    """The first phone reboots twice without a result: the job is done whole by the other, under another block id."""
    file = suite(tmp_path, "sessions: 2\nphones: all")
    faults = tmp_path / "faults.yaml"
    reboots = ", ".join(f"{{when: {{event: session, nth: {n}}}}}" for n in (1, 2))
    faults.write_text(f"0: {{reboot: [{reboots}]}}\n")
    options = ["--virtual", "2", "--profile", "pixel-8-pro:2", "--rate", "20", "--faults", str(faults)]
    done = harness("run", file, *options, "--out", str(tmp_path / "runs"))
    assert done.code == 0, done.err
    assert sessions(tmp_path / "runs") == {"VIRTUAL0000001": 2}
    (journal,) = (tmp_path / "runs").glob("*/journal.jsonl")
    events = [json.loads(line) for line in journal.read_text().splitlines()]
    blocks = {e["block_id"]: e["phone_id"] for e in events if e["event"] == "block"}
    assert list(blocks.values()) == ["VIRTUAL0000000", "VIRTUAL0000001"]
    assert [name.rpartition("-")[2] == "a2" for name in blocks] == [False, True]
