"""What a block changes on a phone: written down first, read back, and put back by whoever comes last."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.measure.held import state_record
from harness.records import StateRecord
from tests.device_scripts.box import SHELLS, Box, until

DIM = {"screen_brightness_mode": "0", "screen_brightness": "10", "screen_off_timeout": "2147483647"}
WAS = {"screen_brightness_mode": "1", "screen_brightness": "102", "screen_off_timeout": "30000"}


@pytest.fixture(params=SHELLS)
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path / "phone", request.param)
    yield made
    made.close()


def report(box: Box, session: int = 0) -> StateRecord:
    return state_record(box.read(f"s/{session:04d}/state"))


def now(box: Box) -> dict[str, str | None]:
    return {name: box.setting(name) for name in WAS}


def test_what_is_held_is_held_and_put_back(box: Box) -> None:
    box.plan([f"cat {box.root}/state/screen_brightness {box.root}/state/wakefulness"], {"screen": "dim"})
    box.run()
    assert box.read("s/0000/out") == "10\nAwake\n"
    assert report(box) == StateRecord({"screen": "dim"})
    assert now(box) == WAS and box.setting("wakefulness") == "Asleep"
    assert not list((box.block / "state").glob("*.old"))


def test_a_setting_that_was_not_set_is_unset_again(box: Box) -> None:
    (box.root / "state/auto_time").unlink()
    box.plan(["echo x"], {"auto_time": "off"})
    box.run()
    assert report(box).held == {"auto_time": "off"} and box.setting("auto_time") is None


def test_a_maker_that_refuses_is_told_and_nothing_of_that_knob_stays(box: Box) -> None:
    denial = "Exception occurred while executing 'put':\njava.lang.SecurityException: Permission denial: writing\n"
    box.write("state/screen_off_timeout.refused", denial)
    box.plan([f"cat {box.root}/state/screen_brightness"], {"screen": "dim", "auto_time": "off"})
    box.run()
    found = report(box)
    assert found.held == {"auto_time": "off"}
    assert "USB debugging (Security settings)" in found.refused["screen"]
    assert box.read("s/0000/out") == "102\n", "what was changed before the refusal is put back at once"
    assert now(box) == WAS


def test_a_change_that_does_not_take_is_refused(box: Box) -> None:
    box.write("state/auto_time.refused", "")
    box.plan(["echo x"], {"auto_time": "off"})
    box.run()
    assert report(box).refused == {"auto_time": "auto_time stayed 1"}


def test_the_fixed_performance_mode_counts_where_a_limit_moves(box: Box) -> None:
    box.write("state/wired", "1200000\n")
    box.plan(["echo x", "echo y"], {"fixed_performance": "on"}, cooldown_s=2)
    box.run()
    assert report(box).held == {"fixed_performance": "on"}
    assert box.read("s/0000/before/policy0.cap") == "1200000 1800000 1200000\n"
    assert not (box.block / "s/0001/warm_start").exists(), "the mode's own limit is no heat to wait for"
    assert (box.root / "sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq").read_text() == "1800000\n"
    assert not list((box.block / "state").glob("*.old"))


def test_the_fixed_performance_mode_without_effect_is_refused(box: Box) -> None:
    box.plan(["echo x"], {"fixed_performance": "on"})
    box.run()
    assert "no clock limit moved" in report(box).refused["fixed_performance"]
    assert "power set-fixed-performance-mode-enabled false" in (box.root / "state/cmd.args").read_text()


def test_what_was_changed_under_way_is_lost(box: Box) -> None:
    box.plan(["echo x", f"echo 90 >{box.root}/state/screen_brightness"], {"screen": "dim"})
    box.run()
    assert report(box).lost == {}
    assert report(box, 1) == StateRecord({"screen": "dim"}, lost={"screen": "screen_brightness became 90"})


def test_who_comes_after_a_kill_and_a_reboot_puts_it_back(box: Box) -> None:
    box.plan(["exec sleep 60"], {"screen": "dim", "auto_time": "off"})
    process = box.start()
    until(lambda: (box.block / "pid").exists() and box.read("pid").strip())
    assert now(box) == DIM
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    box.write("proc/sys/kernel/random/boot_id", "another\n")
    assert box.end() == ""
    assert now(box) == WAS and box.setting("auto_time") == "1"


def test_what_cannot_be_put_back_is_said_with_the_command(box: Box) -> None:
    box.plan(["exec sleep 60"], {"auto_time": "off"})
    process = box.start()
    until(lambda: (box.block / "pid").exists() and box.read("pid").strip())
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    box.write("state/auto_time.refused", "no\n")
    said = box.end()
    assert said == "auto_time could not be set back to 1; set it by hand: adb shell settings put global auto_time 1\n"
    (box.root / "state/auto_time.refused").unlink()
    assert box.end() == "" and box.setting("auto_time") == "1"
