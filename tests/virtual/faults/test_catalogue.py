"""Each kind of fault does what it says, seen through a real adb server; and the ledger tells it.

One rack: each phone waits for a shell that says so, and then its fault strikes.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from harness.adb.phone import Phone
from harness.adb.server import AdbServer
from harness.errors import HarnessError, PhoneError, PhoneTransientError
from harness.virtual.faults import kinds
from harness.virtual.ledger_reader import RackLedger, read_ledger
from tests.racks import MODELS, hung, rack_server

_RATE = 20
_WAIT_S = 30
_BLOCK = "/data/local/tmp/harness/blocks/b1"
_MODEL = next(MODELS.glob("*.tflite"))
_SHORT = "--num_runs=2 --min_secs=0.1 --warmup_min_secs=0.1"
_LONG = "--num_runs=2 --min_secs=100 --max_secs=200 --warmup_min_secs=0.1"
_NOW = {"when": {"event": "shell", "match": "strike"}}

#: A phone each.
_PLAN: dict[str, dict[str, object]] = {
    "link_lost": {"for_s": 20, **_NOW},
    "link_flap": {"flaps": 3, "down_s": 4, "up_s": 15, **_NOW},
    "link_hang": {"until": "reconnect", **_NOW},
    "slow_link": {"kb_s": 50, **_NOW},
    "new_address": {**_NOW},
    "offline": {"for_s": 60, **_NOW},
    "unauthorized": {"for_s": 60, **_NOW},
    "push_cut": {"after_bytes": 1000, "for_s": 1, "when": {"event": "push", "match": "two"}},
    "half_push": {"after_bytes": 1000, "for_s": 1, "when": {"event": "push", "match": "two"}},
    "shell_hang": {**_NOW},
    "adbd_restart": {**_NOW},
    "suspend": {"for_s": 60, "when": {"event": "session"}, "after_s": 5},
    "run_script_killed": {**_NOW},
    "sampler_killed": {**_NOW},
    "reboot": {"when": {"event": "session", "nth": 2}, "after_s": 1},
    "system_update": {"build_id": "NEW.1", **_NOW},
    "storage_full": {"for_s": 80, **_NOW},
    "clock_jump": {"by_s": -86400, **_NOW},
    "battery_drain": {"to_pct": 3, "over_s": 2, "for_s": 60, **_NOW},
    "overheat": {"celsius": 55, "for_s": 60, **_NOW},
    "bench_hang": {},
    "bench_crash": {"signal": 11},
    "false_failure": {"code": 3, "when": {"event": "session", "nth": 2}},
    "false_success": {},
    "output_cut": {"keep_bytes": 100},
    "output_doubled": {"times": 2, "when": {"event": "session"}},
    "output_rubbish": {"seed": 5},
}


@dataclass(frozen=True)
class Rig:
    """The rack: `serials` by the kind of fault that a phone has."""

    server: AdbServer
    serials: dict[str, str]
    path: Path

    def phone(self, kind: str) -> Phone:
        """With a model, so that sessions can run."""
        phone = self.server.phone(self.serials[kind])
        phone.write(_MODEL.read_bytes(), f"{_BLOCK}/m.tflite")
        return phone

    def ledger(self, kind: str) -> RackLedger:
        """What it says of that phone."""
        whole = read_ledger(self.path)
        who = f"VIRTUAL0000{list(_PLAN).index(kind):03d}"
        return RackLedger(
            [e for e in whole.events if e.get("phone_id") == who],
            [r for r in whole.runs if r.phone_id == who],
            [f for f in whole.faults if f.phone_id == who],
        )

    def state(self, kind: str) -> str | None:
        """Adb's word for it."""
        return {d.serial: d.state for d in self.server.devices()}.get(self.serials[kind])

    def told(self, kind: str, *, over: bool = True, count: int = 1) -> None:
        """The ledger has the fault, and its end."""
        until(
            lambda: len([f for f in self.ledger(kind).faults if f.over or not over]) >= count, f"{kind} in the ledger"
        )
        assert {f.kind for f in self.ledger(kind).faults} == {kind}


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """All of it; every kind has its phone."""
    assert set(_PLAN) == set(kinds())
    folder = tmp_path_factory.mktemp("faults")
    plan = {index: {kind: words} for index, (kind, words) in enumerate(_PLAN.items())}
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan))
    options = ["--faults", str(folder / "plan.yaml"), "--ledger", str(folder / "l"), "--rate", str(_RATE)]
    with rack_server(len(_PLAN), *options, "--profile", f"pixel-8-pro:{len(_PLAN)}") as (server, serials):
        yield Rig(server, dict(zip(_PLAN, serials, strict=True)), folder / "l")


def until(true: Callable[[], object], what: str) -> None:
    """Wait for it, with a deadline."""
    end = time.monotonic() + _WAIT_S
    while not true():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.05)


def answers(phone: Phone) -> bool:
    """Whether a shell does."""
    try:
        return phone.shell("echo yes", timeout_s=1.5).stdout == "yes\n"
    except HarnessError:
        return False


def strike(phone: Phone) -> None:
    """Let the fault strike; the shell that says so may be lost by it."""
    with contextlib.suppress(HarnessError):
        phone.shell("true strike", timeout_s=1.5)


def session(phone: Phone, index: int, flags: str = _SHORT, *, detached: bool = False) -> int:
    """Run the benchmark program as a block does; its exit code."""
    words = f'benchmark_model --graph="${{PHONE_ROOT}}"{_BLOCK}/m.tflite {flags} --result_file_path=s/{index:04d}/r.pb'
    line = f'cd "${{PHONE_ROOT}}"{_BLOCK}; mkdir -p s/{index:04d}; '
    if detached:
        return phone.shell(f"{line} setsid nohup {words} >s/{index:04d}/out 2>&1 </dev/null &").exit_code
    return phone.shell(f"{line} {words} >s/{index:04d}/out 2>&1").exit_code


def output(phone: Phone, index: int) -> bytes:
    """What it printed."""
    return phone.read(f"{_BLOCK}/s/{index:04d}/out")


@pytest.mark.parametrize("kind", ["link_lost", "link_flap"])
def test_lost_links_come_back_and_what_is_detached_runs_on(rig: Rig, kind: str) -> None:
    phone = rig.phone(kind)
    session(phone, 0, _LONG.replace("100", "40"), detached=True)
    until(lambda: rig.ledger(kind).runs, "the session runs")
    strike(phone)
    assert not answers(phone)
    rig.told(kind)
    until(lambda: answers(phone), "the link is back")
    until(lambda: rig.ledger(kind).runs[0].complete, "the session ends by itself")
    assert rig.ledger(kind).runs[0].faults == (kind,) and rig.ledger(kind).runs[0].disturbed == ()


def test_a_silent_link_answers_again_after_a_restart_of_the_transport(rig: Rig) -> None:
    phone = rig.phone("link_hang")
    strike(phone)
    assert not answers(phone)
    assert rig.state("link_hang") == "device", "adb notices nothing"
    rig.server.client().disconnect(rig.serials["link_hang"])
    rig.server.connect(rig.serials["link_hang"])
    until(lambda: answers(phone), "the new link works")
    rig.told("link_hang")


def test_a_slow_link_takes_its_time(rig: Rig) -> None:
    phone = rig.phone("slow_link")
    strike(phone)
    began = time.monotonic()
    phone.write(bytes(50 * 1024), "/data/local/tmp/x")
    assert time.monotonic() - began > 0.9


def test_another_address_is_the_same_phone(rig: Rig) -> None:
    phone = rig.phone("new_address")
    strike(phone)
    rig.told("new_address")
    (moved,) = rig.ledger("new_address").of("address")
    assert moved["was"] == rig.serials["new_address"] != moved["serial"]
    rig.server.connect(moved["serial"])
    again = rig.server.phone(moved["serial"])
    assert again.properties()["ro.serialno"] == moved["phone_id"]
    assert again.read(f"{_BLOCK}/m.tflite") == _MODEL.read_bytes()


@pytest.mark.parametrize("kind", ["offline", "unauthorized"])
def test_a_phone_that_adb_has_and_may_not_use(rig: Rig, kind: str) -> None:
    phone = rig.phone(kind)
    strike(phone)
    until(lambda: rig.state(kind) == kind, f"adb says {kind}")
    assert not answers(phone)
    until(lambda: rig.state(kind) == "device" and answers(phone), "it is back")
    rig.told(kind)


@pytest.mark.parametrize("kind", ["push_cut", "half_push"])
def test_a_push_that_breaks_off(rig: Rig, kind: str) -> None:
    phone = rig.phone(kind)
    phone.write(b"1" * 9000, "/data/local/tmp/one")
    with pytest.raises(PhoneTransientError):
        phone.write(b"2" * 9000, "/data/local/tmp/two")
    until(lambda: answers(phone), "the link is back")
    left = phone.shell('wc -c <"${PHONE_ROOT}"/data/local/tmp/two').stdout.strip()
    assert left == ("1000" if kind == "half_push" else "")
    (broken,) = rig.ledger(kind).of("push_broken")
    assert (broken["path"], broken["bytes"], broken["left"]) == ("/data/local/tmp/two", 1000, kind == "half_push")
    phone.write(b"2" * 9000, "/data/local/tmp/two")
    rig.told(kind)


def test_a_shell_that_never_answers_until_a_reboot(rig: Rig) -> None:
    phone = rig.phone("shell_hang")
    strike(phone)
    assert not answers(phone)
    phone.write(b"x", "/data/local/tmp/x")  # pushes still work
    with rig.server.client().device(rig.serials["shell_hang"]).open_transport() as link:
        link.send_command("reboot:")  # the daemon's own service needs no shell
        link.check_okay()
    until(lambda: answers(phone), "it works after the boot")
    rig.told("shell_hang")


def test_adbd_restart_ends_detached_work_without_a_boot(rig: Rig) -> None:
    phone = rig.phone("adbd_restart")
    session(phone, 0, _LONG, detached=True)
    until(lambda: rig.ledger("adbd_restart").runs, "the session runs")
    strike(phone)
    until(lambda: answers(phone), "the link is back")
    ledger = rig.ledger("adbd_restart")
    assert ledger.runs[0].how == "killed" and ledger.runs[0].disturbed == ("adbd_restart",)
    assert len(ledger.of("boot")) == 1
    assert phone.shell("pgrep -f [b]enchmark_model").stdout == ""


def test_suspend_stops_everything_but_uptime(rig: Rig) -> None:
    phone = rig.phone("suspend")
    seen = phone.shell('read -r up _ <"${PHONE_ROOT}"/proc/uptime; echo $up')
    session(phone, 0, "--num_runs=2 --min_secs=20 --warmup_min_secs=0.1", detached=True)
    rig.told("suspend", over=False)
    assert not answers(phone)
    rig.told("suspend")
    until(lambda: rig.ledger("suspend").runs[0].complete, "the session goes on")
    run = rig.ledger("suspend").runs[0]
    assert run.end_uptime_s is not None and run.end_uptime_s - run.begin_uptime_s > 70
    later = phone.shell('read -r up _ <"${PHONE_ROOT}"/proc/uptime; echo $up')
    assert float(later.stdout) - float(seen.stdout) > 70
    assert run.disturbed == ("suspend",)


@pytest.mark.parametrize(("kind", "file"), [("run_script_killed", "run.pid"), ("sampler_killed", "sampler.pid")])
def test_one_process_is_killed(rig: Rig, kind: str, file: str) -> None:
    phone = rig.phone(kind)
    script = f'cd "${{PHONE_ROOT}}"{_BLOCK}; sleep 4000 & echo $! >other; sleep 4000 & echo "$! 0" >{file}'
    phone.shell(f"setsid sh -c {script!r} </dev/null >/dev/null 2>&1")
    strike(phone)
    rig.told(kind)
    alive = f'cd "${{PHONE_ROOT}}"{_BLOCK}; read -r a _ <other; read -r b _ <{file}; kill -0 $a && ! kill -0 $b'
    until(lambda: phone.shell(alive).exit_code == 0, "one is dead and the other lives")


def test_reboot_in_the_second_session(rig: Rig) -> None:
    phone = rig.phone("reboot")
    assert session(phone, 0) == 0
    with contextlib.suppress(HarnessError):
        session(phone, 1, _LONG)
    rig.told("reboot")
    first, second = rig.ledger("reboot").runs
    assert first.complete and first.disturbed == ()
    assert second.how == "killed" and second.disturbed == ("reboot",)
    boots = [e["boot_id"] for e in rig.ledger("reboot").of("boot")]
    assert len(set(boots)) == 2
    until(lambda: answers(phone), "it has booted")
    assert phone.read("/proc/sys/kernel/random/boot_id").decode().strip() == boots[1]


def test_an_update_shows_everywhere(rig: Rig) -> None:
    phone = rig.phone("system_update")
    before = phone.properties()
    strike(phone)
    rig.told("system_update")
    until(lambda: answers(phone), "it has booted")
    after = phone.properties()
    assert after["ro.build.id"] == "NEW.1" and "NEW.1" in after["ro.build.fingerprint"]
    assert (
        after["ro.serialno"] == before["ro.serialno"]
        and after["ro.build.fingerprint"] != before["ro.build.fingerprint"]
    )
    assert after["ro.build.fingerprint"] in phone.read("/system/build.prop").decode()


def test_full_storage_fails_every_write(rig: Rig) -> None:
    phone = rig.phone("storage_full")
    strike(phone)
    with pytest.raises(PhoneError, match="storage is full"):
        phone.write(b"x", "/data/local/tmp/x")
    done = phone.shell('cd "${PHONE_ROOT}"/data/local/tmp; echo 12 >some; wc -c <some; df -k . | tail -n 1')
    assert "0\n" in done.stdout and " 0 100% " in done.stdout
    assert session(phone, 0) == 0, "a program's prints fail unseen"
    sizes = phone.shell(f'cd "${{PHONE_ROOT}}"{_BLOCK}/s/0000; wc -c <out; wc -c <r.pb').stdout.split()
    assert sizes == ["0", "0"]
    rig.told("storage_full")
    assert session(phone, 1) == 0 and output(phone, 1)


def test_the_wall_clock_jumps_and_uptime_does_not(rig: Rig) -> None:
    phone = rig.phone("clock_jump")
    look = 'read -r up _ <"${PHONE_ROOT}"/proc/uptime; echo $up; date +%s'
    up, wall = (float(w) for w in phone.shell(look).stdout.split())
    strike(phone)
    up_after, wall_after = (float(w) for w in phone.shell(look).stdout.split())
    assert 0 < up_after - up < 600 and -86400 <= wall_after - wall < -85000


def test_battery_and_heat(rig: Rig) -> None:
    drained, hot = rig.phone("battery_drain"), rig.phone("overheat")
    for phone in (drained, hot):
        strike(phone)
    until(lambda: "level: 3\n" in drained.shell("dumpsys battery").stdout, "it is empty")
    until(lambda: "temperature: 550\n" in hot.shell("dumpsys battery").stdout, "it is hot")
    assert "Thermal Status: 0" not in hot.shell("dumpsys thermalservice").stdout
    rig.told("battery_drain")
    rig.told("overheat")
    assert "level: 3\n" not in drained.shell("dumpsys battery").stdout


def test_a_benchmark_that_hangs(rig: Rig) -> None:
    phone = rig.phone("bench_hang")
    session(phone, 0, detached=True)
    until(lambda: output(phone, 0).count(b"Running benchmark") == 2, "it is in its timed phase")
    time.sleep(0.3)
    assert rig.ledger("bench_hang").runs[0].how is None
    phone.shell(f"kill -9 {rig.ledger('bench_hang').of('run_begin')[0]['pid']}")
    until(lambda: rig.ledger("bench_hang").runs[0].how == "killed", "it is told as killed")
    assert session(phone, 1) == 0, "the next one is well"


@pytest.mark.parametrize(
    ("kind", "codes", "end"),
    [
        ("bench_crash", (128 + 11, 0), ("signal", None)),
        ("false_failure", (0, 3), ("exit", 3)),
        ("false_success", (0, 0), ("exit", 0)),
    ],
)
def test_how_a_benchmark_ends(rig: Rig, kind: str, codes: tuple[int, int], end: tuple[str, int | None]) -> None:
    phone = rig.phone(kind)
    assert (session(phone, 0), session(phone, 1)) == codes
    struck = 1 if kind == "false_failure" else 0
    run = rig.ledger(kind).runs[struck]
    assert (run.how, run.code) == end and run.disturbed == (kind,)
    assert rig.ledger(kind).runs[1 - struck].disturbed == ()
    text = output(phone, struck)
    assert (b"Inference timings" in text) == (kind == "false_failure")
    assert (b"SIGSEGV" in text) == (kind == "false_success")


def test_what_a_benchmark_prints(rig: Rig) -> None:
    cut, doubled, rubbish = (rig.phone(f"output_{k}") for k in ("cut", "doubled", "rubbish"))
    for phone in (cut, doubled, rubbish):
        assert session(phone, 0) == session(phone, 1) == 0
    assert len(output(cut, 0)) == 100 and len(output(cut, 1)) > 1000
    for index in (0, 1):  # two times, as it was told
        lines = output(doubled, index).splitlines()
        assert lines[::2] == lines[1::2]
    assert b"Inference timings" in output(rubbish, 1)
    with pytest.raises(UnicodeDecodeError):
        output(rubbish, 0).decode()


def test_a_hung_adb_server_is_a_process_that_stands_still(rig: Rig) -> None:
    """What no phone can do: the server between. It goes on when it is let."""
    with hung(rig.server), socket.create_connection((rig.server.host, rig.server.port), timeout=1) as link:
        link.sendall(b"000chost:version")
        with pytest.raises(TimeoutError):
            link.recv(4)
    until(lambda: answers(rig.server.phone(rig.serials["slow_link"])), "it goes on")
