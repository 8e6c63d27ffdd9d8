"""The ledger against what was done to the phones through adb."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.adb.phone import Phone
from harness.errors import PhoneTransientError
from harness.virtual.ledger_reader import RackLedger, read_ledger
from tests.racks import MODELS, rack_server

_BLOCK = "/data/local/tmp/harness/blocks/b1"
_MODEL = next(MODELS.glob("*.tflite"))
_WAIT_S = 30


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Phone, Path]]:
    """One phone that has a model, and the ledger of its rack."""
    path = tmp_path_factory.mktemp("ledger") / "l.jsonl"
    with rack_server(1, "--ledger", str(path), "--rate", "20") as (server, serials):
        phone = server.phone(serials[0])
        phone.write(_MODEL.read_bytes(), f"{_BLOCK}/m.tflite")
        yield phone, path


def _session(phone: Phone, index: int, *flags: str, after: str = "") -> None:
    words = f'benchmark_model --graph="${{PHONE_ROOT}}"{_BLOCK}/m.tflite {" ".join(flags)}'
    phone.shell(f'cd "${{PHONE_ROOT}}"{_BLOCK}; mkdir -p s/{index:04d}; {words} >s/{index:04d}/out 2>&1 {after}')


def _until(path: Path, count: int, event: str) -> RackLedger:
    end = time.monotonic() + _WAIT_S
    while len((ledger := read_ledger(path)).of(event)) < count:
        assert time.monotonic() < end, f"no {count} times {event} in {[e['event'] for e in ledger.events]}"
        time.sleep(0.02)
    return ledger


def test_runs_ends_and_settings(rig: tuple[Phone, Path]) -> None:
    """A run that ended, one that failed, one that was killed; which is the session's is seen from where it prints."""
    phone, path = rig
    _session(phone, 0, "--num_runs=2", "--min_secs=0.1", "--warmup_min_secs=0.1")
    _session(phone, 1, "--num_runs=none")
    _session(phone, 2, "--num_runs=2", "--min_secs=500", "--max_secs=600", after="</dev/null &")
    ledger = _until(path, 3, "run_begin")
    phone.shell(f"kill -9 {ledger.of('run_begin')[2]['pid']}")
    ledger = _until(path, 3, "run_end")
    ends = [(r.block, r.session, r.how, r.code, r.complete) for r in ledger.runs]
    assert ends == [
        ("b1", "s/0000", "exit", 0, True),
        ("b1", "s/0001", "exit", 1, False),
        ("b1", "s/0002", "killed", None, False),
    ]
    assert {r.model for r in ledger.runs} == {f"{_BLOCK}/m.tflite"}
    assert [r.number for r in ledger.runs] == [1, 2, 3]
    phone.shell("svc power stayon true; settings put system screen_brightness 7; input keyevent 223")
    told = [(e["setting"], e["old"], e["value"]) for e in read_ledger(path).of("setting")]
    assert told == [("global/stay_on_while_plugged_in", "0", "7"), ("system/screen_brightness", "102", "7")]


def test_state_on_request(rig: tuple[Phone, Path]) -> None:
    """What differs from the first boot, what runs, what lies about."""
    phone, path = rig
    phone.shell("settings put global wifi_on 0; dumpsys battery unplug; setsid nohup sleep 4000 >/dev/null 2>&1 &")
    phone.write(b"7 key", "/data/local/tmp/harness/leases/7/held")
    before = len(read_ledger(path).of("state"))
    os.kill(read_ledger(path).of("rack")[0]["pid"], signal.SIGUSR1)
    ledger = _until(path, before + 1, "state")
    (state,) = ledger.states.values()
    assert state.settings["global/wifi_on"] == ("1", "0")
    assert state.faked == ("battery",)
    assert state.running is not None and any("sleep" in words for words in state.running)
    assert state.leases == {"leases/7/held": "7 key"}
    assert state.files["blocks/b1/m.tflite"] == _MODEL.stat().st_size


def test_reboot_by_the_client_kills_what_runs(rig: tuple[Phone, Path]) -> None:
    """A boot has a new boot_id, and the run under way is told as killed."""
    phone, path = rig
    _session(phone, 5, "--num_runs=2", "--min_secs=500", "--max_secs=600", after="</dev/null &")
    runs = len(_until(path, 4, "run_begin").runs)
    with contextlib.suppress(PhoneTransientError):
        phone.shell("reboot")
    ledger = _until(path, 2, "boot")
    assert ledger.of("reboot")[0]["runs"] == [runs]
    assert ledger.runs[-1].how == "killed" and ledger.runs[-1].session == "s/0005"
    first, second = (e["boot_id"] for e in ledger.of("boot"))
    assert first != second and ledger.of("boot")[1]["boot"] == 2


def test_a_rack_that_ends_says_how_its_phones_stand(tmp_path: Path) -> None:
    """A clean end writes the state; a cut last line is no error."""
    path = tmp_path / "l.jsonl"
    with rack_server(1, "--ledger", str(path), "--rate", "20", connect=False):
        pass
    ledger = read_ledger(path)
    assert [e["event"] for e in ledger.events] == ["rack", "start", "boot", "state"]
    assert all(e["provenance"] == "virtual" for e in ledger.events)
    with path.open("a") as file:
        file.write('{"event": "bo')
    assert len(read_ledger(path).events) == 4
