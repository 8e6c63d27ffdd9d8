"""Several commands on one rack: each starts its own part of one schedule."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from harness.errors import HostError
from harness.rack.jobs import PhoneView, Schedule
from harness.rack.queueing import Queueing
from harness.rack.ticket import JobState, Ticket, TicketJob
from harness.rack.tickets import TicketBook
from tests.rack.jobs import NOW_S, job, view


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.rack.queueing._LOOK_EVERY_S", 0.0)


class Command:
    """One command, as its controller uses the queue."""

    def __init__(self, queueing: Queueing) -> None:
        self._queueing = queueing

    def schedule(self, jobs: Sequence[TicketJob], phones: Sequence[PhoneView], now_s: float) -> Schedule:
        waiting = [e.job for e in jobs if e.state is JobState.WAITING]
        made = self._queueing.schedule(waiting, phones, now_s)
        self._queueing.tell(jobs, now_s)
        return made


@contextlib.contextmanager
def queue(folder: Path, run_id: str) -> Iterator[Command]:
    book = TicketBook(folder)
    with book.open(run_id, f"{run_id}@host:1") as ticket:
        yield Command(Queueing(book, ticket))


def jobs(run_id: str, count: int, **fields: int) -> list[TicketJob]:
    return [TicketJob(job(f"{run_id}{n}", run_id, n, **fields)) for n in range(count)]


def test_two_runs_share_one_phone_in_turns(tmp_path: Path) -> None:
    phones = [view("P1")]
    went: list[str] = []
    with queue(tmp_path, "a") as a, queue(tmp_path, "b") as b:
        left = {"a": jobs("a", 4), "b": jobs("b", 2)}
        places = {"a": a, "b": b}
        for run in "ab":
            places[run].schedule(left[run], [view("P1", "not looked at yet")], NOW_S)
        for _ in range(6):
            made = {run: places[run].schedule(left[run], phones, NOW_S) for run in "ab"}
            starts = [(run, job_id) for run in "ab" for job_id in made[run].starts]
            assert len(starts) == 1, "one phone, one job, whoever asks"
            run, first = starts[0]
            for state in (JobState.RUNNING, JobState.ENDED):
                left[run] = [TicketJob(e.job, state, "P1") if e.job.job_id == first else e for e in left[run]]
                places[run].schedule(left[run], [view("P1", "leased")], NOW_S)
            went.append(run)
    assert went == ["a", "b", "a", "b", "a", "a"]
    assert list(tmp_path.glob("[ab]*")) == []


def test_a_higher_priority_of_another_command_goes_first_and_says_so(tmp_path: Path) -> None:
    with queue(tmp_path, "a") as a, queue(tmp_path, "b") as b:
        b.schedule(jobs("b", 1, priority=5), [], NOW_S)
        made = a.schedule(jobs("a", 1), [view("P1")], NOW_S)
        assert made.starts == {} and made.waits == {
            "a0": "waits for any phone: only P1 matches, and b0 of b goes first"
        }


@pytest.mark.parametrize(("at_s", "starts"), [(89.0, {}), (91.0, {"a0": "P1"})])
def test_a_command_that_hangs_stands_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_s: float, starts: dict[str, str]
) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    monkeypatch.setattr("time.time", lambda: 0.0)
    with queue(tmp_path, "a") as a, queue(tmp_path, "b") as b:
        b.schedule(jobs("b", 1, priority=5), [], NOW_S)
        assert not a.schedule(jobs("a", 1), [], NOW_S).starts
        clock[0] = at_s
        assert a.schedule(jobs("a", 1), [view("P1")], NOW_S).starts == starts


def test_a_phone_does_not_idle_for_a_command_that_does_not_take_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    with queue(tmp_path, "a") as a, queue(tmp_path, "b") as b:
        for at_s in (0.0, 59.0, 62.0, 63.0):
            clock[0] = at_s
            b.schedule(jobs("b", 1, priority=5), [], NOW_S)
            starts = a.schedule(jobs("a", 1), [view("P1")], NOW_S).starts
        assert starts == {"a0": "P1"}
        assert a.schedule(jobs("a", 1), [view("P2")], NOW_S).starts == {}, "its right to other phones stands"


def test_an_id_that_another_command_uses_too_is_no_end_of_ours(tmp_path: Path) -> None:
    with queue(tmp_path, "a") as a, queue(tmp_path, "b") as b:
        b.schedule([TicketJob(job("a0", "b", priority=5))], [], NOW_S)
        assert a.schedule(jobs("a", 1), [view("P1")], NOW_S).starts == {"a0": "P1"}


def test_a_rack_of_ones_own_needs_no_folder() -> None:
    alone = Command(Queueing(None, None))
    assert alone.schedule(jobs("a", 2), [view("P1")], NOW_S).starts == {"a0": "P1"}


def test_a_queue_that_cannot_be_read_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Refuses(TicketBook):
        def others(self, now_s: float = 0.0) -> list[Ticket]:
            raise HostError("the queue cannot be read")

    queueing = Queueing(Refuses(tmp_path / "queue"), None)
    for _ in range(2):
        assert queueing.schedule([job("a0")], [view("P1")], NOW_S).starts == {"a0": "P1"}
    assert caplog.text.count("other commands' jobs are not seen: the queue cannot be read") == 1
