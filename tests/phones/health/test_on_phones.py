"""Health checks on virtual phones: what is done to a phone is found, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from harness.adb.phone import Phone
from harness.phones.health import Finding, check_health
from harness.phones.probe import probe_phone, read_probe, run_sections
from tests.racks import rack_server

#: One of each maker whose services print differently.
PROFILES = ("pixel-8-pro", "galaxy-a53", "redmi-6a", "oneplus-8t", "nokia-1")


@pytest.fixture(scope="module")
def phones() -> Iterator[list[Phone]]:
    options = [word for name in PROFILES for word in ("--profile", name)]
    with rack_server(len(PROFILES), *options) as (server, serials):
        yield [server.phone(s) for s in serials]


def found(phone: Phone) -> dict[str, Finding]:
    """What is wrong with a phone, by check."""
    return {f.name: f for f in check_health(probe_phone(phone))}


@contextmanager
def told(phone: Phone, command: str, undo: str) -> Iterator[None]:
    """While inside, the phone is as `command` makes it."""
    phone.shell(command)
    try:
        yield
    finally:
        phone.shell(undo)


def test_a_phone_as_it_comes_has_no_finding(phones: list[Phone]) -> None:
    for phone in phones:
        assert found(phone) == {}


def test_values_set_by_hand(phones: list[Phone]) -> None:
    set_by_hand = "dumpsys battery set level 5; cmd thermalservice override-status 3"
    with told(phones[0], set_by_hand, "dumpsys battery reset; cmd thermalservice reset"):
        seen = found(phones[0])
    assert set(seen) == {"fake battery", "fake heat", "battery level"}
    assert "dumpsys battery reset" in seen["fake battery"].advice
    assert "thermalservice reset" in seen["fake heat"].advice
    assert seen["battery level"].blocking and seen["battery level"].message == "the battery is at 5 %"
    assert found(phones[0]) == {}


@pytest.mark.parametrize("index", [0, 2])
def test_an_app_in_front(phones: list[Phone], index: int) -> None:
    phone = phones[index]
    with told(phone, "am start -n com.android.settings/.Settings", "input keyevent HOME"):
        assert found(phone)["front app"].message == "the app com.android.settings is in front"
    assert found(phone) == {}, "the advice helps"


def test_a_dark_screen_shows_no_app(phones: list[Phone]) -> None:
    with told(phones[0], "am start -n com.android.settings/.Settings; input keyevent 223", "input keyevent 224 3"):
        assert found(phones[0]) == {}


def test_apps_are_being_compiled(phones: list[Phone]) -> None:
    begin = (
        'cd "${PHONE_ROOT}"/data/local/tmp; echo "while :; do sleep 1; done" >loop; '
        "setsid nohup sh -c 'exec -a dex2oat64 sh ./loop' </dev/null >/dev/null 2>&1 & sleep 0.2"
    )
    with told(phones[0], begin, "kill -KILL $(pidof dex2oat64)"):
        assert found(phones[0])["updates"].message == "it installs or compiles apps (dex2oat64)"
    assert found(phones[0]) == {}


def test_what_a_rack_must_know_of(phones: list[Phone]) -> None:
    week = "settings put global adb_allowed_connection_time 604800000; setprop persist.sys.test_harness 1"
    undo = "settings put global adb_allowed_connection_time 0; setprop persist.sys.test_harness 0"
    with told(phones[0], week, undo):
        seen = found(phones[0])
    assert set(seen) == {"adb keys", "watchdog"} and "after 7 days" in seen["adb keys"].message
    with told(phones[0], "settings delete global adb_allowed_connection_time", undo):
        assert "after 7 days" in found(phones[0])["adb keys"].message, "so it is where nothing is set"
    with told(phones[2], "settings delete global adb_allowed_connection_time", undo):
        assert found(phones[2]) == {}, "before Android 11 keys do not expire"


def test_a_clock_that_is_off(phones: list[Phone]) -> None:
    sections = run_sections(phones[0], "probe.sh")
    for off_s, names in ((0, []), (3600, ["clock"]), (-3600, ["clock"])):
        probe = read_probe(sections, phones[0].serial, host_epoch_s=time.time() + off_s)
        assert [f.name for f in check_health(probe)] == names


def test_a_folder_where_no_program_starts(phones: list[Phone]) -> None:
    sections = run_sections(phones[0], "probe.sh")
    assert sections["exec"].strip() == "runs"
    refused = "probe[45]: /data/local/tmp/harness/.exec-77: can't execute: Permission denied\nexit code 126\n"
    (finding,) = check_health(read_probe({**sections, "exec": refused}, "s"))
    assert finding.name == "programs" and finding.blocking and "Permission denied" in finding.message


def test_a_phone_whose_clock_runs_fast_is_not_blamed() -> None:
    with rack_server(1, "--rate", "500") as (server, serials):
        time.sleep(1.0)
        assert found(server.phone(serials[0])) == {}
