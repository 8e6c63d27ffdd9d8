"""Every known form of a dump is told by its structure and read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.dumps.adb_devices import adb_devices
from harness.dumps.cpufreq import cpu_list, cpufreq
from harness.dumps.current import current
from harness.dumps.df import df
from harness.dumps.kinds import KINDS, guess_kind, read_dump
from harness.dumps.meminfo import meminfo
from harness.dumps.props import build_prop, getprop
from harness.dumps.time_in_state import time_in_state
from tests.dumps import forms
from tests.racks import SHARED


@pytest.mark.parametrize(("kind", "text", "expected"), forms.FORMS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_form_is_told_and_read(kind: str, text: str, expected: dict[str, Any], ends: str) -> None:
    text = text.replace("\r", "").replace("\n", ends)
    assert guess_kind(text) == kind
    found = read_dump(kind, text)
    assert found["kind"] == kind
    assert {key: found.get(key) for key in expected} == expected
    json.dumps(found, allow_nan=False)


def test_every_kind_has_a_form() -> None:
    assert {kind for kind, _, _ in forms.FORMS} == set(KINDS)


def test_empty_text_has_no_kind_and_can_be_read_as_any() -> None:
    assert guess_kind("") is None and guess_kind("hello\nworld\n") is None
    for kind in KINDS:
        json.dumps(read_dump(kind, ""), allow_nan=False)


@pytest.mark.parametrize(
    "text", ["STARTING!\n" + forms.BATTERY_17, "INFO: benchmark_model started\n", "x: Loaded model /a.tflite\n"]
)
def test_a_benchmark_log_is_told(text: str) -> None:
    assert guess_kind(text) == "benchmark"


@pytest.mark.parametrize(
    ("printed", "status", "level", "value", "unit", "sign"),
    [
        ("-350123", "discharging", 50, -350123, "uA", "negative while discharging"),
        ("350123", "full", 100, 350123, "uA", None),
        ("-191", "discharging", 98, -191, "mA", "negative while discharging"),
        ("1531", "charging", 75, 1531, "mA", "positive while charging"),
        ("300", "charging", 99, 300, None, "positive while charging"),
        ("300", "charging", None, 300, None, "positive while charging"),
        ("8000", "discharging", 50, 8000, None, "positive while discharging"),
        ("12", "discharging", 50, 12, None, "positive while discharging"),
        ("0", "full", 100, 0, None, None),
        ("-300", None, 50, -300, None, None),
        ("-2147483648", "discharging", 50, None, None, None),
        ("what", "discharging", 50, None, None, None),
    ],
)
def test_a_current_says_its_unit_only_where_its_size_settles_it(
    printed: str, status: str | None, level: int | None, value: int | None, unit: str | None, sign: str | None
) -> None:
    found = current(printed, "k", status, level)
    assert found and (found["value"], found["unit"], found["sign"]) == (value, unit, sign)
    assert bool(found.get("unit_reason")) is (unit is None) and bool(found.get("reason")) is (value is None)


def test_a_log_without_line_ends_keeps_nothing_busy() -> None:
    for line in ("a" + " 1" * 50_000 + "x", "a:" * 50_000):
        assert meminfo(line)["total_pss_kb"] is None and time_in_state(line)["steps"] is None


def test_several_processes_and_the_first_above() -> None:
    found = meminfo(forms.MEMINFO_14)
    assert [p["pid"] for p in found["processes"]] == [900, 901]
    assert found["processes"][1]["total_pss_kb"] == 500


def test_clusters_by_policy_by_cpu_and_from_the_probe() -> None:
    def clusters(text: str) -> list[tuple[list[int], int | None]]:
        return [(c["cpus"], c["max_khz"]) for c in cpufreq(text)["clusters"]]

    assert clusters(forms.FREQ_POLICY) == [([0, 1, 2, 3], 1800000), ([4, 5, 6], 2800000)]
    part = "cpu0/cpufreq/cpuinfo_max_freq:9\ncpu0/cpufreq/related_cpus:0 1\ncpu1/cpufreq/scaling_cur_freq:5\n"
    assert clusters(part) == [([0, 1], 9)] and cpufreq(part)["clusters"][0]["cur_khz"] == [5]
    assert cpufreq(forms.FREQ_POLICY)["online"] == [0, 1, 2, 3, 4, 5, 6]
    assert clusters(forms.FREQ_LOOP) == [([0, 1], 1800000), ([4], 2400000)]
    assert clusters(forms.FREQ_PROBE) == [([0, 1, 2, 3], 1800000), ([4, 5], None)]
    assert guess_kind(forms.FREQ_POLICY) == guess_kind(forms.FREQ_LOOP) == "cpufreq"
    assert cpu_list("0-2,7") == [0, 1, 2, 7] and cpu_list("all") is None and cpu_list(None) is None


def test_a_policy_that_only_the_file_name_says() -> None:
    assert time_in_state("300000 5\n", "/tmp/pixel-policy6.txt")["policy"] == 6
    assert time_in_state(forms.TIS_GREP, "/tmp/policy0.txt")["policy"] == 4
    assert [p["policy"] for p in time_in_state(forms.TIS_GREP)["policies"]] == [4, 6]
    assert time_in_state("300000 5\n")["policy_reason"]


def test_properties_over_lines_and_set_twice() -> None:
    props = getprop(forms.GETPROP)["props"]
    assert props["a.b"] == "first\nsecond" and "ro.cut" not in props
    assert build_prop(forms.BUILD_10)["props"]["ro.twice"] == "2"
    assert build_prop(forms.BUILD_4)["props"]["ro.twice"] == "1", "before Android 10 a read-only property is set once"


def test_df_in_units() -> None:
    first, second = df(forms.DF_H)["rows"]
    assert first["total_kb"] == 109 * 1024**2 and first["use_pct"] == 77
    assert (second["mount"], second["total_kb"], second["use_pct"]) == ("/a b", 0, None)
    (ancient,) = df("/data: 200K total, 150K used, 50K available (block size 4096)\n")["rows"]
    assert (ancient["mount"], ancient["available_kb"]) == ("/data", 50)


def test_devices_of_every_state() -> None:
    found = {d["serial"]: d for d in adb_devices(forms.ADB)["devices"]}
    assert {serial: d["state"] for serial, d in found.items()} == {
        "????????????": "no permissions",
        "0a1b": "device",
        "192.168.1.5:5555": "device",
        "adb-1A-x (2)._adb-tls-connect._tcp": "offline",
        "emulator-5554": "authorizing",
    }
    assert "udev rules" in found["????????????"]["state_detail"]
    assert (found["192.168.1.5:5555"]["model"], found["192.168.1.5:5555"]["transport_id"]) == ("Pixel_6", 3)
    assert guess_kind(forms.ADB) == "adb-devices"
    assert adb_devices("error: device offline\nadb: no devices/emulators found\n")["devices"] == []


@pytest.mark.skipif(not (SHARED / "phone_dumps").is_dir(), reason="the real captures are not beside this checkout")
def test_real_captures_are_told() -> None:
    for file in (SHARED / "phone_dumps").glob("*.txt"):
        kind = guess_kind(file.read_text(errors="replace"))
        assert kind in KINDS, file.name


@pytest.mark.skipif(not (SHARED / "benchmark_logs").is_dir(), reason="the real logs are not beside this checkout")
def test_no_real_log_is_taken_for_a_dump() -> None:
    for file in (SHARED / "benchmark_logs").glob("*.txt"):
        assert guess_kind(file.read_text(errors="replace")) in ("benchmark", None), file.name
