"""run.sh under the shells that phones have, with the tools that they have."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.measure.sampler import parse_sampler
from tests.device_scripts.box import SHELLS, Box, running, until


@pytest.fixture(params=SHELLS)
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path, request.param)
    yield made
    made.close()


def test_a_block_runs_to_its_end(box: Box) -> None:
    box.plan(["echo one; echo bad >&2; sleep 0.6; exit 0", "echo two; exit 3"])
    box.run()
    assert box.read("done").strip() == "complete"
    assert box.read("s/0000/out") == "one\n" and box.read("s/0000/err") == "bad\n"
    assert box.read("s/0000/rc").strip() == "0" and box.read("s/0001/rc").strip() == "3"
    assert box.markers() == [
        ["begin"], ["start", "0000"], ["stop", "0000", "0"], ["start", "0001"], ["stop", "0001", "3"], ["end", "complete"],
    ]  # fmt: skip
    log = parse_sampler(box.read("s/0000/sampler.tsv"))
    assert log.complete and len(log.times_s) >= 4
    assert log.columns["battery.current_now"] == (-250000.0,) * len(log.times_s)
    assert set(log.columns["gone"]) == {None} and set(log.columns["battery.status"]) == {4.0}
    zone = log.columns["zone.skin"]
    assert zone[:2] == (31000.0, None), "temperatures are read now and then"
    for when in ("before", "after"):
        assert "temperature: 300" in box.read(f"s/0000/{when}/battery")
        assert "Thermal Status" in box.read(f"s/0000/{when}/thermal")
        assert "1800000 20" in box.read(f"s/0000/{when}/policy0.tis")


def test_the_screen_setting_is_set_and_restored(box: Box) -> None:
    box.write("state/stayon", "3\n")
    box.plan([f"cat {box.root}/state/stayon"])
    box.run()
    assert box.read("s/0000/out") == "7\n"
    assert (box.root / "state/stayon").read_text() == "3\n"


def test_starting_twice_runs_once(box: Box) -> None:
    box.plan([f"echo x >>{box.root}/state/count; sleep 0.3"])
    started = [box.start() for _ in range(6)]
    assert [p.wait(20) for p in started] == [0] * 6
    assert (box.root / "state/count").read_text() == "x\n"
    box.run()
    assert (box.root / "state/count").read_text() == "x\n"


def test_a_session_that_takes_too_long_is_killed_with_all_its_children(box: Box) -> None:
    box.plan([f"sh -c 'echo $$ >{box.root}/state/pid; sleep 60' & wait", "echo next"], deadline_s=1)
    box.run()
    assert (box.block / "s/0000/deadline").exists()
    assert box.read("s/0000/rc").strip() == "137"
    assert box.read("s/0001/out") == "next\n", "the block goes on"
    child = int((box.root / "state/pid").read_text())
    until(lambda: not running(child))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_session_and_restores(box: Box, number: signal.Signals) -> None:
    box.write("state/stayon", "1\n")
    box.plan([f"echo $$ >{box.root}/state/pid; exec sleep 60", "echo never"])
    process = box.start()
    until(lambda: (box.root / "state/pid").exists() and (box.root / "state/pid").read_text().strip())
    os.kill(int(box.read("run.pid").split()[0]), number)
    assert process.wait(10) == 0
    assert box.read("done").strip() == "stopped"
    assert (box.root / "state/stayon").read_text() == "1\n"
    assert not (box.block / "s/0001/out").exists()
    child = int((box.root / "state/pid").read_text())
    until(lambda: not Path(f"/proc/{child}").exists())


def test_a_block_is_ended_and_restored_from_outside(box: Box) -> None:
    box.write("state/stayon", "3\n")
    box.plan([f"echo $$ >{box.root}/state/pid; exec sleep 60", "echo never"])
    process = box.start()
    until(lambda: (box.root / "state/pid").exists() and (box.root / "state/pid").read_text().strip())
    assert (box.root / "state/stayon").read_text() == "7\n"
    threading.Thread(target=process.wait, daemon=True).start()  # as init reaps on a phone
    assert box.end() == ""
    assert process.wait(5) == 0 and box.read("done").strip() == "stopped"
    assert (box.root / "state/stayon").read_text() == "3\n"


def test_what_a_killed_run_leaves_is_ended_and_restored(box: Box) -> None:
    box.write("state/stayon", "2\n")
    box.plan([f"echo $$ >{box.root}/state/pid; exec sleep 60"])
    process = box.start()
    until(lambda: (box.block / "pid").exists() and box.read("pid").strip())
    process.kill()
    process.wait()
    children = [int(box.read(name).split()[0]) for name in ("pid", "sampler.pid")]
    assert all(Path(f"/proc/{child}").exists() for child in children)
    assert box.end() == ""
    until(lambda: not any(running(child) for child in children))
    assert (box.root / "state/stayon").read_text() == "2\n"


def test_a_pid_of_another_boot_is_left_alone(box: Box) -> None:
    box.plan(["exec sleep 30"])
    process = box.start()
    until(lambda: (box.block / "pid").exists() and box.read("pid").strip())
    box.write("proc/sys/kernel/random/boot_id", "another\n")
    box.end()
    assert process.poll() is None and Path(f"/proc/{box.read('pid').split()[0]}").exists()
    assert (box.root / "state/stayon").read_text() == "0\n", "what was changed is restored all the same"


def test_a_setting_that_cannot_be_restored_is_said(box: Box) -> None:
    box.plan(["echo x"])
    box.write("data/local/tmp/harness/blocks/b1/state/00.old", "3\n")
    (box.root / "system/bin/settings").write_text("#!/bin/sh\n[ $1 = get ] && echo 7\nexit 255\n")
    assert "could not be set back to 3" in box.end("restore")
    assert (box.block / "state/00.old").exists()


def test_hang_up_changes_nothing(box: Box) -> None:
    box.plan(["sleep 0.5; echo survived"])
    process = box.start()
    until((box.block / "s/0000/out").exists)
    os.kill(process.pid, signal.SIGHUP)
    assert process.wait(10) == 0
    assert box.read("s/0000/out") == "survived\n" and box.read("done").strip() == "complete"


def test_a_stop_file_ends_the_block_between_sessions(box: Box) -> None:
    box.plan([f": >{box.block}/stop", "echo never"])
    box.run()
    assert box.read("done").strip() == "stopped"
    assert (box.block / "s/0000/rc").exists() and not (box.block / "s/0001/rc").exists()


def test_a_crash_keeps_its_signal_and_its_log(box: Box) -> None:
    box.write("state/log", "F libc: Fatal signal 11 (SIGSEGV)\n")
    box.plan(["kill -SEGV $$"])
    box.run()
    assert box.read("s/0000/rc").strip() == "139"
    assert "Fatal signal 11" in box.read("s/0000/logcat")
    assert "-d" in (box.root / "state/logcat.args").read_text()


def test_a_phone_that_stays_hot_is_marked(box: Box) -> None:
    box.plan([f"echo 400 >{box.root}/state/tenths", "echo hot"], cooldown_s=2)
    began = time.monotonic()
    box.run()
    assert 0.9 < time.monotonic() - began < 12
    assert (box.block / "s/0001/warm_start").exists() and not (box.block / "s/0000/warm_start").exists()


def test_a_phone_that_did_not_cool_is_not_waited_for_again(box: Box) -> None:
    hot = [f"echo 400 >{box.root}/state/tenths", "echo hot", "echo hot", "echo hot"]
    box.plan(hot, cooldown_s=30, cooldown_total_s=2)
    began = time.monotonic()
    box.run()
    assert 0.9 < time.monotonic() - began < 20
    assert all((box.block / f"s/{n:04d}/warm_start").exists() for n in (1, 2, 3))


@pytest.mark.parametrize("supply", ["battery", "bms"])
def test_a_session_that_gets_too_hot_is_ended_with_the_block(box: Box, supply: str) -> None:
    # The watchdog looks every five seconds, and when time is up: a short deadline spares the test the wait.
    node = box.write(f"sys/class/power_supply/{supply}/temp", "310\n")
    box.write("state/stayon", "3\n")
    box.plan(
        ["echo fine", f"sh -c 'echo 502 >{node}; sleep 60' & wait", "echo never"], hard_stop_tenths=500, deadline_s=1
    )
    box.run()
    assert box.read("done").strip() == "hot"
    assert box.read("s/0000/rc").strip() == "0" and not (box.block / "s/0000/hot").exists()
    assert box.read("s/0001/hot").strip() == "502" and box.read("s/0001/rc").strip() == "137"
    assert (box.block / "s/0001/after/battery").exists(), "it leaves what a session leaves"
    assert not (box.block / "s/0002/out").exists()
    assert (box.root / "state/stayon").read_text() == "3\n"
    assert box.markers()[-1] == ["end", "hot"]


def test_a_session_for_outputs_is_ended_too(box: Box) -> None:
    node = box.write("sys/class/power_supply/battery/temp", "310\n")
    box.plan([f"echo 620 >{node}; exec sleep 60"], hard_stop_tenths=500, deadline_s=1)
    (box.block / "plan").write_text("0000 outputs\n")
    box.run()
    assert box.read("done").strip() == "hot" and box.read("s/0000/hot").strip() == "620"


@pytest.mark.parametrize("settings", [{}, {"hard_stop_tenths": 0}])
def test_without_a_limit_heat_is_let_be(box: Box, settings: dict[str, int]) -> None:
    box.write("sys/class/power_supply/battery/temp", "310\n")
    box.plan([f"echo 900 >{box.root}/sys/class/power_supply/battery/temp; sleep 0.5; echo done"], None, **settings)
    box.run()
    assert box.read("done").strip() == "complete" and box.read("s/0000/out") == "done\n"


@pytest.mark.parametrize("value", ["31\n", "31000\n", "-300\n", "rubbish\n", ""])
def test_a_node_that_counts_in_other_units_is_not_believed(box: Box, value: str) -> None:
    node = box.write("sys/class/power_supply/battery/temp", value)
    box.plan([f"echo 900 >{node}; sleep 0.5; echo done"], hard_stop_tenths=500)
    box.run()
    assert box.read("done").strip() == "complete", "Android says 30 degrees, and is not asked again so soon"


def test_a_hot_phone_starts_no_session(box: Box) -> None:
    box.plan([f"echo 510 >{box.root}/state/tenths", "echo never"], hard_stop_tenths=500, cooldown_s=1)
    box.run()
    assert box.read("done").strip() == "hot"
    assert box.read("s/0000/rc").strip() == "0" and not (box.block / "s/0001/out").exists()
    assert not (box.block / "s/0001/sampler.tsv").exists()


def test_a_low_phone_starts_no_session(box: Box) -> None:
    box.write("state/level", "15\n")
    box.plan([f"echo 14 >{box.root}/state/level", "echo never"], battery_floor_pct=15)
    box.run()
    assert box.read("done").strip() == "low" and box.markers()[-1] == ["end", "low"]
    assert box.read("s/0000/rc").strip() == "0" and not (box.block / "s/0001/out").exists()
    assert (box.root / "state/stayon").read_text().strip() == "0"


def test_a_phone_that_does_not_say_its_charge_goes_on(box: Box) -> None:
    box.write("state/level", "unknown\n")
    box.plan(["echo go"], battery_floor_pct=15)
    box.run()
    assert box.read("done").strip() == "complete"


def test_a_capped_clock_is_waited_for(box: Box) -> None:
    cap = box.root / "sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq"
    cap.write_text("900000\n")
    box.plan(["echo go"], cooldown_s=30)
    process = box.start()
    time.sleep(1.0)
    assert not (box.block / "s/0000/out").exists()
    cap.write_text("1800000\n")
    assert process.wait(10) == 0
    assert not (box.block / "s/0000/warm_start").exists()


def test_idle_windows_are_sampled_on_both_sides(box: Box) -> None:
    box.plan(["sleep 0.2"], idle_s=1, deadline_s=2)
    box.run()
    times = {tuple(line.split()[1:2]): float(line.split()[0]) for line in box.read("markers").splitlines()}
    log = parse_sampler(box.read("s/0000/sampler.tsv"))
    assert log.times_s[0] <= times[("start",)] - 0.8
    assert log.times_s[-1] >= times[("stop",)] + 0.7


def test_odd_names_of_the_block_do_no_harm(tmp_path: Path) -> None:
    odd = Box(tmp_path / "a b'c$(touch oops)中", SHELLS[0])
    odd.plan(["echo fine; sleep 0.2"])
    odd.run()
    assert odd.read("s/0000/out") == "fine\n"
    assert not list(tmp_path.rglob("oops"))
    assert set(parse_sampler(odd.read("s/0000/sampler.tsv")).columns["battery.current_now"]) == {-250000.0}
    odd.close()


def test_memory_is_sampled_and_pids_are_told_apart(tmp_path: Path) -> None:
    """On the real /proc: the sampler sees the program's memory, and end.sh its start time."""
    box = Box(tmp_path, SHELLS[0])
    for name in ("uptime", "stat"):
        (box.root / "proc" / name).unlink()
    for folder in sorted((box.root / "proc").rglob("*"), reverse=True):
        folder.rmdir() if folder.is_dir() else folder.unlink()
    (box.root / "proc").rmdir()
    (box.root / "proc").symlink_to("/proc")
    box.plan(["exec sleep 20"])
    process = box.start()
    until(lambda: (box.block / "pid").exists() and box.read("pid").strip())
    pid, started = box.read("pid").split()
    assert started.isdecimal() and int(started) > 0
    time.sleep(0.4)
    box.write("data/local/tmp/harness/blocks/b1/run.pid", f"{box.read('run.pid').split()[0]} 1\n")
    (box.block / "pid").write_text(f"{pid} 1\n")
    box.end()
    assert Path(f"/proc/{pid}").exists() and process.poll() is None, "same pids, other start times"
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(10) == 0
    assert (parse_sampler(box.read("s/0000/sampler.tsv")).peak_rss_mb() or 0) > 0.1


def test_a_session_for_outputs_waits_for_nothing_and_leaves_no_samples(box: Box) -> None:
    box.plan(["true", "echo out; exit 0", "exit 4"], idle_s=0.3)
    plan = box.block / "plan"
    plan.write_text("0000\n0001 outputs\n0002 outputs\n")
    box.write("state/tenths", "900\n")  # no cool-down could end
    box.run()
    assert box.read("s/0001/out") == "out\n" and box.read("s/0002/rc").strip() == "4"
    assert sorted(p.name for p in (box.block / "s/0001").iterdir()) == ["cmd", "err", "out", "rc", "state"]
    assert (box.block / "s/0000/sampler.tsv").exists() and not (box.block / "s/0002/sampler.tsv").exists()
    assert box.markers() == [
        ["begin"], ["idle", "0000"], ["start", "0000"], ["stop", "0000", "0"], ["idle-end", "0000"],
        ["start", "0001"], ["stop", "0001", "0"], ["start", "0002"], ["stop", "0002", "4"], ["end", "complete"],
    ]  # fmt: skip
    assert (box.root / "state/stayon").read_text().strip() == "0"


def test_a_chain_goes_on_without_a_rest(box: Box) -> None:
    box.plan([f"echo 400 >{box.root}/state/tenths", "echo hot", "echo hot"], cooldown_s=60)
    (box.block / "plan").write_text("0000 sustained\n0001 sustained goes-on\n0002 sustained goes-on\n")
    began = time.monotonic()
    box.run()
    assert time.monotonic() - began < 30
    assert not any((box.block / f"s/{n:04d}/warm_start").exists() for n in range(3))
    assert (box.block / "s/0002/after/battery").exists() and "E " in box.read("s/0002/sampler.tsv")


def test_a_cold_start_empties_what_may_be_emptied(box: Box) -> None:
    box.plan(["echo x >cache/a", "ls cache >seen; echo y >>cache/a", "ls cache >seen2"], cooldown_s=0)
    (box.block / "plan").write_text("0000 cold\n0001 timing\n0002 cold\n")
    box.run()
    assert box.read("seen") == "a\n" and box.read("seen2") == ""
    assert box.read("s/0002/cleared") == "what delegates keep\nnot the page cache, which needs root\n"
    assert not (box.block / "s/0001/cleared").exists()


def test_a_rooted_phone_empties_the_page_cache_too(box: Box) -> None:
    caches = box.write("proc/sys/vm/drop_caches", "0\n")
    box.plan(["echo x"], cooldown_s=0)
    (box.block / "plan").write_text("0000 cold\n")
    box.run()
    assert caches.read_text() == "3\n" and box.read("s/0000/cleared") == "what delegates keep\nthe page cache\n"


@pytest.mark.parametrize(
    ("cool", "begins", "waits"),
    [("310", "350", True), ("345", "350", False), ("", "350", False), ("250", "290", False)],
)
def test_a_phone_that_is_found_warm_waits_for_its_own_rest(box: Box, cool: str, begins: str, waits: bool) -> None:
    box.write("state/tenths", f"{begins}\n")
    box.plan(["echo go"], cooldown_s=1, cool_idle_tenths=cool)
    box.run()
    assert (box.block / "s/0000/warm_start").exists() == waits
