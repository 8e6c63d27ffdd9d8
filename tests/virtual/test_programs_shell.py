"""getprop, settings, svc, logcat and the other programs of a phone's shell."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from harness.virtual.program import Call, programs
from harness.virtual.programs import load
from tests.virtual.fake_phone import FakeCall, FakePhone, make, run


@pytest.fixture
def pixel(tmp_path: Path) -> Iterator[FakePhone]:
    phone = make("pixel-8-pro", tmp_path)
    yield phone
    phone.state.close()


@pytest.fixture
def oneplus(tmp_path: Path) -> Iterator[FakePhone]:
    phone = make("oneplus-8t", tmp_path)
    yield phone
    phone.state.close()


def test_every_program_is_registered() -> None:
    load()
    wanted = "am cmd date df dumpsys free getenforce getprop id input logcat pm reboot service setprop settings svc"
    assert {*wanted.split(), "uname", "whoami", "wm"} <= set(programs())


def test_getprop_in_all_forms(pixel: FakePhone) -> None:
    assert run(pixel, "getprop", "ro.product.model").stdout == "Pixel 8 Pro\n"
    assert run(pixel, "getprop", "no.such").stdout == "\n"
    assert run(pixel, "getprop", "no.such", "else").stdout == "else\n"
    lines = run(pixel, "getprop").stdout.splitlines()
    assert all(re.fullmatch(r"\[[\w.-]+\]: \[.*\]", line) for line in lines)
    names = [line.partition("]")[0] for line in lines]
    assert names == sorted(names)
    assert "[ro.serialno]: [VIRTUAL0001]" in lines
    assert "[ro.harness.virtual]: [1]" in lines


def test_identity_keys_come_and_go_with_android(pixel: FakePhone, tmp_path: Path) -> None:
    assert run(pixel, "getprop", "ro.soc.model").stdout == "Tensor G3\n"
    assert run(pixel, "getprop", "ro.odm.build.media_performance_class").stdout == "34\n"
    (tmp_path / "old").mkdir()
    old = make("redmi-6a", tmp_path / "old")
    assert run(old, "getprop", "ro.soc.model").stdout == "\n"
    assert run(old, "getprop", "ro.config.low_ram").stdout == "true\n"
    assert run(old, "getprop", "ro.product.cpu.abilist64").stdout == "\n"
    assert run(old, "getprop", "service.adb.tcp.port").stdout == "5555\n"
    old.state.close()


def test_setprop_takes_what_policy_allows(pixel: FakePhone, tmp_path: Path) -> None:
    assert run(pixel, "setprop", "debug.mine", "7").exit_code == 0
    assert run(pixel, "getprop", "debug.mine").stdout == "7\n"
    refused = run(pixel, "setprop", "ro.product.model", "x")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Failed to set property 'ro.product.model' to 'x'.\n")
    # Allowed since Android 13, and heard by nobody.
    assert run(pixel, "setprop", "power.battery_input.suspended", "true").exit_code == 0
    assert pixel.state.machine.flow.status == "Charging"
    (tmp_path / "old").mkdir()
    old = make("galaxy-a12", tmp_path / "old")
    assert run(old, "setprop", "power.battery_input.suspended", "true").exit_code == 1
    old.state.close()


def test_settings_are_read_written_listed_and_deleted(pixel: FakePhone) -> None:
    assert run(pixel, "settings", "get", "global", "none_such").stdout == "null\n"
    assert run(pixel, "settings", "put", "global", "mine", "a b").exit_code == 0
    assert run(pixel, "settings", "get", "global", "mine").stdout == "a b\n"
    assert "mine=a b\n" in run(pixel, "settings", "list", "global").stdout
    assert run(pixel, "settings", "delete", "global", "mine").stdout == "Deleted 1 rows\n"
    assert run(pixel, "settings", "get", "global", "mine").stdout == "null\n"
    wrong = run(pixel, "settings", "get", "world", "x")
    assert wrong.exit_code == 255
    assert "Invalid namespace 'world'" in wrong.stderr


def test_a_maker_that_locks_settings_refuses_and_changes_nothing(oneplus: FakePhone) -> None:
    refused = run(oneplus, "settings", "put", "system", "screen_brightness", "1")
    assert refused.exit_code == 255
    assert refused.stderr.startswith("\nException occurred while executing 'put':\njava.lang.SecurityException: ")
    assert run(oneplus, "settings", "get", "system", "screen_brightness").stdout == "102\n"
    key = run(oneplus, "input", "keyevent", "26")
    assert key.exit_code == 255
    assert "INJECT_EVENTS" in key.stderr
    assert oneplus.state.machine.screen_on


def test_the_screen_is_switched_by_keys_and_draws_power(pixel: FakePhone) -> None:
    lit = pixel.state.machine.power_w
    run(pixel, "input", "keyevent", "223")
    assert pixel.state.machine.power_w == pytest.approx(lit - pixel.profile.heat.screen_w)
    assert "mWakefulness=Asleep" in run(pixel, "dumpsys", "power").stdout
    run(pixel, "input", "keyevent", "KEYCODE_WAKEUP")
    assert pixel.state.machine.power_w == lit
    run(pixel, "input", "keyevent", "26", "26")
    assert pixel.state.machine.screen_on


def test_stay_on_and_radios(pixel: FakePhone) -> None:
    run(pixel, "svc", "power", "stayon", "true")
    assert run(pixel, "settings", "get", "global", "stay_on_while_plugged_in").stdout == "7\n"
    assert "mStayOn=true" in run(pixel, "dumpsys", "power").stdout
    run(pixel, "svc", "wifi", "disable")
    assert run(pixel, "settings", "get", "global", "wifi_on").stdout == "0\n"
    assert pixel.links.online
    assert run(pixel, "svc", "nothing").exit_code == 1


def test_adb_over_wifi_is_gone_in_airplane_mode_and_back_after(tmp_path: Path) -> None:
    phone = make("galaxy-s23", tmp_path)
    run(phone, "cmd", "connectivity", "airplane-mode", "enable")
    assert not phone.links.online
    assert run(phone, "cmd", "connectivity", "airplane-mode").stdout == "enabled\n"
    run(phone, "cmd", "connectivity", "airplane-mode", "disable")
    assert phone.links.online
    phone.state.close()


def test_logcat_filters_by_tag_priority_pid_and_buffer(pixel: FakePhone) -> None:
    state = pixel.state
    state.log("I", "tflite", "Created TensorFlow Lite delegate for GPU.", 501)
    state.log("E", "tflite", "two\nlines", 502)
    state.log("I", "lowmemorykiller", "Kill 'benchmark_model' (501)", 400)
    state.log("F", "libc", "Fatal signal 11 (SIGSEGV)", 501, buffer="crash")
    text = run(pixel, "logcat", "-d").stdout
    assert text.startswith("--------- beginning of system\n")
    assert "--------- beginning of crash\n" in text
    stamp = r"\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"
    assert re.search(rf"^{stamp}   501   501 I tflite  : Created TensorFlow Lite delegate for GPU\.$", text, re.M)
    timed = run(pixel, "logcat", "-d", "-v", "time", "-s", "tflite").stdout
    assert len(timed.splitlines()) == 4
    assert re.search(rf"^{stamp} E/tflite  \(  502\): lines$", timed, re.M)
    assert run(pixel, "logcat", "-d", "-s", "tflite:E").stdout.count("tflite") == 2
    assert run(pixel, "logcat", "-d", "-b", "crash", "-v", "brief").stdout == (
        "--------- beginning of crash\nF/libc    (  501): Fatal signal 11 (SIGSEGV)\n"
    )
    assert run(pixel, "logcat", "-d", "--pid=400", "-v", "raw").stdout.endswith("\nKill 'benchmark_model' (501)\n")
    assert run(pixel, "logcat", "-t", "1", "-v", "raw").stdout.endswith("\nFatal signal 11 (SIGSEGV)\n")
    assert run(pixel, "logcat", "-c").exit_code == 0
    assert run(pixel, "logcat", "-d").stdout == ""


@pytest.mark.parametrize("args", [["-b", "nope"], ["-v", "nope"], ["-t"], ["--nope"], ["tag:Q"]])
def test_logcat_refuses_what_it_does_not_know(pixel: FakePhone, args: list[str]) -> None:
    found = run(pixel, "logcat", "-d", *args)
    assert (found.stdout, found.exit_code) == ("", 1)
    assert found.stderr.startswith("logcat: ")


def test_logcat_follows_until_it_is_ended(pixel: FakePhone) -> None:
    load()
    call = FakeCall(pixel, ["logcat", "-v", "raw", "-s", "mine"])

    async def follow() -> None:
        task = asyncio.ensure_future(programs()["logcat"](cast(Call, call)))
        await asyncio.sleep(0.05)
        pixel.state.log("I", "mine", "late", 1)
        for _ in range(40):
            await asyncio.sleep(0.05)
            if "late" in call.stdout:
                break
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(follow())
    assert call.stdout == "--------- beginning of main\nlate\n"


def test_a_reboot_forgets_the_log(pixel: FakePhone) -> None:
    pixel.state.log("I", "mine", "before", 1)
    pixel.state.boot()
    assert "before" not in run(pixel, "logcat", "-d").stdout


def test_who_and_what(pixel: FakePhone, tmp_path: Path) -> None:
    assert run(pixel, "id").stdout.startswith("uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input)")
    assert run(pixel, "id", "-u").stdout == "2000\n"
    assert run(pixel, "whoami").stdout == "shell\n"
    assert run(pixel, "getenforce").stdout == "Enforcing\n"
    assert run(pixel, "uname", "-m").stdout == "aarch64\n"
    assert run(pixel, "uname", "-sr").stdout == f"Linux {pixel.profile.kernel}\n"
    (tmp_path / "old").mkdir()
    old = make("redmi-6a", tmp_path / "old")
    assert run(old, "uname", "-m").stdout == "armv8l\n"
    old.state.close()


def test_df_and_free_speak_of_the_phone(pixel: FakePhone) -> None:
    head, row = run(pixel, "df", "-k", "/data/local/tmp").stdout.splitlines()
    assert head.split()[:5] == ["Filesystem", "1K-blocks", "Used", "Available", "Use%"]
    assert row.split() == ["/dev/block/dm-12", "233000000", "139800000", "93200000", "60%", "/data"]
    assert run(pixel, "df", "-k", f"{pixel.root}/data/local/tmp").stdout.endswith("/data\n")
    missing = run(pixel, "df", "/nope")
    assert (missing.stderr, missing.exit_code) == ("df: /nope: No such file or directory\n", 1)
    assert "222G" in run(pixel, "df", "-h", "/data").stdout
    assert re.search(r"^Mem: +11912340 ", run(pixel, "free", "-k").stdout, re.M)


def test_date_is_the_phones(pixel: FakePhone) -> None:
    assert run(pixel, "date", "+%s").stdout == f"{int(pixel.clock.wall_s())}\n"
    assert run(pixel, "date", "-d", "@0", "+%Y-%m-%d").stdout == "1970-01-01\n"


def test_small_programs(pixel: FakePhone) -> None:
    assert run(pixel, "wm", "size").stdout == "Physical size: 1080x2400\n"
    assert run(pixel, "am", "kill-all").exit_code == 0
    assert run(pixel, "am", "start", "x").exit_code == 1
    assert run(pixel, "reboot").exit_code == 0
    assert pixel.reboots == 1
