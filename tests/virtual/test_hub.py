"""The USB hub of a virtual rack: power, link, and the token that guards it."""

from __future__ import annotations

import json
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.adb.server import AdbServer
from harness.errors import EnvironmentFault, PhoneTransientError
from harness.hubs.hub import HubPort
from harness.hubs.spec import open_hub
from harness.hubs.virtual import VirtualHub, token_path
from tests.racks import HUBS, rack_process, rack_server


@pytest.fixture(scope="module")
def rack() -> Iterator[tuple[AdbServer, str, HubPort]]:
    with rack_server(2, "--rate", "20") as (server, serials):
        yield server, serials[1], open_hub(HUBS[serials[1]])


def port_of(hub: HubPort) -> int:
    assert isinstance(hub.hub, VirtualHub)
    return hub.hub.port


def test_without_power_the_link_is_lost_and_the_phone_runs_on_its_battery(
    rack: tuple[AdbServer, str, HubPort],
) -> None:
    server, serial, hub = rack
    phone = server.phone(serial)
    phone.shell("setsid sh -c 'sleep 20; dumpsys battery >/data/local/tmp/then' >/dev/null 2>&1 </dev/null &")
    assert hub.state() is True
    hub.power(False)
    assert hub.state() is False
    with pytest.raises(PhoneTransientError):
        server.connect(serial, timeout_s=0.5)
    time.sleep(1.5)
    hub.power(True)
    server.connect(serial)
    # It worked on meanwhile, and drew from its battery.
    assert "USB powered: false" in phone.shell("cat /data/local/tmp/then").stdout
    assert "USB powered: true" in phone.shell("dumpsys battery").stdout


def test_only_the_phone_of_that_port_is_switched(rack: tuple[AdbServer, str, HubPort]) -> None:
    server, serial, hub = rack
    other = next(line.serial for line in server.devices() if line.serial != serial)
    hub.power(False)
    assert server.phone(other).shell("echo hi").stdout == "hi\n"
    hub.power(True)
    server.connect(serial)


def test_a_port_that_is_not_there(rack: tuple[AdbServer, str, HubPort]) -> None:
    with pytest.raises(EnvironmentFault, match="there is no port 7"):
        open_hub(f"virtual:127.0.0.1:{port_of(rack[2])}:7").power(False)


@pytest.mark.parametrize(
    "line",
    [
        b'{"token": "guess", "port": "1", "power": false}',
        b'{"token": null, "port": "1", "power": false}',
        '{"token": "é", "port": "1", "power": false}'.encode(),
        b'{"port": "1", "power": false}',
        b"[]",
        b"rubbish",
        b"",
        b"x" * 10_000,
    ],
)
def test_nobody_without_the_token_switches_anything(rack: tuple[AdbServer, str, HubPort], line: bytes) -> None:
    hub = rack[2]
    with socket.create_connection(("127.0.0.1", port_of(hub)), timeout=5) as link:
        link.sendall(line + b"\n")
        answer = link.makefile("rb").readline()
    assert not answer or set(json.loads(answer)) == {"error"}
    assert hub.state() is True


def test_the_token_is_the_users_own_and_goes_with_the_rack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path))
    # Of a rack that was killed: nobody listens at that port.
    token_path(1).write_text("old")
    with rack_process(1) as (serial,):
        assert not token_path(1).exists()
        place = token_path(port_of(open_hub(HUBS[serial])))
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        token = place.read_text()
    assert not place.exists()
    assert len(token) > 40
    with pytest.raises(EnvironmentFault, match="token of the virtual hub"):
        open_hub(HUBS[serial]).state()
