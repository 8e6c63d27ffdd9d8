"""What this command and others on this machine tell each other of their jobs."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence

from harness.rack.jobs import Job
from harness.rack.site import Site
from harness.rack.ticket import TicketJob

#: Real seconds between looks at others' tickets.
_LOOK_EVERY_S = 1.0
#: Controller seconds for which a phone is kept free for a job of another command that does not come.
_YIELD_S = 60.0


class Queueing:
    """The queue as one command sees it; empty where it is alone."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._looked = float("-inf")
        self._others: list[Job] = []
        self._kept_since: dict[str, float] = {}
        #: run_id to when it was last served, by a number that rises over all commands.
        self.served: dict[str, float] = {}

    def tell(self, jobs: Sequence[TicketJob]) -> None:
        """Say where our jobs are."""
        if self._site.ticket is not None:
            self._site.ticket.update(jobs, self._site.now_s())
            served = self._site.ticket.ticket.served
            if served is not None:
                self.served[self._site.run_id] = served

    def others(self, now_s: float) -> list[Job]:
        """Jobs of other commands that wait for a phone."""
        book = self._site.book
        if book is None:
            return []
        if time.monotonic() - self._looked > _LOOK_EVERY_S:
            self._looked = time.monotonic()
            tickets = book.others(now_s)
            self._others = [job for ticket in tickets for job in ticket.waiting()]
            self.served |= {t.run_id: t.served for t in tickets if t.served is not None}
        return self._others

    def yielded(self, starts: Mapping[str, str], own: Collection[str], now_s: float) -> bool:
        """Whether phones were kept for other commands' jobs for long enough: they may not be able to take them."""
        kept = {phone_id for job_id, phone_id in starts.items() if job_id not in own}
        self._kept_since = {p: self._kept_since.get(p, now_s) for p in kept}
        return any(now_s - since > _YIELD_S for since in self._kept_since.values())
