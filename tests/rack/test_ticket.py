"""Tickets as files: what was written is read, and what is damaged is never taken for a ticket."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.benchmark.selectors import Term
from harness.rack.jobs import Job
from harness.rack.ticket import JobState, Ticket, TicketJob, read_ticket, write_ticket
from tests.rack.jobs import job, queues

ONE = Ticket("run", "alice@lab:7", 100.0, 3, (TicketJob(job("j", "run", 5, "soc=A,tier=high", "P1")),))


@given(queues(), st.sampled_from(JobState), st.text())
def test_what_was_written_is_read(jobs: list[Job], state: JobState, note: str) -> None:
    entries = tuple(TicketJob(j, state, "P1", 7.0, note) for j in jobs if j.run_id == "a")
    ticket = Ticket("a", "alice@lab:7", 100.0, None, entries)
    read = read_ticket(write_ticket(ticket).encode(), "a")
    assert read == ticket and read.waiting() == ([e.job for e in entries] if state is JobState.WAITING else [])


def test_pauses_are_on_the_clock_that_commands_share() -> None:
    paused = Ticket(
        "run", "a@b:1", 0.0, jobs=(TicketJob(job("j", "run", not_before_s=50.0)), TicketJob(job("k", "run")))
    )
    text = write_ticket(paused.on_clock(-1000.0)).encode()
    assert b"1050.0" in text
    read = read_ticket(text, "run")
    assert read is not None and [j.job.not_before_s for j in read.on_clock(1020.0).jobs] == [30.0, 0.0]


def test_the_highest_number() -> None:
    assert ONE.highest() == 5 and Ticket("r", "o", 0.0, 9).highest() == 9 and Ticket("r", "o", 0.0).highest() == 0


@given(st.binary(max_size=40), st.integers(0, 400), st.integers(0, 400))
def test_damage_is_seen_or_harmless(junk: bytes, start: int, end: int) -> None:
    data = write_ticket(ONE).encode()
    read = read_ticket(data[:start] + junk + data[end:], "run")
    assert read is None or read.run_id == "run"
    assert read_ticket(junk, "run") is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("run_id", "other"),
        ("schema", 2),
        ("started_epoch_s", "NaN"),
        ("jobs", [{"job": {"job_id": "j", "run_id": "other", "order": 1}}]),
        ("jobs", [{"job": {"job_id": "j", "run_id": "run", "order": 1}}] * 2),
        ("jobs", [{"job": {"job_id": "j", "run_id": "run", "order": 1, "not_before_s": "Infinity"}}]),
        ("jobs", [{"job": {"job_id": "j", "run_id": "run", "order": 1, "wanted": [[{"key": "__class__", "sign": "=", "value": "x"}]]}}]),
        ("jobs", [{"job": {"job_id": "j", "run_id": "run", "order": 1, "wanted": [[{"key": "soc", "sign": "~", "value": "x"}]]}}]),
        ("jobs", [{"job": {"job_id": "j", "run_id": "run", "order": 1, "wanted": [[{"key": "sdk", "sign": "=", "value": "x"}]]}}]),
    ],
)  # fmt: skip
def test_what_is_no_ticket(key: str, value: object) -> None:
    data = {**json.loads(write_ticket(ONE)), key: value}
    text = json.dumps(data).replace('"NaN"', "NaN").replace('"Infinity"', "Infinity")
    assert read_ticket(text.encode(), "run") is None


def test_a_value_with_a_comma_stays_one_term() -> None:
    comma = job("j", "run", wanted=((Term("model", "=", "Phone, second"),),))
    ticket = Ticket("run", "a@b:1", 0.0, jobs=(TicketJob(comma),))
    assert read_ticket(write_ticket(ticket).encode(), "run") == ticket
