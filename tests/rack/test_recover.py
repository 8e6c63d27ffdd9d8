"""Each rung of the ladder with a fault that only it, or a later one, heals; on phones behind a real adb server."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.adb.quote import DEVICE_ROOT
from harness.adb.server import AdbServer
from harness.clock import RateClock
from harness.errors import HarnessError
from harness.hubs.spec import open_hub
from harness.phones.recovery import proof
from harness.phones.state import Where, plan_state
from harness.rack.failure import Failure, Kind
from harness.rack.ladder import Rung, ladder
from harness.rack.recover import LOOK, RecoveryStep, RecoveryTarget, Waits, recover
from harness.resources import resource_dir
from tests.racks import HUBS, rack_server

RATE = 20.0
CLOCK = RateClock(RATE)
#: A virtual phone answers in milliseconds where it answers at all.
WAITS = Waits(shell_s=1.0, link_s=0.8, rest_s=0.3, off_s=5.0, power_s=20.0, boot_s=60.0)
FAULTS = """
1: {link_hang: {when: {event: shell, match: strike}, until: reconnect}}
2:
  link_hang:
    - {when: {event: shell, match: strike}, until: reconnect}
    - {when: {event: connect, nth: 2}, until: reconnect}
4: {storage_free_kb: 215040}
5: {shell_hang: {when: {event: shell, match: strike}, until: reboot}}
6: {link_lost: {when: {event: shell, match: strike}, for_s: null, until: power}}
7: {link_lost: {when: {event: shell, match: strike}, for_s: null}}
8: {unauthorized: {when: {event: shell, match: strike}}}
"""


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[AdbServer, list[str]]]:
    plan = tmp_path_factory.mktemp("plan") / "faults.yaml"
    plan.write_text(FAULTS)
    with rack_server(9, "--rate", str(RATE), "--faults", str(plan)) as (server, serials):
        yield server, serials


def strike(server: AdbServer, serial: str) -> None:
    """Let a phone's fault begin."""
    with contextlib.suppress(HarnessError):
        server.phone(serial).shell("echo strike", timeout_s=0.5)


def climb(
    target: RecoveryTarget, kind: Kind, waits: Waits = WAITS
) -> tuple[Failure | None, list[RecoveryStep], list[str]]:
    """The failure that is left, the steps, and the names of their rungs."""
    steps: list[RecoveryStep] = []
    left = recover(target, Failure(kind, "it is ill"), clock=CLOCK, on_step=steps.append, waits=waits)
    assert all(not step.ok for step in steps[:-1])
    assert all(step.seconds >= 0 and step.message for step in steps)
    return left.failure, steps, [step.rung for step in steps]


def target(rack: tuple[AdbServer, list[str]], index: int, *, hub: bool = False) -> RecoveryTarget:
    server, serials = rack
    port = open_hub(HUBS[serials[index]]) if hub else None
    return RecoveryTarget(server, serials[index], f"VIRTUAL0000{index:03d}", port)


@pytest.mark.parametrize("kind", [Kind.NO_ANSWER, Kind.OFFLINE, Kind.LINK_LOST, Kind.NOT_BOOTED, Kind.JOB_DIED])
def test_a_phone_that_is_well_by_itself_is_left_alone(rack: tuple[AdbServer, list[str]], kind: Kind) -> None:
    before = proof.boot_id(target(rack, 0), WAITS)
    failure, _, names = climb(target(rack, 0), kind)
    assert (failure, names) == (None, [LOOK])
    assert proof.boot_id(target(rack, 0), WAITS) == before is not None


def test_what_no_ladder_heals_is_not_tried(rack: tuple[AdbServer, list[str]]) -> None:
    failure, steps, _ = climb(target(rack, 0), Kind.UNAUTHORIZED)
    assert failure == Failure(Kind.UNAUTHORIZED, "it is ill")
    assert steps == []


def test_reconnect(rack: tuple[AdbServer, list[str]]) -> None:
    strike(*_at(rack, 1))
    # adb still says device.
    assert proof.adb_state(target(rack, 1)) == "device"
    failure, steps, names = climb(target(rack, 1), Kind.NO_ANSWER)
    assert (failure, names) == (None, [LOOK, Rung.RECONNECT])
    assert "did not end within" in steps[0].message or "no answer" in steps[0].message


@pytest.mark.slow
def test_restart_of_the_transport(rack: tuple[AdbServer, list[str]]) -> None:
    strike(*_at(rack, 2))
    failure, _, names = climb(target(rack, 2), Kind.NO_ANSWER)
    assert (failure, names) == (None, [LOOK, Rung.RECONNECT, Rung.TRANSPORT])


def test_left_over_processes(rack: tuple[AdbServer, list[str]]) -> None:
    server, serial = _at(rack, 3)
    phone = server.phone(serial)
    block = f"{DEVICE_ROOT}/blocks/left"
    # As run.sh leaves things where it was killed: a program in a group of its own, that ignores requests, and a setting.
    phone.write(b"trap '' TERM HUP; while :; do sleep 5; done\n", f"{block}/hang.sh")
    phone.write((resource_dir("device_scripts") / "lib/state.sh").read_bytes(), f"{block}/lib/state.sh")
    phone.write(plan_state({}, Where()).files["state/00"].encode(), f"{block}/state/00")
    phone.shell(
        f"cd {block}; cat /proc/sys/kernel/random/boot_id >boot_id; "
        "settings get global stay_on_while_plugged_in >state/00.old;"
        f" svc power stayon true; setsid nohup sh {block}/hang.sh >/dev/null 2>&1 </dev/null & "
        f"setsid nohup sh {block}/hang.sh other >/dev/null 2>&1 </dev/null & echo $! - >{block}/pid"
    )
    assert len(proof.our_pids(target(rack, 3), WAITS)) == 2
    failure, steps, names = climb(target(rack, 3), Kind.JOB_HUNG)
    assert (failure, names) == (None, [LOOK, Rung.LEFTOVERS])
    assert "2 of our processes" in steps[1].message
    assert proof.our_pids(target(rack, 3), WAITS) == []
    assert phone.shell("settings get global stay_on_while_plugged_in").stdout.strip() == "0"


def test_room_is_made_of_what_can_be_pushed_again(rack: tuple[AdbServer, list[str]]) -> None:
    server, serial = _at(rack, 4)
    phone = server.phone(serial)
    phone.push(os.urandom(30 << 20))
    phone.write(b"0\n", f"{DEVICE_ROOT}/blocks/kept/s/0000/rc")
    failure, steps, names = climb(target(rack, 4), Kind.STORAGE_FULL)
    assert (failure, names) == (None, [LOOK, Rung.ROOM])
    assert "MiB" in steps[1].message
    assert phone.read(f"{DEVICE_ROOT}/blocks/kept/s/0000/rc") == b"0\n"


def test_room_is_not_made_under_a_job(rack: tuple[AdbServer, list[str]]) -> None:
    server, serial = _at(rack, 4)
    phone = server.phone(serial)
    pushed = phone.push(os.urandom(30 << 20))
    phone.write(b"sleep 100000\n", f"{DEVICE_ROOT}/job.sh")
    phone.shell(f"setsid nohup sh {DEVICE_ROOT}/job.sh >/dev/null 2>&1 </dev/null & sleep 0.2")
    failure, steps, _ = climb(target(rack, 4), Kind.STORAGE_FULL)
    assert failure is not None and failure.kind is Kind.STORAGE_FULL
    assert "a job is at work" in steps[-1].message
    assert phone.shell(f"ls {pushed.path}").exit_code == 0
    assert climb(target(rack, 4), Kind.JOB_HUNG)[0] is None
    assert climb(target(rack, 4), Kind.STORAGE_FULL)[0] is None


@pytest.mark.slow
def test_reboot(rack: tuple[AdbServer, list[str]]) -> None:
    before = proof.boot_id(target(rack, 5), WAITS)
    strike(*_at(rack, 5))
    failure, _, names = climb(target(rack, 5), Kind.NO_ANSWER)
    assert (failure, names) == (None, [LOOK, Rung.RECONNECT, Rung.TRANSPORT, Rung.LEFTOVERS, Rung.REBOOT])
    assert proof.boot_id(target(rack, 5), WAITS) != before


@pytest.mark.slow
def test_power_cycle(rack: tuple[AdbServer, list[str]]) -> None:
    strike(*_at(rack, 6))
    # Without a hub nothing helps, and it is said what is missing.
    failure, steps, names = climb(target(rack, 6), Kind.LINK_LOST)
    assert names == [LOOK, *ladder(Kind.LINK_LOST)]
    assert failure is not None and failure.kind is Kind.LINK_LOST
    assert "tried: reconnect, restart the transport, power cycle" in failure.message
    assert "no hub" in steps[-1].message
    failure, _, names = climb(target(rack, 6, hub=True), Kind.LINK_LOST)
    assert (failure, names[-1]) == (None, Rung.POWER)


def test_a_port_is_switched_on_again_and_a_battery_is_looked_at_by_the_check(rack: tuple[AdbServer, list[str]]) -> None:
    it = target(rack, 0, hub=True)
    failure, _, names = climb(it, Kind.BATTERY_LOW)
    assert (failure, names) == (None, [Rung.POWER])
    assert it.hub is not None and it.hub.state() is True
    # That no hub is known is no recovery, however well the shell answers.
    failure, steps, _ = climb(target(rack, 0), Kind.BATTERY_LOW)
    assert failure is not None and not steps[-1].ok


@pytest.mark.slow
def test_a_phone_that_nothing_brings_back(rack: tuple[AdbServer, list[str]]) -> None:
    strike(*_at(rack, 7))
    failure, steps, names = climb(target(rack, 7, hub=True), Kind.OFFLINE)
    assert names == [LOOK, *ladder(Kind.OFFLINE)]
    assert failure is not None and failure.kind is Kind.OFFLINE
    assert not steps[-1].ok


def test_a_phone_that_asks_for_a_tap_is_not_bothered_further(rack: tuple[AdbServer, list[str]]) -> None:
    strike(*_at(rack, 8))
    failure, _, names = climb(target(rack, 8), Kind.OFFLINE)
    assert failure is not None and failure.kind is Kind.UNAUTHORIZED
    assert names == [LOOK, Rung.RECONNECT]


@pytest.mark.slow
def test_the_adb_server_is_restarted_where_it_hangs_and_where_that_is_allowed(tmp_path: Path) -> None:
    with rack_server(2, "--rate", str(RATE)) as (server, serials):
        assert server._process is not None
        os.killpg(server._process.pid, signal.SIGSTOP)
        asked: list[bool] = []

        def allow(answer: bool) -> bool:
            asked.append(answer)
            return answer

        it = RecoveryTarget(server, serials[0], "VIRTUAL0000000", allow_server_restart=lambda: allow(True))
        failure, _, names = climb(it, Kind.NO_ANSWER)
        assert (failure, names, asked) == (None, [Rung.SERVER], [True])
        # The other phone has its link again too.
        assert server.phone(serials[1]).shell("echo hi").stdout == "hi\n"
        # A phone with troubles of its own costs the others nothing.
        server.disconnect(serials[0])
        it = RecoveryTarget(
            server, serials[0], "VIRTUAL0000000", allow_server_restart=lambda: allow(False), several=True
        )
        failure, _, names = climb(it, Kind.LINK_LOST)
        assert (failure, names) == (None, [LOOK, Rung.RECONNECT])
        assert asked == [True]


def _at(rack: tuple[AdbServer, list[str]], index: int) -> tuple[AdbServer, str]:
    return rack[0], rack[1][index]
