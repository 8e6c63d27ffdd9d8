"""The adb server is restarted, and phones on TCP come back; one that hangs: tests/rack/test_recover.py."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.adb.server import AdbServer, is_address
from harness.errors import EnvironmentFault
from tests.racks import rack_process


@pytest.fixture(scope="module")
def phone() -> Iterator[str]:
    with rack_process(1, "--rate", "20") as serials:
        yield serials[0]


def test_a_server_of_our_own_that_was_killed(phone: str, tmp_path: Path) -> None:
    with AdbServer.private(tmp_path) as server:
        server.connect(phone)
        assert server._process is not None
        child = subprocess.run(["pgrep", "-P", str(server._process.pid)], capture_output=True, text=True).stdout.split()
        os.kill(int(child[0]), signal.SIGKILL)
        server.restart()
        assert server.phone(phone).shell("echo hi").stdout == "hi\n"


def test_a_server_that_is_shared(phone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for name in ("ADB_SERVER_SOCKET", "ANDROID_ADB_SERVER_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(port))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ADB_MDNS", "0")
    monkeypatch.setenv("ADB_LIBUSB", "0")
    monkeypatch.setenv("ADB_LOCAL_TRANSPORT_MAX_PORT", "5553")
    server = AdbServer.from_environment()
    try:
        # Somebody else connected the phone, so only the server knows of it.
        AdbServer.from_environment().connect(phone)
        server.restart()
        assert server.phone(phone).shell("echo hi").stdout == "hi\n"
    finally:
        server._end_shared()
    assert not server.answers()


def test_a_server_elsewhere_is_left_alone() -> None:
    with pytest.raises(EnvironmentFault, match="another machine; restart it there"):
        AdbServer("192.0.2.1", 5037).restart()


def test_addresses() -> None:
    assert is_address("127.0.0.1:5555") and is_address("[::1]:5555")
    assert not is_address("R58M12ABCDE") and not is_address("adb-R58M12-abc._adb-tls-connect._tcp")
