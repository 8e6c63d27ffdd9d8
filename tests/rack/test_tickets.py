"""One queue for several commands: real processes, killed and at the same time."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import HostError, HostTransientError
from harness.rack.life_lock import LifeLock
from harness.rack.ticket import JobState, TicketJob
from harness.rack.tickets import TicketBook
from tests.rack.jobs import job

_COMMAND = """
import sys
import time
from pathlib import Path
from harness.rack.jobs import Job
from harness.rack.life_lock import LifeLock
from harness.rack.ticket import TicketJob
from harness.rack.tickets import TicketBook

book = TicketBook(Path(sys.argv[1]))
ticket = book.open(sys.argv[2], f"somebody@host:{sys.argv[2]}")
ticket.update([TicketJob(Job(f"{sys.argv[2]}-{n}", sys.argv[2], n)) for n in book.orders(2)])
print("open", flush=True)
sys.stdin.read()
ticket.close()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "queue"


@pytest.fixture
def commands(folder: Path) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """Fill it with `start`; what is left at the end is killed."""
    running: dict[str, subprocess.Popen[str]] = {}
    yield running
    for process in running.values():
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe
            pipe.close()


def start(folder: Path, run_id: str, wait: bool = True) -> subprocess.Popen[str]:
    """Another command, with a ticket of two jobs."""
    process = subprocess.Popen(
        [sys.executable, "-c", _COMMAND, str(folder), run_id], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    if wait:
        assert process.stdout and process.stdout.readline() == "open\n"
    return process


def test_commands_see_each_other_and_one_that_was_killed_is_set_aside(
    folder: Path, commands: dict[str, subprocess.Popen[str]], caplog: pytest.LogCaptureFixture
) -> None:
    for name in "abc":
        commands[name] = start(folder, name, wait=False)
    for process in commands.values():
        assert process.stdout and process.stdout.readline() == "open\n"
    book = TicketBook(folder)
    own = book.open("mine", "me@host:1")
    tickets = book.others()
    assert [(t.run_id, t.owner, len(t.waiting())) for t in tickets] == [(n, f"somebody@host:{n}", 2) for n in "abc"]
    orders = sorted(j.order for t in tickets for j in t.waiting())
    assert orders == [1, 2, 3, 4, 5, 6], "numbers rise over all commands"

    commands["b"].send_signal(signal.SIGKILL)
    commands["b"].wait()
    with caplog.at_level(logging.WARNING):
        assert [t.run_id for t in book.others()] == ["a", "c"]
    assert "the command of somebody@host:b that ran b ended without a word" in caplog.text
    (dead,) = book.dead()
    assert dead.run_id == "b" and dead.ticket is not None and len(dead.ticket.jobs) == 2
    assert dead.file == folder / "dead" / "b.json" and not (folder / "b.lock").exists()

    pipe = commands["c"].stdin
    assert pipe
    pipe.close()
    assert commands["c"].wait(20) == 0
    caplog.clear()
    assert [t.run_id for t in book.others()] == ["a"] and caplog.text == "", "one that closed is no dead one"
    own.close()
    assert sorted(p.name for p in folder.glob("*.json")) == ["a.json"]


def test_a_run_has_one_command_and_is_gone_on_with_after_its_death(
    folder: Path, commands: dict[str, subprocess.Popen[str]]
) -> None:
    commands["r"] = start(folder, "r")
    book = TicketBook(folder)
    with pytest.raises(HostTransientError, match="another command runs r"):
        book.open("r", "me@host:1")
    commands["r"].send_signal(signal.SIGKILL)
    commands["r"].wait()
    assert TicketBook(folder).others() == [] and len(book.dead()) == 1
    with book.open("r", "me@host:1"):
        assert book.dead() == [], "its jobs are in the ticket of the command that goes on with it"
        assert [t.owner for t in TicketBook(folder).others()] == ["me@host:1"]
    assert TicketBook(folder).others() == []


def test_openers_and_askers_at_once_never_set_a_living_ticket_aside(folder: Path) -> None:
    """Commands that come and go with the same ids, while others look."""
    code = (
        "import sys, random\nfrom pathlib import Path\nfrom harness.errors import HostTransientError\n"
        "from harness.rack.tickets import TicketBook\nbook = TicketBook(Path(sys.argv[1]))\n"
        "for n in range(40):\n"
        "    try:\n        ticket = book.open(f'r{n % 3}', 'o')\n    except HostTransientError:\n        continue\n"
        "    book.others()\n    book.orders()\n    assert ticket.path.exists()\n    ticket.close()\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(folder)], stderr=subprocess.PIPE) for _ in range(3)]
    for process in running:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0 and err == b""
    assert TicketBook(folder).dead() == [] and list(folder.glob("r*")) == []


def test_a_ticket_goes_before_its_lock(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other way round it would look like one of a command that died."""
    ticket = TicketBook(folder).open("r", "o")
    let_go = LifeLock.release

    def release(lock: LifeLock, *, remove: bool = False) -> None:
        assert not ticket.path.exists()
        let_go(lock, remove=remove)

    monkeypatch.setattr(LifeLock, "release", release)
    ticket.close()
    ticket.close()
    assert not (folder / "r.lock").exists()


def test_damaged_tickets_are_kept_and_told(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    other, book = TicketBook(folder), TicketBook(folder)
    ticket = other.open("r", "o")
    for number in (1, 2):
        ticket.path.write_bytes(b'{"schema": 1, "run')
        assert book.others() == []
        assert f"the ticket of r is damaged; its ticket is kept as {folder}/dead/r.json" in caplog.text
        assert len(book.dead()) == number and book.dead()[0].ticket is None
        ticket.update([TicketJob(job(f"j{number}", "r"))])
        assert [t.run_id for t in book.others()] == ["r"], "its command lives and writes it anew"
    ticket.close()
    (folder / "stray.json").write_text("[]")
    assert book.others() == [] and len(book.dead()) == 3


def test_numbers_rise_though_the_clock_is_set_back_and_the_file_is_lost(folder: Path) -> None:
    book = TicketBook(folder, now=lambda: 1e9)
    assert list(book.orders(3)) == [1, 2, 3]
    earlier = TicketBook(folder, now=lambda: 1.0)
    ticket = earlier.open("r", "o")
    (number,) = earlier.orders()
    assert number == 4
    ticket.update([TicketJob(job("j", "r", number))])
    for damage in (b"", b"seven", b"\xff"):
        (folder / "orders").write_bytes(damage)
        assert min(TicketBook(folder).orders(5)) > number
    (folder / "orders").unlink()
    assert min(TicketBook(folder).orders()) > number


def test_served_and_since_are_filled_in(folder: Path) -> None:
    now = [100.0]
    book = TicketBook(folder, now=lambda: now[0])
    ticket = book.open("r", "o")
    one, two = job("one", "r"), job("two", "r")
    ticket.update([TicketJob(one), TicketJob(two)])
    assert ticket.ticket.served is None
    now[0] = 50.0
    ticket.update([TicketJob(one, JobState.RUNNING, "P1"), TicketJob(two, note="waits for P1")])
    first = ticket.ticket.served
    (seen,) = TicketBook(folder).others()
    assert [(j.state, j.phone_id, j.since_epoch_s, j.note) for j in seen.jobs] == [
        ("running", "P1", 50.0, ""),
        ("waiting", None, 100.0, "waits for P1"),
    ]
    ticket.update([TicketJob(one, JobState.ENDED, "P1"), TicketJob(two, JobState.RUNNING, "P1")])
    second = ticket.ticket.served
    assert first is not None and second is not None and second > first
    ticket.update([TicketJob(one, JobState.ENDED, "P1"), TicketJob(two, JobState.ENDED, "P1", note="done")])
    assert ticket.ticket.served == second


def test_a_command_that_gives_no_sign_of_life_is_quiet(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    book = TicketBook(folder, now=lambda: 0.0)
    ticket = TicketBook(folder).open("r", "o")
    assert book.others()[0].quiet_s == 0.0
    clock[0] = 19.0
    ticket.update([])
    assert book.others()[0].quiet_s == 19.0, "nothing changed, and nothing was written"
    clock[0] = 21.0
    ticket.update([])
    assert book.others()[0].quiet_s == 0.0
    os.utime(ticket.path, (time.time() - 300, time.time() - 300))
    assert TicketBook(folder).others()[0].quiet_s > 299, "it was so before this command began"
    assert book.others()[0].quiet_s == 0.0, "it changed just now, whatever its clock says"


@pytest.mark.parametrize(
    ("above", "umask", "expected"), [(0o2775, 0o077, 0o664), (0o755, 0o022, 0o644), (0o777, 0o000, 0o664)]
)
def test_permissions(tmp_path: Path, above: int, umask: int, expected: int) -> None:
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(above)
    before = os.umask(umask)
    try:
        book = TicketBook(state / "queue")
        ticket = book.open("r", "o")
        book.orders()
        (book.folder / "bad.json").write_text("")
        book.others()
    finally:
        os.umask(before)
    made = [p for p in book.folder.rglob("*") if p.name != "bad.json"]
    assert {p.stat().st_mode & 0o777 for p in made if p.is_file()} == {expected}
    folders = [book.folder, book.folder / "dead"]
    assert all(p.stat().st_mode & 0o002 == 0 for p in folders), "nothing that everybody may write"
    assert all(p.stat().st_mode & 0o2020 == above & 0o2020 for p in folders)
    assert {p.name for p in made} == {"r.json", "r.lock", "orders", "orders.lock", "dead"}
    ticket.close()


def test_a_folder_that_cannot_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "queue").write_text("a file")
    with pytest.raises(HostError, match=r"the queue in .*queue cannot be written"):
        TicketBook(tmp_path / "queue").open("r", "o")
    assert TicketBook(tmp_path / "none").others() == [] and TicketBook(tmp_path / "none").dead() == []
    book = TicketBook(tmp_path / "other")
    ticket = book.open("r", "o")
    ticket.path.unlink()
    ticket.path.mkdir()
    for n in range(2):
        ticket.update([TicketJob(job(f"j{n}", "r"))])
    assert caplog.text.count("the queue does not hear of this run any more") == 1


def test_what_a_killed_writer_left_is_in_nobodys_way(folder: Path, tmp_path: Path) -> None:
    book = TicketBook(folder)
    book.orders()
    (folder / "orders.part").symlink_to(tmp_path / "precious")
    assert list(book.orders()) == [2] and not (tmp_path / "precious").exists()


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    book = TicketBook(folder)
    book.orders()
    (folder / "r.lock").symlink_to(tmp_path / "precious")
    with pytest.raises(HostError, match="cannot be written"):
        book.open("r", "o")
    assert not (tmp_path / "precious").exists()
