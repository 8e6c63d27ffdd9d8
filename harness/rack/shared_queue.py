"""A run's place in the queue that all commands of a machine share: one schedule of everybody's jobs, of which the run
starts its own.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

from harness.errors import HostError
from harness.rack.claims import Claims
from harness.rack.jobs import Job, PhoneView, Schedule
from harness.rack.schedule import schedule
from harness.rack.ticket import JobState, Ticket, TicketJob
from harness.rack.tickets import QUIET_S, TicketBook

log = logging.getLogger("harness.rack")

#: Real seconds between looks at the other commands' tickets.
_LOOK_EVERY_S = 0.5


class SharedQueue:
    """A context that gives the place up. For the deciding thread alone.

    Args:
        book: None: the rack is this command's alone.
        owner: user@host:pid.

    Raises:
        HostError: another command runs this run, or the queue cannot be written.
    """

    def __init__(self, book: TicketBook | None, run_id: str, owner: str) -> None:
        self._book = book
        self._own = None if book is None else book.open(run_id, owner)
        self._others: list[Ticket] = []
        self._looked = -_LOOK_EVERY_S
        self._claims = Claims()
        self._complained = False

    def orders(self, count: int) -> range:
        """`Job.order` of so many jobs: higher than those of every command before."""
        return range(count) if self._book is None else self._book.orders(count)

    def schedule(self, jobs: Sequence[TicketJob], phones: Sequence[PhoneView], now_s: float) -> Schedule:
        """What of the run to start now, and why the rest of it waits; tells the other commands so.

        Args:
            jobs: all of the run, the ended ones too; why they wait is filled in.
            phones: every phone of the rack.
            now_s: the clock of `Job.not_before_s`.
        """
        waiting = [entry.job for entry in jobs if entry.state is JobState.WAITING]
        if self._own is None:
            return schedule(waiting, phones, now_s)
        tickets = [self._own.ticket, *self._look(now_s)]
        served = {t.run_id: float(t.served) for t in tickets if t.served is not None}
        at_s = time.monotonic()
        theirs = self._claims.without_rests(_theirs(tickets[1:], waiting), at_s)
        found = schedule([*waiting, *theirs], phones, now_s, served=served)
        runs = {job.job_id: job.run_id for job in theirs}
        self._claims.saw(((runs[j], phone) for j, phone in found.starts.items() if j in runs), at_s)
        own = {job.job_id for job in waiting}
        starts, waits, hopeless = (
            {job_id: what for job_id, what in part.items() if job_id in own}
            for part in (found.starts, found.waits, found.hopeless)
        )
        self._own.update([_noted(entry, waits) for entry in jobs], now_s)
        return Schedule(starts, waits, hopeless)

    def close(self) -> None:
        """The run ended, or goes on later."""
        if self._own is not None:
            self._own.close()

    def __enter__(self) -> SharedQueue:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _look(self, now_s: float) -> list[Ticket]:
        """The other commands' tickets; one that hangs stands in nobody's way."""
        if self._book is not None and time.monotonic() - self._looked >= _LOOK_EVERY_S:
            self._looked = time.monotonic()
            try:
                self._others = [t for t in self._book.others(now_s) if t.quiet_s <= QUIET_S]
            except HostError as error:
                if not self._complained:
                    log.warning("other commands' jobs are not seen: %s", error)
                self._complained = True
                self._others = []
        return self._others


def _theirs(tickets: Sequence[Ticket], own: Sequence[Job]) -> list[Job]:
    """Jobs of others; of two with one id, which a ticket written by hand may bring, the first counts."""
    known = {job.job_id for job in own}
    found = []
    for job in (j for ticket in tickets for j in ticket.waiting()):
        if job.job_id not in known:
            known.add(job.job_id)
            found.append(job)
    return found


def _noted(entry: TicketJob, waits: dict[str, str]) -> TicketJob:
    note = waits.get(entry.job.job_id)
    return entry if note is None else replace(entry, note=note)
