"""dumpsys, cmd and service, in the form that phones print."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.virtual.profile import Profile, profiles
from tests.virtual.fake_phone import FakePhone, make, run

ALL = list(profiles().values())
DUMPS = Path(__file__).parents[2] / ".." / "shared" / "data" / "phone_dumps"


@pytest.fixture
def pixel(tmp_path: Path) -> Iterator[FakePhone]:
    phone = make("pixel-8-pro", tmp_path)
    yield phone
    phone.state.close()


def rows(text: str) -> dict[str, str]:
    return dict(re.findall(r"^  ([^:\n]+): (.*)$", text, re.M))


@pytest.mark.parametrize("profile", ALL, ids=lambda p: p.name)
def test_battery_has_the_rows_of_its_android(profile: Profile, tmp_path: Path) -> None:
    phone = FakePhone(profile, tmp_path)
    text = run(phone, "dumpsys", "battery").stdout
    found = rows(text)
    assert text.startswith("Current Battery Service state:\n  AC powered: ")
    assert found["USB powered"] == ("true" if profile.battery.plugged == "usb" else "false")
    assert found["status"] == ("3" if profile.battery.plugged == "none" else "2")
    assert found["level"] == str(profile.battery.level)
    assert 3300 < int(found["voltage"]) < 4500
    assert 240 <= int(found["temperature"]) < 300
    assert ("Dock powered" in found) == (profile.sdk >= 33)
    assert ("Capacity level" in found) == (profile.sdk >= 35)
    assert ("current now" in found) == (profile.manufacturer == "samsung")
    phone.state.close()


def test_set_and_unplug_stop_updates_until_reset(pixel: FakePhone) -> None:
    assert run(pixel, "dumpsys", "battery", "unplug").exit_code == 0
    text = run(pixel, "dumpsys", "battery").stdout
    assert text.splitlines()[1] == "  (UPDATES STOPPED -- use 'reset' to restart)"
    # Only what was set is pretended: the status is as it was read last.
    assert rows(text)["USB powered"] == "false"
    assert rows(text)["status"] == "2"
    run(pixel, "dumpsys", "battery", "set", "level", "7")
    with pixel.state.load("cpu", 1.0):
        pixel.pass_time(300, 5)
    frozen = rows(run(pixel, "dumpsys", "battery").stdout)
    assert frozen["level"] == "7"
    assert frozen["temperature"] == rows(text)["temperature"]
    run(pixel, "cmd", "battery", "reset")
    after = run(pixel, "dumpsys", "battery").stdout
    assert "UPDATES STOPPED" not in after
    assert rows(after)["level"] != "7"
    assert int(rows(after)["temperature"]) > int(frozen["temperature"])


@pytest.mark.parametrize(
    ("args", "text", "code"),
    [
        (["set"], "No property specified\n", 255),
        (["set", "level"], "No value specified\n", 255),
        (["set", "level", "many"], "Bad value: many\n", 255),
        (["set", "mood", "3"], "Unknown set option: mood\n", 255),
        (["get", "level"], "81\n", 0),
        (["dance"], "Unknown command: dance\n", 255),
    ],
)
def test_battery_commands_say_what_is_wrong(pixel: FakePhone, args: list[str], text: str, code: int) -> None:
    found = run(pixel, "cmd", "battery", *args)
    assert (found.stdout, found.exit_code) == (text, code)
    # dumpsys prints the same and always succeeds.
    again = run(pixel, "dumpsys", "battery", *args)
    assert again.exit_code == 0


def test_the_reading_is_cached_for_a_minute_but_for_events(pixel: FakePhone) -> None:
    first = rows(run(pixel, "dumpsys", "battery").stdout)["Charge counter"]
    pixel.pass_time(20)
    assert rows(run(pixel, "dumpsys", "battery").stdout)["Charge counter"] == first
    pixel.state.machine.plugged = "none"
    pixel.pass_time(1)
    found = rows(run(pixel, "dumpsys", "battery").stdout)
    assert found["status"] == "3"
    assert found["Charge counter"] != first
    pixel.pass_time(61)
    assert rows(run(pixel, "dumpsys", "battery").stdout)["Charge counter"] != found["Charge counter"]


@pytest.mark.parametrize("profile", ALL, ids=lambda p: p.name)
def test_thermalservice_is_that_of_its_android(profile: Profile, tmp_path: Path) -> None:
    phone = FakePhone(profile, tmp_path)
    found = run(phone, "dumpsys", "thermalservice")
    if profile.sdk < 29:
        assert found.stderr == "Can't find service: thermalservice\n"
        assert (found.stdout, found.exit_code) == ("", 0)
        return
    hal = found.stdout.partition("Current temperatures from HAL:")[2]
    skin = next(name for name, place in profile.thermal.sensors.items() if place == "skin")
    kind = 3 + profile.thermal.type_shift
    assert re.search(rf"^\tTemperature\{{mValue=\d\d\.\d, mType={kind}, mName={skin}, mStatus=0\}}$", hal, re.M)
    assert ("TemperatureThreshold{" in hal) == profile.thermal.thresholds
    assert ("Temperature headroom thresholds:" in hal) == (profile.sdk >= 35)
    phone.state.close()


def test_thermal_status_follows_heat_where_thresholds_are_published(tmp_path: Path) -> None:
    statuses = {}
    for name in ("pixel-8-pro", "galaxy-s23"):
        (tmp_path / name).mkdir()
        phone = make(name, tmp_path / name)
        with phone.state.load("cpu", 1.0), phone.state.load("gpu", 1.0):
            phone.pass_time(900, 10)
            text = run(phone, "dumpsys", "thermalservice").stdout
        match = re.search(r"^Thermal Status: (\d)$", text, re.M)
        assert match
        statuses[name] = int(match[1])
        phone.state.close()
    assert statuses["pixel-8-pro"] >= 2
    assert statuses["galaxy-s23"] == 0


def test_an_override_changes_what_is_said_and_not_the_phone(pixel: FakePhone) -> None:
    run(pixel, "cmd", "thermalservice", "override-status", "3")
    text = run(pixel, "dumpsys", "thermalservice").stdout
    assert text.startswith("IsStatusOverride: true\n")
    assert "\nThermal Status: 3\n" in text
    assert pixel.state.speed("cpu") == 1.0
    run(pixel, "cmd", "thermalservice", "reset")
    assert "\nThermal Status: 0\n" in run(pixel, "dumpsys", "thermalservice").stdout


@pytest.mark.skipif(not DUMPS.is_dir(), reason="needs the shared phone dumps")
def test_thermalservice_has_the_headings_of_a_real_dump(tmp_path: Path) -> None:
    real = (DUMPS / "06-thermalservice-samsung-sdhms.txt").read_text()
    phone = make("galaxy-a53", tmp_path)

    def headings(text: str) -> list[str]:
        return [line for line in text.splitlines() if line[:1].strip()]

    ours = headings(run(phone, "dumpsys", "thermalservice").stdout)
    assert ours[: len(headings(real))] == headings(real)
    phone.state.close()


@pytest.mark.parametrize("profile", ALL, ids=lambda p: p.name)
def test_surfaceflinger_names_the_driver(profile: Profile, tmp_path: Path) -> None:
    phone = FakePhone(profile, tmp_path)
    lines = [x for x in run(phone, "dumpsys", "SurfaceFlinger").stdout.splitlines() if x.startswith("GLES: ")]
    assert len(lines) == 1
    assert profile.speed.gpu
    assert re.fullmatch(r"GLES: [\w ]+, [\w ()-]+, OpenGL ES 3\.\d .+", lines[0])
    assert profile.speed.gpu.renderer in lines[0]
    phone.state.close()


def test_meminfo_of_the_phone_and_of_a_process(pixel: FakePhone, tmp_path: Path) -> None:
    whole = run(pixel, "dumpsys", "meminfo").stdout
    assert re.search(r"^Total RAM: +11,912,340K \(status normal\)$", whole, re.M)
    assert run(pixel, "dumpsys", "meminfo", "999").stdout == "No process found for: 999\n"
    with pixel.state.process(999, "benchmark_model") as process:
        process.resident_mb, process.gpu_mb = 60.0, 10.0
        text = run(pixel, "dumpsys", "meminfo", "999").stdout
    assert "** MEMINFO in pid 999 [benchmark_model] **" in text
    match = re.search(r"TOTAL PSS: +(\d+) +TOTAL RSS: +(\d+)", text)
    assert match
    assert int(match[1]) == 70 * 1024
    (tmp_path / "old").mkdir()
    old = make("redmi-6a", tmp_path / "old")
    with old.state.process(9, "x") as process:
        process.resident_mb = 5
        assert re.search(r"^ +TOTAL: +5120$", run(old, "dumpsys", "meminfo", "9").stdout, re.M)
    old.state.close()


def test_gpu_memory_per_process_since_android_12(pixel: FakePhone, tmp_path: Path) -> None:
    with pixel.state.process(31, "benchmark_model") as process:
        process.gpu_mb = 2.0
        text = run(pixel, "dumpsys", "gpu", "--gpumem").stdout
    assert re.match(r"Memory snapshot for GPU 0:\nGlobal total: \d+\nProc \d+ total: \d+\n", text)
    assert "Proc 31 total: 2097152\n" in text
    (tmp_path / "old").mkdir()
    old = make("galaxy-a12", tmp_path / "old")
    assert run(old, "dumpsys", "gpu", "--gpumem").stdout == ""
    old.state.close()


def test_a_driver_of_an_old_kernel_counts_no_process(tmp_path: Path) -> None:
    phone = make("oneplus-8t", tmp_path)
    assert run(phone, "dumpsys", "gpu", "--gpumem").stdout == "GPU memory total usage map is empty\n"
    phone.state.close()


def test_vkjson_is_json_with_the_device(pixel: FakePhone) -> None:
    found = json.loads(run(pixel, "cmd", "gpu", "vkjson").stdout)
    assert found["devices"][0]["properties"]["deviceName"] == "Mali-G715"


def test_unknown_services_fail_as_on_a_phone(pixel: FakePhone) -> None:
    dumped = run(pixel, "dumpsys", "nope")
    assert (dumped.stdout, dumped.stderr, dumped.exit_code) == ("", "Can't find service: nope\n", 0)
    command = run(pixel, "cmd", "nope", "x")
    assert (command.stderr, command.exit_code) == ("cmd: Can't find service: nope\n", 20)
    assert run(pixel, "service", "check", "nope").stdout == "Service nope: not found\n"
    assert run(pixel, "service", "check", "battery").stdout == "Service battery: found\n"


def test_the_list_of_services_and_a_dump_of_all(pixel: FakePhone) -> None:
    listed = run(pixel, "dumpsys", "-l").stdout
    names = [line.strip() for line in listed.splitlines()[1:]]
    assert listed.startswith("Currently running services:\n")
    assert names == sorted(names)
    everything = run(pixel, "dumpsys").stdout
    assert [f"DUMP OF SERVICE {n}:" for n in names] == re.findall(r"^DUMP OF SERVICE .*$", everything, re.M)
    assert run(pixel, "dumpsys", "-t", "5", "battery").stdout.startswith("Current Battery")


def test_fixed_performance_mode_came_with_android_11(pixel: FakePhone, tmp_path: Path) -> None:
    assert run(pixel, "cmd", "power", "set-fixed-performance-mode-enabled", "true").exit_code == 0
    (tmp_path / "old").mkdir()
    old = make("redmi-6a", tmp_path / "old")
    assert run(old, "cmd", "power", "set-fixed-performance-mode-enabled", "true").exit_code == 255
    old.state.close()


def test_doze_is_switched(pixel: FakePhone) -> None:
    assert "disabled" in run(pixel, "dumpsys", "deviceidle", "disable").stdout
    assert run(pixel, "cmd", "deviceidle", "enabled").stdout == "0\n"
    assert "enabled" in run(pixel, "dumpsys", "deviceidle", "enable").stdout
    assert run(pixel, "cmd", "deviceidle", "enabled").stdout == "1\n"


def test_features_and_paths(pixel: FakePhone) -> None:
    text = run(pixel, "pm", "list", "features").stdout
    assert all(line.startswith("feature:") for line in text.splitlines())
    assert "feature:android.hardware.vulkan.version=4206592\n" in text
    assert run(pixel, "pm", "path", "android").stdout == "package:/system/framework/framework-res.apk\n"
    missing = run(pixel, "cmd", "package", "path", "com.example")
    assert (missing.stdout, missing.exit_code) == ("", 1)


@pytest.mark.parametrize(
    ("name", "part", "other"), [("pixel-8-pro", "displays", "windows"), ("redmi-6a", "windows", "displays")]
)
def test_which_app_has_the_screen(name: str, part: str, other: str, tmp_path: Path) -> None:
    phone = make(name, tmp_path)

    def focus(*words: str) -> list[str]:
        lines = run(phone, "dumpsys", "window", *words).stdout.splitlines()
        return [line.strip() for line in lines if "mCurrentFocus=" in line]

    component = run(phone, "cmd", "package", "resolve-activity", "--brief", "-c", "android.intent.category.HOME").stdout
    home = component.splitlines()[-1]
    assert focus(part) == [f"mCurrentFocus=Window{{5f1c2d0 u0 {home}}}"] == focus() and focus(other) == []
    assert "com.android.settings" in run(phone, "am", "start", "-n", "com.android.settings/.Settings").stdout
    assert "com.android.settings/com.android.settings.Settings}" in focus(part)[0]
    if not phone.profile.settings_locked:
        run(phone, "input", "keyevent", "223")
        assert focus(part) == ["mCurrentFocus=null"]
        run(phone, "input", "keyevent", "224", "KEYCODE_HOME")
        assert home in focus(part)[0]
    assert run(phone, "am", "start", "-n", "com.example/.Main").exit_code == 1
    phone.state.close()


def test_the_load_follows_the_cores_in_use(pixel: FakePhone) -> None:
    with pixel.state.load("cpu", 1.0):
        pixel.pass_time(2)
        busy = pixel.read("/proc/loadavg").split()[0]
        assert run(pixel, "dumpsys", "cpuinfo").stdout.startswith(f"Load: {busy} / ")
    pixel.pass_time(2)
    assert float(busy) > 8 and float(pixel.read("/proc/loadavg").split()[0]) < 1
