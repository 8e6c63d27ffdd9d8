"""Traps of adb and of its client library that would hang or mislead a rack."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from adbutils import adb_path

from harness.adb.quote import DEVICE_ROOT, device_path
from harness.adb.server import AdbServer
from harness.adb.track import DeviceTracker
from harness.errors import DeadlineError, EnvironmentFault, PhoneError, UsageError
from tests.racks import rack_server


def test_a_stalled_push_meets_its_deadline_and_leaves_nothing(tmp_path: Path) -> None:
    """Transfers of the client library have no deadline at all."""
    faults = tmp_path / "f.yaml"
    faults.write_text("0: {slow_link_kb_s: 100}\n")
    with rack_server(1, "--faults", str(faults)) as (server, serials):
        phone = server.phone(serials[0])
        started = time.monotonic()
        with pytest.raises(DeadlineError):
            phone.push(bytes(20_000_000), timeout_s=2)
        assert time.monotonic() - started < 25
        for _ in range(50):
            left = phone.shell(f"ls -a {device_path(DEVICE_ROOT + '/files')}").stdout
            if ".part" not in left:
                return
            time.sleep(0.3)
        pytest.fail(f"a part was left behind: {left}")


def test_the_phones_reason_for_a_failed_push_is_told() -> None:
    with rack_server(1) as (server, serials), pytest.raises(PhoneError, match="Permission denied|Read-only"):
        server.phone(serials[0]).write(b"x", "/system/x")


def test_tracking_outlives_its_server(tmp_path: Path) -> None:
    """Tracking reconnects, and reports differences only."""
    with rack_server(1) as (server, serials):
        tracker = DeviceTracker(server.host, server.port)
        first = tracker.get(10)
        assert first is not None and first.state == "device"
        kill = [str(adb_path()), "-P", str(server.port)]
        subprocess.run([*kill, "kill-server"], capture_output=True, check=True)
        again = subprocess.Popen(
            [*kill, "server", "nodaemon"],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            gone = tracker.get(20)
            assert gone is not None and gone.state is None
            server.connect(serials[0])
            states = [tracker.get(10)]
            while states[-1] is not None and states[-1].state != "device":
                states.append(tracker.get(10))
            assert states[-1] is not None and states[-1].serial == serials[0]
        finally:
            tracker.close()
            again.kill()
            again.wait()


def test_a_private_server_knows_no_other_phone_and_dies_with_us(tmp_path: Path) -> None:
    with AdbServer.private(tmp_path) as server:
        assert server.devices() == []
        port = server.port
    gone = AdbServer("127.0.0.1", port)
    with pytest.raises(EnvironmentFault):
        gone.devices()


def test_a_remote_server_is_never_started_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client library starts a local server when a remote one refuses."""
    monkeypatch.setenv("ADB_SERVER_SOCKET", "tcp:192.0.2.1:5037")
    with pytest.raises(EnvironmentFault, match="no adb server answers at 192.0.2.1"):
        AdbServer.from_environment()
    monkeypatch.setenv("ADB_SERVER_SOCKET", "local:x")
    with pytest.raises(UsageError, match="give tcp:HOST:PORT"):
        AdbServer.from_environment()
