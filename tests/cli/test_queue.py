"""`harness queue` shows what every command does on the rack."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.rack.ticket import JobState, TicketJob
from harness.rack.tickets import TicketBook
from tests.rack.jobs import job
from tests.racks import harness


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TicketBook:
    monkeypatch.setenv("HARNESS_STATE", str(tmp_path))
    monkeypatch.delenv("HARNESS_RACK", raising=False)
    return TicketBook(tmp_path / "rack" / "queue")


def test_an_empty_queue_says_so(book: TicketBook) -> None:
    done = harness("queue")
    assert (done.code, done.out, done.err) == (0, "The queue is empty: no command runs on this rack.\n", "")
    assert not book.folder.exists(), "looking makes nothing"
    assert json.loads(harness("queue", "--json").out) == {"schema": 1, "rows": [], "dead": []}


def test_what_runs_and_what_waits(book: TicketBook) -> None:
    why = "waits for a phone with soc=SM8550: 2 match, both busy"
    with book.open("run-a", "alice@lab:7") as a, book.open("run-b", "bob@lab:8") as b:
        a.update(
            [
                TicketJob(job("a1", "run-a", 2, phone_id="P2"), note="waits for P2: leased by bob@lab:8"),
                TicketJob(job("a2", "run-a", 1, phone_id="P1"), JobState.RUNNING, "P1"),
                TicketJob(job("a3", "run-a", 3, phone_id="P3"), JobState.ENDED, "P3", note="complete"),
            ]
        )
        b.update([TicketJob(job(f"b{n}", "run-b", 9, "soc=SM8550", priority=3), note=why) for n in range(2)])
        done, everything, document = harness("queue"), harness("queue", "--all"), harness("queue", "--json")
    assert done.code == 0 and done.err == ""
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert lines[0] == "run who phone priority jobs state for why"
    assert [line.replace("1 s", "0 s") for line in lines[1:]] == [
        "run-a alice@lab:7 P1 0 1 running 0 s",
        "run-a alice@lab:7 P2 0 1 waiting 0 s leased by bob@lab:8",
        "run-b bob@lab:8 a phone with soc=SM8550 3 2 waiting 0 s 2 match, both busy",
        "5 jobs of 2 commands: 1 running, 3 waiting, 1 ended.",
    ]
    assert "ended" in everything.out.splitlines()[3] and "complete" in everything.out
    rows = json.loads(document.out)["rows"]
    assert [r["job_id"] for r in rows] == ["a2", "a1", "a3", "b0", "b1"]
    assert rows[3] | {"since_epoch_s": 0, "for_s": 0} == {
        "run_id": "run-b",
        "owner": "bob@lab:8",
        "job_id": "b0",
        "phone_id": None,
        "needs": "a phone with soc=SM8550",
        "priority": 3,
        "state": "waiting",
        "since_epoch_s": 0,
        "for_s": 0,
        "reason": why,
        "alive": True,
    }
    assert rows[0]["reason"] is None and 0 <= rows[0]["for_s"] < 60


def test_dead_and_damaged_tickets_are_named(book: TicketBook) -> None:
    ticket = book.open("run-a", "alice@lab:7")
    ticket.update([TicketJob(job("a1", "run-a"))])
    text = ticket.path.read_text()
    ticket.close()
    ticket.path.write_text(text)  # as one leaves it that was killed
    (book.folder / "run-b.json").write_text("{")
    done = harness("queue")
    assert done.code == 0 and "run-a ended without a word" in done.err
    dead = book.folder / "dead"
    assert done.out.splitlines() == [
        f"{dead}/run-a.json: run-a of alice@lab:7 ended without a word, 1 of its jobs still open; "
        "go on with it by harness run --resume, or delete this file",
        f"{dead}/run-b.json: a damaged ticket, kept for a look; delete it after that",
        "The queue is empty: no command runs on this rack.",
    ]
    again = json.loads(harness("queue", "--json").out)
    assert [(d["run_id"], d["open_jobs"]) for d in again["dead"]] == [("run-a", 1), (None, None)]
