"""What run.sh does about power: perfetto's traces, and waiting for the USB power to be cut."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.device_scripts.box import SHELLS, Box, running, until

ENERGY: dict[str, Any] = {"perfetto": 1, "idle_s": 0.2, "stay_on": 0}


@pytest.fixture(params=SHELLS)
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path, request.param)
    yield made
    made.close()


def traces(box: Box) -> list[str]:
    return sorted(p.name for p in (box.root / "data/misc/perfetto-traces").iterdir() if p.name != "keep")


def test_each_session_has_its_trace_and_none_is_left(box: Box) -> None:
    box.plan(["sleep 0.2", "exit 3"], **ENERGY)
    box.run()
    # The daemon had ended before its file was taken.
    assert box.read("s/0000/power.pftrace") == box.read("s/0001/power.pftrace") == "traced\nended\n"
    assert traces(box) == []
    (config, *more) = (box.root / "state/configs").read_text().split("buffers")[1:]
    assert "BATTERY_COUNTER_VOLTAGE" in config and "duration_ms: 80000" in config and len(more) == 1


def test_an_older_build_is_asked_without_voltage(box: Box) -> None:
    box.write("state/old", "")
    box.plan(["exit 0", "exit 0"], **ENERGY)
    box.run()
    assert box.read("s/0001/power.pftrace") == "traced\nended\n"
    configs = (box.root / "state/configs").read_text().split("buffers")[1:]
    assert ["VOLTAGE" in c for c in configs] == [True, False, False]


def test_without_perfetto_a_block_runs_as_ever(box: Box) -> None:
    (box.root / "system/bin/perfetto").unlink()
    box.plan(["exit 0", "exit 0"], **ENERGY)
    box.run()
    assert box.read("done").strip() == "complete"
    assert ["note", "no-perfetto"] in box.markers() and box.markers().count(["note", "no-perfetto"]) == 1
    assert not (box.block / "s/0000/power.pftrace").exists()


def test_where_no_energy_is_asked_for_nothing_is_traced(box: Box) -> None:
    box.plan(["exit 0"], perfetto=0)
    box.run()
    assert not (box.root / "state/configs").exists()


@pytest.mark.parametrize("killed", [False, True])
def test_a_block_that_is_ended_leaves_no_perfetto(box: Box, killed: bool) -> None:
    box.plan(["sleep 30"], **ENERGY)
    process = box.start()
    until(lambda: (box.block / "s/0000/out").exists() and (box.block / "perfetto.pid").exists())
    pid = int(box.read("perfetto.pid").split()[0])
    if killed:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    box.end()
    until(lambda: not running(pid))
    assert traces(box) == []


def test_it_waits_until_the_power_is_cut(box: Box) -> None:
    plugged = box.write("state/plugged", "")
    box.plan(["exit 0"], cut_usb=1)
    timer = threading.Timer(2.5, plugged.unlink)
    timer.start()
    box.run()
    assert box.markers()[:3] == [["begin"], ["note", "unplugged"], ["start", "0000"]]
    assert "USB powered: false" in box.read("s/0000/before/battery")


def test_a_cut_that_does_not_come_is_waited_for_so_long_only(box: Box) -> None:
    box.write("state/plugged", "")
    box.plan(["exit 0"], cut_usb=1, cut_wait_s=1)
    box.run()
    assert box.markers()[:3] == [["begin"], ["note", "still-plugged"], ["start", "0000"]]
    # So its figures say what they are.
    assert "USB powered: true" in box.read("s/0000/before/battery")
