"""What this command and others on this machine tell each other of their jobs.

Each makes one schedule of everybody's jobs, and starts its own part of it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from harness.errors import HostError
from harness.rack.claims import Claims
from harness.rack.jobs import Job, PhoneView, Schedule
from harness.rack.own_ticket import OwnTicket
from harness.rack.schedule import schedule
from harness.rack.ticket import Ticket, TicketJob
from harness.rack.tickets import QUIET_S, TicketBook

log = logging.getLogger("harness.rack")

#: Real seconds between looks at others' tickets.
_LOOK_EVERY_S = 1.0


class Queueing:
    """The queue as one command sees it; for its deciding thread alone. None of both: the command is alone."""

    def __init__(self, book: TicketBook | None, ticket: OwnTicket | None) -> None:
        self._book = book
        self._ticket = ticket
        self._looked = float("-inf")
        self._others: list[Ticket] = []
        self._claims = Claims()
        self._complained = False

    def tell(self, jobs: Sequence[TicketJob], now_s: float) -> None:
        """Say where our jobs are: all of the run, the ended ones too. now_s: the clock of `Job.not_before_s`."""
        if self._ticket is not None:
            self._ticket.update(jobs, now_s)

    def schedule(self, waiting: Sequence[Job], phones: Sequence[PhoneView], now_s: float) -> Schedule:
        """Which of our jobs to start now, and why the others wait.

        Args:
            waiting: our jobs that wait.
            phones: every phone of the rack.
            now_s: the clock of `Job.not_before_s`.
        """
        at_s = time.monotonic()
        tickets = self._look(now_s, at_s)
        theirs = self._claims.without_rests(_theirs(tickets, waiting), at_s)
        tickets = tickets if self._ticket is None else [self._ticket.ticket, *tickets]
        served = {t.run_id: float(t.served) for t in tickets if t.served is not None}
        found = schedule([*waiting, *theirs], phones, now_s, served=served)
        runs = {job.job_id: job.run_id for job in theirs}
        self._claims.saw(((runs[job_id], phone) for job_id, phone in found.starts.items() if job_id in runs), at_s)
        own = {job.job_id for job in waiting}
        starts, waits, hopeless = (
            {job_id: what for job_id, what in part.items() if job_id in own}
            for part in (found.starts, found.waits, found.hopeless)
        )
        return Schedule(starts, waits, hopeless)

    def _look(self, now_s: float, at_s: float) -> list[Ticket]:
        """The other commands' tickets; one that hangs stands in nobody's way."""
        if self._book is not None and at_s - self._looked >= _LOOK_EVERY_S:
            self._looked = at_s
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
