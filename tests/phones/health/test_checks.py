"""Every health check: a probe that makes it fire, one that does not, and silence where nothing is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.phones.condition import Condition
from harness.phones.health import CHECKS, check_health
from harness.phones.probe import BatteryState, PhoneProbe, read_probe

BATTERY = BatteryState(60.0, 28.0, "charging over USB", False, ("usb",), "charging")
CONDITION = Condition(
    clock_ahead_s=3.0, load_per_core=0.4, busy_share=0.2, thermal_status=0, thermal_ready=True, adb_key_days=0.0,
    exec_refused="",
)  # fmt: skip
HEALTHY = PhoneProbe(read_probe({}, "s").record, BATTERY, free_kb=10_000_000, condition=CONDITION)


def now(**changes: object) -> PhoneProbe:
    """A healthy phone in another condition."""
    return replace(HEALTHY, condition=replace(CONDITION, **changes))  # type: ignore[arg-type]


def charged(**changes: object) -> PhoneProbe:
    """A healthy phone with another battery."""
    return replace(HEALTHY, battery=replace(BATTERY, **changes))  # type: ignore[arg-type]


FIRES = [
    ("boot", replace(HEALTHY, boot_completed=False), "has not finished booting", True),
    ("battery level", charged(level_pct=3.0), "battery is at 3 %", True),
    ("battery level", charged(level_pct=14.9), "battery is at 15 %", True),
    ("battery heat", charged(temperature_c=45.0), "is at 45 °C", True),
    ("battery heat", charged(temperature_c=38.0), "warm, 38 °C", False),
    ("throttling", now(thermal_status=3), "status severe", True),
    ("throttling", now(thermal_status=1), "status light", False),
    ("fake battery", charged(faked=True), "values set by hand", True),
    ("storage", replace(HEALTHY, free_kb=100_000), "only 97 MiB of storage are free", True),
    ("programs", now(exec_refused="sh: x: Permission denied"), "do not start in /data/local/tmp: sh: x: Perm", True),
    ("charging", charged(status="not charging"), "powered by usb and does not charge at 60 % (not charging)", False),
    ("charging", charged(status="discharging", plugged=("ac",)), "powered by ac", False),
    ("load", now(load_per_core=1.6, busy_share=0.83), "83% of its cores now, 1.6 threads a core", False),
    ("front app", now(front_app="com.example.game"), "the app com.example.game is in front", False),
    ("updates", now(updating=("dex2oat64",)), "installs or compiles apps (dex2oat64)", False),
    ("fake heat", replace(HEALTHY, thermal_override=True), "thermal status is set by hand", False),
    ("thermal service", now(thermal_ready=False), "lost its source", False),
    ("clock", now(clock_ahead_s=-7200.0), "is 2 hours behind this computer's", False),
    ("clock", now(clock_ahead_s=86_400.0 * 20_000), "20000 days ahead of", False),
    ("clock", now(clock_ahead_s=200.0), "3 minutes ahead of", False),
    ("watchdog", now(watchdog=True), "reboots after 600 s", False),
    ("adb keys", now(adb_key_days=7.0), "forgets this computer after 7 days", False),
]
SILENT = [
    charged(level_pct=15.0),
    charged(temperature_c=36.9),
    charged(level_pct=82.0, status="not charging"),
    charged(status="full", level_pct=79.0),
    charged(plugged=(), status="discharging"),
    now(load_per_core=3.0),
    now(busy_share=0.95),
    now(load_per_core=None, busy_share=0.95),
    now(clock_ahead_s=-120.0),
]


@pytest.mark.parametrize(("name", "probe", "words", "blocking"), FIRES)
def test_what_is_wrong_is_found(name: str, probe: PhoneProbe, words: str, blocking: bool) -> None:
    (finding,) = check_health(probe)
    assert (finding.name, finding.blocking) == (name, blocking)
    assert words in finding.message and finding.advice and ";" not in finding.advice
    assert finding.kind in {c.kind for c in CHECKS if c.name == name}


@pytest.mark.parametrize("probe", [HEALTHY, *SILENT])
def test_what_is_well_is_not(probe: PhoneProbe) -> None:
    assert check_health(probe) == []


def test_what_is_not_known_is_no_finding() -> None:
    assert check_health(read_probe({}, "s")) == []
    assert check_health(PhoneProbe(HEALTHY.record, BatteryState(None, None, None, False))) == []


def test_every_check_has_a_case_and_a_name_of_its_own() -> None:
    names = [c.name for c in CHECKS]
    assert len(set(names)) == len(names) and set(names) == {name for name, *_ in FIRES}
    assert all(c.reads and c.__doc__ for c in CHECKS)


def test_a_status_set_by_hand_is_told_as_such_only() -> None:
    probe = replace(now(thermal_status=6), thermal_override=True)
    assert [f.name for f in check_health(probe)] == ["fake heat"]


def test_the_blocking_come_first() -> None:
    probe = replace(charged(level_pct=3.0, temperature_c=38.0), boot_completed=False, thermal_override=True)
    assert [f.blocking for f in check_health(probe)] == [True, True, False, False]
