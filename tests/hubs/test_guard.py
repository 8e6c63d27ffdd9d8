"""A port that a run has switched off: on again whatever happens, and left alone by others meanwhile."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.adb.server import AdbServer
from harness.clock import RateClock
from harness.errors import HostError
from harness.hubs.guard import is_off, port_off
from harness.hubs.hub import HubPort
from harness.hubs.spec import open_hub
from harness.phones.tiers import load_rules
from harness.rack.gather import ABSENT, Seen
from harness.rack.inbox import Inbox
from harness.rack.roster import Roster
from harness.rack.site import Site
from harness.rack.status import RackState
from harness.records import PhoneRecord
from tests.racks import HUBS, rack_process


@pytest.fixture(scope="module")
def port() -> Iterator[HubPort]:
    with rack_process(1, "--rate", "20") as (serial,):
        yield open_hub(HUBS[serial])


def test_a_port_is_off_inside_and_on_after(port: HubPort) -> None:
    with port_off(port):
        assert port.state() is False and is_off(port)
        with pytest.raises(HostError, match="another run has it off"), port_off(port):
            pytest.fail("two runs have one port off")
        assert port.state() is False, "who was refused switches nothing"
    assert port.state() is True and not is_off(port)


def test_an_error_inside_switches_on(port: HubPort) -> None:
    with pytest.raises(ZeroDivisionError), port_off(port):
        raise ZeroDivisionError
    assert port.state() is True


def test_a_killed_command_s_port_is_switched_on_by_its_guard(port: HubPort) -> None:
    code = (
        "import os, signal\nfrom harness.hubs.guard import port_off\nfrom harness.hubs.spec import open_hub\n"
        f"with port_off(open_hub({port.spec!r})):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == -9
    end = time.monotonic() + 60
    while not port.state():
        assert time.monotonic() < end, "the port stayed off"
        time.sleep(0.1)


@pytest.mark.parametrize("cut", [True, False])
def test_a_phone_that_is_away_on_purpose_is_not_healed(port: HubPort, cut: bool, tmp_path: Path) -> None:
    phone = PhoneRecord("P", "10.0.0.1:5555", "virtual")
    site = Site(AdbServer("127.0.0.1", 1), load_rules(None), RateClock(), "me", expected={"P"}, hub={"P": port}.get)
    roster = Roster(site, Inbox())
    roster._around = time.monotonic() + 1000
    slot = roster.add(Seen("10.0.0.1:5555", ABSENT, "P", None, None), phone)
    # As if it had been away for longer than a cable takes.
    slot.status = type(slot.status)(**{**vars(slot.status), "since_s": slot.status.since_s - 1000, "until_s": 0.0})
    roster.over = True  # no ladder is climbed in this test
    if cut:
        with port_off(port):
            roster.tick()
        assert slot.holder is not None and "USB power cut" in slot.holder
        assert slot.status.state is RackState.ABSENT
    else:
        roster.tick()
        assert slot.holder is None and slot.status.state is RackState.RECOVERING
