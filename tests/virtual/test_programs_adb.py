"""The programs and files through a real adb server and the phone's own shell."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from harness.adb.phone import Phone
from harness.adb.server import AdbServer
from harness.virtual.rack import Rack, choose_profiles

KINDS = ["pixel-8-pro", "redmi-6a", "oneplus-8t"]


@pytest.fixture(scope="module")
def phones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Phone]]:
    """One phone of each kind, linked to an adb server of this test's own."""
    started: Future[list[str]] = Future()
    loop, done = asyncio.new_event_loop(), asyncio.Event()

    async def live() -> None:
        try:
            async with Rack(choose_profiles(0, KINDS, lambda path: pytest.fail(f"{path} is no kind")), seed=1) as rack:
                started.set_result([p.serial for p in rack.phones])
                await done.wait()
        except BaseException as error:
            if not started.done():
                started.set_exception(error)
            raise

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()), daemon=True)
    thread.start()
    serials = started.result(timeout=30)
    with AdbServer.private(tmp_path_factory.mktemp("adb")) as server:
        for serial in serials:
            server.connect(serial)
        yield {name: server.phone(serial) for name, serial in zip(KINDS, serials, strict=True)}
    loop.call_soon_threadsafe(done.set)
    thread.join(timeout=20)
    loop.close()


def test_programs_print_and_exit_through_the_shell(phones: dict[str, Phone]) -> None:
    assert phones["pixel-8-pro"].shell("getprop ro.soc.model").stdout == "Tensor G3\n"
    found = phones["oneplus-8t"].shell("settings put global low_power 1")
    assert found.exit_code == 255
    assert "SecurityException" in found.stderr
    found = phones["redmi-6a"].shell("dumpsys thermalservice; cmd nope; echo $?")
    assert found.stdout == "20\n"
    assert found.stderr == "Can't find service: thermalservice\ncmd: Can't find service: nope\n"
    assert phones["redmi-6a"].shell("dumpsys battery | sed -n 's/^ *status: //p'").stdout == "3\n"


def test_denied_nodes_refuse_and_readable_ones_are_read_only(phones: dict[str, Phone]) -> None:
    node = '"${PHONE_ROOT}"/sys/class/power_supply/battery/current_now'
    denied = phones["oneplus-8t"].shell(f"cat {node}")
    assert denied.exit_code == 1
    assert "Permission denied" in denied.stderr
    assert int(phones["redmi-6a"].shell(f"cat {node}").stdout) > 0
    for path in (node, '"${PHONE_ROOT}"/proc/uptime', '"${PHONE_ROOT}"/system/new', '"${PHONE_ROOT}"/new'):
        assert phones["redmi-6a"].shell(f"echo 1 >{path}").exit_code == 1, path


def test_time_passes_in_the_files(phones: dict[str, Phone]) -> None:
    script = 'read -r a _ <"${PHONE_ROOT}/proc/uptime"; sleep 0.5; read -r b _ <"${PHONE_ROOT}/proc/uptime"; echo $a $b'
    before, after = map(float, phones["pixel-8-pro"].shell(script).stdout.split())
    assert 0.45 <= after - before < 3


def test_nine_cores_are_nine_in_every_file(phones: dict[str, Phone]) -> None:
    text = phones["pixel-8-pro"].shell(
        'grep -c ^processor "${PHONE_ROOT}/proc/cpuinfo"; grep -c "^cpu[0-9]" "${PHONE_ROOT}/proc/stat";'
        ' cat "${PHONE_ROOT}/sys/devices/system/cpu/present"'
        ' "${PHONE_ROOT}"/sys/devices/system/cpu/cpu8/cpufreq/related_cpus'
    )
    assert text.stdout == "9\n9\n0-8\n8\n"


def test_settings_survive_the_shell_that_made_them(phones: dict[str, Phone], tmp_path: Path) -> None:
    phone = phones["pixel-8-pro"]
    phone.shell("settings put global mine 'a b'", check=True)
    assert phone.shell("settings get global mine").stdout == "a b\n"
