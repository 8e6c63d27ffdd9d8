"""What the rack remembers between commands: kept through crashes, other writers, other clocks and damage."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.rack.event_log import NAME
from harness.rack.hold_file import read_holds, settle, write_holds
from harness.rack.holds import HOLD_STATES, Hold, strongest
from harness.rack.status import RackState
from harness.rack.store import RackStore

EPOCH = st.floats(0, 1e10)
HOLDS = st.builds(
    Hold,
    state=st.sampled_from(HOLD_STATES),
    reason=st.text(max_size=20),
    advice=st.text(max_size=20),
    by=st.text(max_size=20),
    since_epoch_s=EPOCH,
    for_s=st.none() | st.floats(1, 1e7),
)


def hold(state: RackState = RackState.QUARANTINED, since: float = 1000.0, for_s: float | None = 60.0) -> Hold:
    return Hold(state, "its port is dead", "change the cable", "ann@rack1", since, for_s)


class Clock:
    def __init__(self) -> None:
        self.epoch_s = 1000.0

    def __call__(self) -> float:
        return self.epoch_s


@given(st.text(min_size=1, max_size=30), st.lists(HOLDS, max_size=3))
def test_what_is_written_is_read(phone_id: str, holds: list[Hold]) -> None:
    try:
        phone_id.encode()
    except UnicodeEncodeError:
        return
    assert read_holds(write_holds(phone_id, holds).encode()) == tuple(holds)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_damaged(data: bytes) -> None:
    read = read_holds(data)
    assert read is None or isinstance(read, tuple)


@given(st.lists(HOLDS, max_size=3), st.integers(0, 400))
def test_a_cut_file_is_damaged(holds: list[Hold], cut: int) -> None:
    data = write_holds("p", holds).encode()
    if cut < len(data.rstrip()):
        assert read_holds(data[:cut]) is None


@pytest.mark.parametrize("odd", ['"ready"', '"since_epoch_s": NaN', '"for_s": Infinity'])
def test_values_that_cannot_be_are_damage(odd: str) -> None:
    text = write_holds("p", [hold()])
    key = odd.partition(":")[0] if ":" in odd else '"quarantined"'
    line = next(line for line in text.splitlines() if key in line)
    text = text.replace('"quarantined"', odd) if ":" not in odd else text.replace(line.strip().rstrip(","), odd)
    assert read_holds(text.encode()) is None


@given(st.lists(HOLDS, max_size=4), EPOCH)
def test_settled_holds_are_settled(holds: list[Hold], now: float) -> None:
    once = settle(holds, now)
    assert settle(once.holds, now) == (once.holds, ())
    assert len(once.holds) + sum(kind == "hold_expired" for kind, _ in once.told) == len(holds)
    for kept in once.holds:
        assert kept.since_epoch_s <= now + 2
    # One that only a person lifts is never lost, whatever the clock says.
    assert sum(h.for_s is None for h in once.holds) == sum(h.for_s is None for h in holds)


def test_a_hold_ends_by_itself_and_a_drain_under_it_stays(tmp_path: Path) -> None:
    clock = Clock()
    store = RackStore(tmp_path / "rack", now=clock)
    assert store.hold("P1") is None and store.holds() == {} and not store.folder.exists(), "reading makes nothing"
    store.set_hold("P1", hold(RackState.DRAINING, for_s=None))
    store.set_hold("P1", hold())
    store.set_hold("a/b:5555..", hold())
    assert store.hold("P1") == hold() and set(store.holds()) == {"P1", "a/b:5555.."}
    clock.epoch_s += 60
    assert strongest(store.holds().values()) == store.hold("P1") == hold(RackState.DRAINING, for_s=None)
    assert [e["kind"] for e in store.events().events] == ["hold", "hold", "hold", "hold_expired", "hold_expired"]
    assert store.lift("P1", by="ann@rack1") == (hold(RackState.DRAINING, for_s=None),)
    assert store.lift("P1") == () and store.hold("P1") is None
    assert store.events().events[-1]["by"] == "ann@rack1"
    with pytest.raises(ValueError, match="ready"):
        store.set_hold("P1", hold(RackState.READY))


def test_a_clock_that_is_set_back_ends_no_hold(tmp_path: Path) -> None:
    clock = Clock()
    store = RackStore(tmp_path, now=clock)
    store.set_hold("P1", hold())
    clock.epoch_s = 100.0
    kept = store.hold("P1")
    assert kept is not None and (kept.since_epoch_s, kept.for_s) == (100.0, 60.0), "it counts from now"
    assert [e["kind"] for e in store.events().events] == ["hold", "clock_set_back"], "and it is told once"
    assert store.hold("P1") == kept and len(store.events().events) == 2
    clock.epoch_s = 161.0
    assert store.hold("P1") is None


def test_damage_is_set_aside_and_holds_its_phone(tmp_path: Path) -> None:
    store = RackStore(tmp_path)
    for number in (1, 2):
        store.set_hold("P1", hold())
        (tmp_path / "holds" / "P1.json").write_bytes(b'{"phone_id": "P1", "hol')
        held = store.hold("P1")
        assert held is not None and held.state == RackState.NEEDS_PERSON
        assert f"P1.json.damaged-{number}" in held.reason
        assert (tmp_path / "holds" / f"P1.json.damaged-{number}").read_bytes() == b'{"phone_id": "P1", "hol'
        assert RackStore(tmp_path).hold("P1") == held, "another command sees the same"
        assert store.events().events[-1]["kind"] == "hold_damaged"
        store.lift("P1")
    (tmp_path / "holds" / "P1.json").write_bytes(b"\0" * 10)
    store.set_hold("P1", hold(RackState.DRAINING))
    held = store.hold("P1")
    assert held is not None and held.state == RackState.NEEDS_PERSON, "a new hold hides no damage"


READER = """
import os, sys
from pathlib import Path
import filelock
from harness.rack.store import RackStore
if os.getuid() == 0:  # root may write everywhere, so become somebody else
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
folder, now = Path(sys.argv[1]), float(sys.argv[2])
store = RackStore(folder, now=lambda: now)
print([str(h.state) for h in store.holds().values()])
store.event("boot")
try:
    store.lift("P1")
except Exception as error:
    print(type(error).__name__, error)
"""


def test_a_store_that_may_only_be_read_is_read(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o755)
    rack = tmp_path / "rack"
    RackStore(rack, now=lambda: 1000.0).set_hold("P1", hold())
    events = (rack / NAME).read_bytes()
    folders = [rack / "holds", rack]
    for folder in folders:
        folder.chmod(0o555)
    try:
        for now, states in ((1001, "['quarantined']"), (2000, "[]")):
            command = [sys.executable, "-c", READER, str(rack), str(now)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
            first, second = done.stdout.splitlines()
            assert first == states, done.stderr
            assert second.startswith("HostError the state of the rack in"), "to change it is refused, and told"
            assert "what happens on the rack is not written down" in done.stderr
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert (rack / NAME).read_bytes() == events


def test_a_shared_folder_keeps_its_files_shared(tmp_path: Path) -> None:
    tmp_path.chmod(0o2770)
    before = os.umask(0o077)
    try:
        RackStore(tmp_path).set_hold("P1", hold())
    finally:
        os.umask(before)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) & 0o777 for p in tmp_path.rglob("*")}
    assert modes == {"holds": 0o770, "P1.json": 0o660, "lock": 0o660, NAME: 0o660}


def write_many(folder: Path, number: int, count: int) -> None:
    store = RackStore(folder, now=lambda: 1000.0)
    for index in range(count):
        store.event("tick", job=f"{number}-{index}", text="x" * (index * 7 % 300))
        state = HOLD_STATES[number % 3]
        store.set_hold("shared", hold(state, for_s=None))
        store.set_hold(f"own-{number}", hold(state, since=float(index), for_s=None))


def test_writers_in_several_processes_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(tmp_path, n, 40)) for n in range(3)]
    for writer in writers:
        writer.start()
    reader = RackStore(tmp_path, now=lambda: 1000.0)
    while any(w.is_alive() for w in writers):
        for phone_id, held in reader.holds().items():
            assert "could not be read" not in held.reason, phone_id
    for writer in writers:
        writer.join(30)
        assert writer.exitcode == 0
    log = reader.events(10_000)
    assert log.damaged == 0
    ticks = [e["job"] for e in log.events if e["kind"] == "tick"]
    assert sorted(ticks) == sorted(f"{n}-{i}" for n in range(3) for i in range(40))
    for number in range(3):
        assert reader.hold(f"own-{number}") == hold(HOLD_STATES[number], since=39.0, for_s=None)
    assert len(reader.lift("shared")) == 3, "no writer undid another's hold"


FOREVER = """
import itertools, sys
from pathlib import Path
from tests.rack.test_store import hold
from harness.rack.store import RackStore
store = RackStore(Path(sys.argv[1]), now=lambda: 1000.0)
for index in itertools.count():
    store.set_hold("P1", hold(since=index % 1000, for_s=1e6))
    store.event("tick", n=index)
    print(index, flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_the_store_whole(tmp_path: Path) -> None:
    for round_ in range(4):
        process = subprocess.Popen([sys.executable, "-c", FOREVER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout
        process.stdout.readline()
        time.sleep(0.037 * (round_ + 1))
        process.send_signal(signal.SIGKILL)
        told = [int(n) for n in process.stdout.read().split()]
        process.wait(10)
        store = RackStore(tmp_path, now=lambda: 1000.0)
        held = store.hold("P1")
        assert held is not None and held.state == RackState.QUARANTINED
        assert not list(tmp_path.glob("holds/*.damaged-*"))
        log = store.events(100_000)
        assert log.damaged <= round_ + 1, "at most the line that was being written"
        assert told and max(told[:-1], default=0) <= max(e["n"] for e in log.events if e["kind"] == "tick")
        store.set_hold("P2", hold(since=1000.0))
        assert store.events(1).events[0]["phone_id"] == "P2", "the lock died with its holder"


def test_torn_and_damaged_lines_are_passed_over_and_counted(tmp_path: Path) -> None:
    store = RackStore(tmp_path)
    store.event("boot", phone_id="P1", note=None)
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'\xff\xfe\n[1]\n{"kind": 3}\n{"kind": "half')
    store.event("boot", phone_id="P2", text="x" * 5000)
    log = store.events()
    assert [e["phone_id"] for e in log.events] == ["P1", "P2"] and log.damaged == 4
    assert "note" not in log.events[0] and len(log.events[1]["text"]) == 2000
    assert [e["phone_id"] for e in store.events(1).events] == ["P2"]


def test_the_log_is_rotated_and_read_over_the_rotation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.rack.event_log.ROTATE_BYTES", 2000)
    store = RackStore(tmp_path)
    for number in range(100):
        store.event("tick", n=number)
    sizes = {p.name: p.stat().st_size for p in tmp_path.glob("events*")}
    assert set(sizes) == {NAME, f"{NAME}.1"} and max(sizes.values()) < 2200
    assert [e["n"] for e in store.events(20).events] == list(range(80, 100))


def test_a_log_that_cannot_be_written_ends_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / NAME).mkdir()
    store = RackStore(tmp_path)
    store.event("boot")
    store.event("boot")
    store.set_hold("P1", hold())
    assert json.loads((tmp_path / "holds" / "P1.json").read_text())["phone_id"] == "P1"
