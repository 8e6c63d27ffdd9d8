"""Knobs on virtual phones: held, confirmed by effect, refused where the phone refuses, and put back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.adb.server import AdbServer
from harness.benchmark.work import Protocol
from harness.phones.clean import clean_phone
from harness.records import SessionRecord
from tests.benchmark.blocks import QUICK, Bench, block
from tests.racks import rack_server

PROFILES = ("pixel-8-pro", "redmi-note-12-turbo", "redmi-6a")
ALL = {
    "fixed_performance": "on", "battery_saver": "off", "doze": "off", "auto_time": "off", "screen": "dim", "radios": "off",
}  # fmt: skip


@pytest.fixture(scope="module")
def rack() -> Iterator[tuple[AdbServer, list[str]]]:
    options = [word for name in PROFILES for word in ("--profile", name)]
    with rack_server(len(PROFILES), *options) as found:
        yield found


def run(rack: tuple[AdbServer, list[str]], profile: str, folder: Path, state: dict[str, str]) -> tuple[Bench, Protocol]:
    server, serials = rack
    bench = Bench(server.phone(serials[PROFILES.index(profile)]), folder)
    return bench, replace(QUICK, min_secs=1.2, state=tuple(sorted(state.items())))


def settings(bench: Bench) -> str:
    """Everything that knobs touch, as the phone says it now."""
    names = "global stay_on_while_plugged_in|global wifi_on|global mobile_data|global bluetooth_on|global auto_time"
    names += "|system screen_brightness|system screen_brightness_mode|system screen_off_timeout|global low_power"
    command = "; ".join(f"settings get {name}" for name in names.split("|"))
    return bench.phone.shell(
        f"{command}; cmd deviceidle enabled; dumpsys power | grep mWakefulness=; "
        'cat "${PHONE_ROOT}"/sys/devices/system/cpu/cpufreq/policy*/scaling_max_freq'
    ).stdout


def only(bench: Bench) -> SessionRecord:
    (session,) = bench.sessions
    return session


def test_everything_on_a_phone_that_lets_it(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    bench, protocol = run(rack, "pixel-8-pro", tmp_path, ALL)
    before = settings(bench)
    seen: list[str] = []
    bench.run(block("b-all", ["cpu"], protocol=protocol), on_session=lambda _: seen.append(settings(bench)))
    session = only(bench)
    assert session.state.held == ALL and not session.state.refused and not session.state.lost
    assert session.frequency.cap_of_allowed_pct == 100.0, "its own limit is no heat"
    assert session.frequency.min_cap_pct is not None and session.frequency.min_cap_pct < 80
    assert "throttled" not in session.flags and "state_lost" not in session.flags
    assert settings(bench) == before
    clean_phone(bench.phone)


def test_the_fixed_mode_is_slower_and_steadies_the_clock(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    bench, protocol = run(rack, "pixel-8-pro", tmp_path, {"fixed_performance": "on"})
    bench.run(block("b-fixed", ["cpu"] * 3, protocol=protocol))
    bench.run(block("b-free", ["cpu"] * 3, protocol=replace(protocol, state=())))
    fixed, free = ([s.inference_avg_us or 0 for s in bench.sessions[n : n + 3]] for n in (0, 3))
    assert min(fixed) > max(free), "clocks at seven tenths"
    clean_phone(bench.phone)


def test_a_maker_that_refuses_settings(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    bench, protocol = run(rack, "redmi-note-12-turbo", tmp_path, ALL)
    before = settings(bench)
    bench.run(block("b-locked", ["cpu"], protocol=protocol))
    session = only(bench)
    assert set(session.state.held) == {"battery_saver", "doze", "radios"}, "svc, cmd and dumpsys work all the same"
    assert "USB debugging (Security settings)" in session.state.refused["screen"]
    assert "no clock limit moved" in session.state.refused["fixed_performance"]
    assert settings(bench) == before
    clean_phone(bench.phone)


def test_an_old_phone_on_battery_behind_wifi(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    bench, protocol = run(rack, "redmi-6a", tmp_path, {**ALL, "screen": "off"})
    bench.run(block("b-old", ["cpu"], protocol=protocol))
    refused = only(bench).state.refused
    assert "API level 30" in refused["fixed_performance"]
    assert "adb itself" in refused["radios"] and "not plugged in" in refused["screen"]
    assert only(bench).state.held == {"battery_saver": "off", "doze": "off", "auto_time": "off"}
    clean_phone(bench.phone)


def test_what_cannot_be_put_back_is_warned_of(
    rack: tuple[AdbServer, list[str]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bench, protocol = run(rack, "pixel-8-pro", tmp_path, {"auto_time": "off"})
    folder = '"${PHONE_ROOT}"/data/local/tmp/harness/blocks/b-left'

    def spoil(_: SessionRecord) -> None:
        # As a maker does that lets a setting be changed and not changed back.
        bench.phone.shell(f"cd {folder} && echo 7 >state/01.old && echo 'get() {{ echo 2; }}' >>state/01")

    with caplog.at_level("WARNING"):
        bench.run(block("b-left", ["cpu"], protocol=protocol), on_session=spoil)
    said = [r.getMessage() for r in caplog.records if "could not be set back" in r.getMessage()]
    words = "auto_time could not be set back to 7; set it by hand: adb shell settings put global auto_time 7"
    assert said and words in said[0], caplog.text
    bench.phone.shell("settings put global auto_time 1")


def test_the_record_travels(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    from harness.records import from_json, to_json

    bench, protocol = run(rack, "pixel-8-pro", tmp_path, {"doze": "off"})
    bench.run(block("b-json", ["cpu:affinity=mid"], protocol=protocol))
    again = from_json(SessionRecord, json.loads(json.dumps(to_json(only(bench)))))
    assert (again.state, again.activity) == (only(bench).state, only(bench).activity)
    assert again.frequency.share_pct == only(bench).frequency.share_pct
    clean_phone(bench.phone)
