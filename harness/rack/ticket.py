"""A ticket: what one running command wants of the rack, as a file that other commands read. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from harness.benchmark.selectors import check_term
from harness.errors import UsageError
from harness.rack.jobs import Job


class JobState(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True)
class TicketJob:
    """A job of a ticket.

    Attributes:
        phone_id: the phone that it runs or ran on.
        since_epoch_s: when it came into its state, by this machine's clock.
        note: why it waits, or what it ended with.
    """

    job: Job
    state: JobState = JobState.WAITING
    phone_id: str | None = None
    since_epoch_s: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Ticket:
    """What one command wants.

    Attributes:
        owner: user@host:pid.
        started_epoch_s: when the command began, by this machine's clock.
        served: when it last started a job, as a number that rises over all commands; None: never.
        jobs: all of the run, the ended ones too.
        quiet_s: real seconds since the command last gave a sign of life, as far as the reader saw.
    """

    run_id: str
    owner: str
    started_epoch_s: float
    served: int | None = None
    jobs: tuple[TicketJob, ...] = ()
    quiet_s: float = 0.0

    def waiting(self) -> list[Job]:
        """The jobs that wait for a phone."""
        return [j.job for j in self.jobs if j.state is JobState.WAITING]

    def on_clock(self, ahead_s: float) -> Ticket:
        """The same with the pauses of its jobs on another clock, which this one is `ahead_s` ahead of."""
        return replace(self, jobs=tuple(_shifted(self.jobs, -ahead_s)))

    def highest(self) -> int:
        """The highest number that it holds; 0 where there is none."""
        return max((self.served or 0, *(j.job.order for j in self.jobs)))


@dataclass(frozen=True)
class _File:
    run_id: str
    owner: str
    started_epoch_s: float
    served: int | None = None
    jobs: tuple[TicketJob, ...] = ()
    schema: Literal[1] = 1


_FILE = TypeAdapter(_File)


def write_ticket(ticket: Ticket) -> str:
    """The content of the file. In it the pauses of jobs are in seconds since the epoch, which all commands share."""
    file = _File(ticket.run_id, ticket.owner, ticket.started_epoch_s, ticket.served, ticket.jobs)
    return _FILE.dump_json(file, indent=1).decode() + "\n"


def read_ticket(data: bytes, run_id: str) -> Ticket | None:
    """The ticket in a file; None where it is damaged or not of that run."""
    try:
        file = _FILE.validate_json(data)
        if not _sound(file, run_id):
            return None
    except (ValidationError, UsageError):
        return None
    return Ticket(file.run_id, file.owner, file.started_epoch_s, file.served, file.jobs)


def _shifted(jobs: Iterable[TicketJob], by_s: float) -> Iterable[TicketJob]:
    for entry in jobs:
        job = entry.job
        yield replace(entry, job=replace(job, not_before_s=job.not_before_s + by_s)) if job.not_before_s else entry


def _sound(file: _File, run_id: str) -> bool:
    """Whether the scheduler can work with it; UsageError where a term means nothing."""
    jobs = [entry.job for entry in file.jobs]
    for job in jobs:
        for terms in job.wanted:
            for term in terms:
                check_term(term)
    numbers = [file.started_epoch_s, *(e.since_epoch_s for e in file.jobs)]
    numbers += [n for j in jobs for n in (j.not_before_s, j.estimate_s, j.battery_pct or 0.0)]
    return (
        file.run_id == run_id
        and all(math.isfinite(n) for n in numbers)
        and len({j.job_id for j in jobs}) == len(jobs)
        and all(j.run_id == run_id for j in jobs)
    )
