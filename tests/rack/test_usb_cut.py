"""The hub cuts the USB power while phones measure; it is on again afterwards, whatever happens to the host."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from harness.hubs.spec import open_hub
from harness.results.folder import load_run
from tests.racks import MODELS
from tests.soak.rig import Rig

RATE = 10.0


def suite(folder: Path, sessions: int = 1) -> Path:
    path = folder / "suite.yaml"
    protocol = {"num_runs": 5, "min_secs": 64, "max_secs": 90, "idle_s": 40, "cut_usb": True, "cooldown_timeout_s": 0}
    protocol["session_timeout_s"] = 400
    models = [{"name": "int8", "path": str(MODELS / "digits_int8.tflite")}]
    path.write_text(
        yaml.safe_dump({"models": models, "delegates": ["cpu"], "sessions": sessions, "protocol": protocol})
    )
    return path


def start(rig: Rig, path: Path, *options: str) -> subprocess.Popen[str]:
    out = rig.folder / "out"
    return rig.start("run", str(path), "--out", str(out), "--rate", str(rig.rate), *options, log=rig.folder / "log")


def until_off(rig: Rig, timeout_s: float = 60) -> None:
    """Wait until the first phone's port is off."""
    port, end = open_hub(rig.phones[0]["hub"]), time.monotonic() + timeout_s
    while port.state():
        assert time.monotonic() < end, (rig.folder / "log").read_text()
        time.sleep(0.1)


def until_on(rig: Rig, timeout_s: float = 60) -> None:
    """Wait until it is on."""
    port, end = open_hub(rig.phones[0]["hub"]), time.monotonic() + timeout_s
    while not port.state():
        assert time.monotonic() < end, "the port stayed off"
        time.sleep(0.1)


def powers(rig: Rig) -> list[tuple[int, bool]]:
    """What the hub did, by phone."""
    events = map(json.loads, rig.ledger.read_text().splitlines())
    return [(e["phone"], e["on"]) for e in events if e["event"] == "power"]


@pytest.mark.slow
def test_energy_is_measured_while_the_power_is_cut(tmp_path: Path) -> None:
    with Rig(tmp_path, 2, rate=RATE, profiles=("oneplus-8t", "galaxy-a53")) as rig:
        done = start(rig, suite(tmp_path))
        assert done.wait(240) == 0, (tmp_path / "log").read_text()
        assert all(open_hub(phone["hub"]).state() for phone in rig.phones)
        assert sorted(powers(rig)) == [(0, False), (0, True), (1, False), (1, True)]
    (folder,) = (tmp_path / "out").iterdir()
    run = load_run(folder)
    assert len(run.sessions) == 2
    for session in run.sessions:
        assert "charging" not in session.flags
        # The maker denies the shell user the one's gauge, and perfetto serves it. On a busy machine a fast clock makes
        # it look slow: then it is refused for that, and for nothing that a cut would have to do with.
        told = session.energy_mj.source or session.energy_mj.reason or ""
        assert "perfetto battery counters" in told


@pytest.mark.slow
def test_a_killed_host_leaves_no_phone_without_power_and_a_resume_collects(tmp_path: Path) -> None:
    with Rig(tmp_path, 1, rate=RATE, profiles=("galaxy-a53",)) as rig:
        path = suite(tmp_path, sessions=2)
        killed = start(rig, path)
        until_off(rig)
        time.sleep(2)
        killed.send_signal(signal.SIGKILL)
        killed.wait(30)
        until_on(rig)
        (folder,) = (tmp_path / "out").iterdir()
        rig.server.connect(rig.phones[0]["serial"])
        resumed = start(rig, path, "--resume", str(folder))
        assert resumed.wait(240) == 0, (tmp_path / "log").read_text()
        assert open_hub(rig.phones[0]["hub"]).state()
    sessions = load_run(folder).sessions
    assert len(sessions) == 2
    # What ran while the host was dead ran plugged in, and says so; what ran after it has a figure.
    assert "charging" not in sessions[-1].flags


@pytest.mark.slow
def test_ctrl_c_restores_the_power_and_the_phone(tmp_path: Path) -> None:
    with Rig(tmp_path, 1, rate=RATE, profiles=("galaxy-a53",)) as rig:
        stopped = start(rig, suite(tmp_path))
        until_off(rig)
        stopped.send_signal(signal.SIGINT)
        assert stopped.wait(120) == 130, (tmp_path / "log").read_text()
        assert open_hub(rig.phones[0]["hub"]).state()
        rig.server.connect(rig.phones[0]["serial"])
        said = rig.server.phone(rig.phones[0]["serial"]).shell("settings get global stay_on_while_plugged_in").stdout
        assert said.strip() == "0"


def test_a_phone_without_a_hub_is_refused_before_anything_runs(tmp_path: Path) -> None:
    with Rig(tmp_path, 1, rate=RATE, profiles=("galaxy-a53",)) as rig:
        entry = {"phone_id": rig.phones[0]["phone_id"], "serial": rig.phones[0]["serial"]}
        rig.rack_file.write_text(yaml.safe_dump({"state": "state", "phones": [entry]}))
        refused = start(rig, suite(tmp_path))
        assert refused.wait(60) == 2
    log = (tmp_path / "log").read_text()
    assert "no hub is known that cuts its power" in log and "rack file" in log
    assert not (tmp_path / "out").exists()
