"""Alarms: when they are raised, that they are raised once, and that they reach whoever is to be told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.benchmark.session import Surroundings
from harness.clock import RateClock
from harness.errors import UsageError
from harness.rack.alarm_book import AlarmBook
from harness.rack.alarms import Alarm, AlarmKind, PhoneNow, RunNow, Verdict, judge_phone, judge_run
from harness.rack.messenger import Messenger
from harness.rack.rackfile import RackAlarms
from harness.rack.run_alarms import RunAlarms
from harness.rack.site import Site
from harness.rack.slot import Slot
from harness.rack.status import PhoneStatus, RackState
from harness.rack.store import RackStore
from harness.records import PhoneRecord

LIMITS = RackAlarms(absent_after_s=600, quiet_after_s=1800)
AWAY = Alarm(AlarmKind.ABSENT, "A1 has been away for 10 min", "see to its cable", "P1")


def raised(verdicts: Iterator[Verdict]) -> dict[AlarmKind, bool]:
    return {alarm.kind: state for alarm, state in verdicts}


@given(st.sampled_from(RackState), st.floats(0, 1e6), st.booleans())
def test_a_phone_raises_what_is_true_and_clears_what_is_not(state: RackState, for_s: float, expected: bool) -> None:
    found = raised(judge_phone(PhoneNow("P1", state, for_s, expected=expected), LIMITS))
    passing = state in (RackState.CONNECTING, RackState.CHECKING, RackState.RECOVERING, RackState.ABSENT)
    assert found.get(AlarmKind.NEEDS_PERSON) == (None if passing else state is RackState.NEEDS_PERSON)
    if state is RackState.ABSENT and expected:
        # Before its time it is neither raised nor cleared: a phone that comes and goes makes one alarm.
        assert found.get(AlarmKind.ABSENT) == (True if for_s >= 600 else None)
    else:
        assert found[AlarmKind.ABSENT] is False


@given(st.floats(0, 1e6), st.integers(0, 50), st.booleans())
def test_a_run_raises_what_is_true_and_clears_what_is_not(quiet_s: float, left: int, over: bool) -> None:
    found = raised(judge_run(RunNow("R1", quiet_s, left, over), LIMITS))
    assert found[AlarmKind.QUIET] == (not over and left > 0 and quiet_s >= 1800)
    assert found[AlarmKind.MISSING] == (over and left > 0)


class Told:
    def __init__(self) -> None:
        self.alarms: list[tuple[str, bool]] = []

    def send(self, alarm: Alarm, *, raised: bool) -> None:
        self.alarms.append((alarm.key, raised))


def test_an_alarm_is_raised_once_until_it_is_cleared(tmp_path: Path) -> None:
    told = [Told(), Told()]
    books = [AlarmBook(RackStore(tmp_path, now=lambda: 1000.0), one) for one in told]  # type: ignore[arg-type]
    for _ in range(3):
        for book in books:
            book.settle([Verdict(AWAY, True)])
    (alarm,) = books[1].open()
    assert alarm.since_epoch_s == 1000.0 and alarm.words() == "P1: A1 has been away for 10 min; see to its cable"
    books[1].settle([Verdict(AWAY, False)])
    books[0].settle([Verdict(AWAY, False)])
    assert books[0].open() == []
    assert told[0].alarms == [("absent P1", True)] and told[1].alarms == [("absent P1", False)]
    kinds = [e["kind"] for e in RackStore(tmp_path).events().events]
    assert kinds == ["alarm", "alarm_cleared"]


def test_commands_at_the_same_time_raise_one(tmp_path: Path) -> None:
    told = [Told() for _ in range(6)]
    books = [AlarmBook(RackStore(tmp_path), one) for one in told]  # type: ignore[arg-type]
    threads = [threading.Thread(target=b.settle, args=([Verdict(AWAY, True)],)) for b in books]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sum(len(one.alarms) for one in told) == 1


def test_a_damaged_alarm_is_set_aside_and_can_be_raised_again(tmp_path: Path) -> None:
    book = AlarmBook(RackStore(tmp_path))
    book.settle([Verdict(AWAY, True)])
    (file,) = (tmp_path / "alarms").glob("*.json")
    file.write_bytes(b"{")
    assert book.open() == [] and file.with_name(f"{file.name}.damaged-1").read_bytes() == b"{"
    book.settle([Verdict(AWAY, True)])
    assert len(book.open()) == 1


def test_alarms_are_dismissed_by_hand(tmp_path: Path) -> None:
    book = AlarmBook(RackStore(tmp_path))
    missing = Alarm(AlarmKind.MISSING, "it ended, and 3 results stayed away", run_id="R1")
    book.settle([Verdict(AWAY, True), Verdict(missing, True)])
    with pytest.raises(UsageError, match="no alarm is about 'R2'; there are alarms of P1, R1"):
        book.dismiss(["R2"])
    assert [a.key for a in book.dismiss(["R1"])] == ["missing R1"] and [a.key for a in book.open()] == ["absent P1"]
    assert len(book.dismiss([])) == 1 and book.open() == []


def test_a_run_raises_its_own_alarms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.rack.run_alarms._EVERY_S", 0.0)
    site = Site(None, None, RateClock(), "bob@lab:7", "R1")  # type: ignore[arg-type]
    book = AlarmBook(RackStore(tmp_path))
    alarms = RunAlarms(site, book, RackAlarms(quiet_after_s=0.05))
    ill = PhoneStatus(RackState.NEEDS_PERSON, site.now_s(), "it is dead", "replace it")
    slots = [
        Slot(PhoneRecord("P1", "S1", "real"), ill, Surroundings(), expected=True),
        Slot(PhoneRecord("P2", "S2", "real"), ill, Surroundings()),  # somebody's phone, not of the rack
    ]
    end = time.monotonic() + 10
    while len(book.open()) < 2 and time.monotonic() < end:
        alarms.tick(slots, left=3)
        time.sleep(0.02)
    assert sorted(a.key for a in book.open()) == ["needs_person P1", "quiet R1"]
    alarms.over(3, told=False)
    assert sorted(a.key for a in book.open()) == ["missing R1", "needs_person P1"]
    alarms.over(0, told=False)
    assert [a.key for a in book.open()] == ["needs_person P1"]
    nobody = RunAlarms(site, None, RackAlarms())
    nobody.tick(slots, 3)
    nobody.over(3, told=False)


class Hook(BaseHTTPRequestHandler):
    got: list[dict[str, Any]] = []  # noqa: RUF012
    answers: list[int] = []  # noqa: RUF012

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append(json.loads(body))
        self.send_response(self.answers.pop(0) if self.answers else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[str]:
    Hook.got.clear()
    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/alarm"
    server.shutdown()
    server.server_close()


def test_alarms_reach_the_webhook_and_the_command(hook: str, tmp_path: Path) -> None:
    got = tmp_path / "got"
    Hook.answers[:] = [503]
    who = RackAlarms(webhook=hook, command=["sh", "-c", f"cat >>{got}"])
    with Messenger(who, pauses_s=(0.01, 0.01)) as messenger:
        messenger.send(AWAY, raised=True)
        messenger.send(AWAY, raised=False)
    assert [d["event"] for d in Hook.got] == ["raised", "raised", "cleared"], "tried again after a 503"
    assert Hook.got[0]["schema"] == 1 and Hook.got[0]["kind"] == "absent" and Hook.got[0]["phone_id"] == "P1"
    assert [json.loads(line)["event"] for line in got.read_text().splitlines()] == ["raised", "cleared"]


def test_nobody_waits_for_an_alarm_that_does_not_arrive(hook: str, caplog: pytest.LogCaptureFixture) -> None:
    Hook.answers[:] = [404]
    started = time.monotonic()
    messenger = Messenger(RackAlarms(webhook=hook, command=["sh", "-c", "echo no >&2; exit 3"]), pauses_s=(0.01,))
    messenger.send(AWAY, raised=True)
    assert time.monotonic() - started < 0.5
    messenger.close()
    assert len(Hook.got) == 1, "what is refused is not tried again"
    gone = Messenger(RackAlarms(webhook="http://127.0.0.1:9/", command=["/no/such/program"]), pauses_s=(0.01,))
    gone.send(AWAY, raised=True)
    gone.close()
