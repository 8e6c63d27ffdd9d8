"""The ticket of this command, kept up to date for the others."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from harness.durable import write_atomic
from harness.errors import HostError
from harness.rack.life_lock import LifeLock
from harness.rack.ticket import JobState, Ticket, TicketJob, write_ticket

log = logging.getLogger("harness.rack")

#: The file is written anew at least this often, real seconds, as a sign of life.
BEAT_S = 20.0
#: What only people read (why a job waits) is written this often at most.
_NOTES_S = 2.0


class OwnTicket:
    """Safe to use from several threads; a context that closes it. `TicketBook.open` makes it.

    Args:
        path: its file.
        lock: held as long as this command lives.
        ticket: as it begins.
        draw: order numbers.
        mode: permissions of the file.
        now: seconds since the epoch.
    """

    def __init__(
        self,
        path: Path,
        lock: LifeLock,
        ticket: Ticket,
        draw: Callable[[], range],
        mode: int,
        now: Callable[[], float],
    ) -> None:
        self.path = path
        self.ticket = ticket
        self._lock = lock
        self._draw = draw
        self._mode = mode
        self._now = now
        self._guard = threading.Lock()
        self._written = 0.0
        self._complained = False
        self._closed = False

    def update(self, jobs: Iterable[TicketJob], now_s: float = 0.0) -> None:
        """Tell the others where all jobs of the run are; cheap where nothing changed, so call it every second or so.

        It fills in since when each job is in its state, and when the run was last served. A disk that refuses is told
        once: no run ends for its ticket.

        Args:
            now_s: the clock of `Job.not_before_s`.
        """
        with self._guard:
            if self._closed:
                return
            before = {e.job.job_id: e for e in self.ticket.jobs}
            new = tuple(self._since(entry, before.get(entry.job.job_id)) for entry in jobs)
            moved = [e for e in new if _place(e) != _place(before.get(e.job.job_id))]
            changed = bool(moved) or len(new) != len(before)
            quiet_s = time.monotonic() - self._written
            if not changed and quiet_s < (BEAT_S if new == self.ticket.jobs else _NOTES_S):
                return
            try:
                served = self.ticket.served
                if any(e.state is JobState.RUNNING for e in moved):
                    served = self._draw()[0]
                self.ticket = replace(self.ticket, jobs=new, served=served)
                self.write(now_s)
            except (OSError, HostError) as error:
                if not self._complained:
                    log.warning("the queue does not hear of this run any more: %s", error)
                self._complained = True

    def write(self, now_s: float = 0.0) -> None:
        """Write the file.

        Raises:
            OSError: the disk refuses.
        """
        write_atomic(self.path, write_ticket(self.ticket.on_clock(now_s - self._now())), mode=self._mode)
        self._written = time.monotonic()

    def close(self) -> None:
        """The run ended, or goes on later: its ticket goes."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            try:
                # The lock last: a ticket without its lock is of a command that died.
                self.path.unlink(missing_ok=True)
                self._lock.release(remove=True)
            except OSError as error:
                log.warning("the ticket %s cannot be removed: %s", self.path, error.strerror)

    def __enter__(self) -> OwnTicket:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _since(self, entry: TicketJob, before: TicketJob | None) -> TicketJob:
        if before is not None and _place(before) == _place(entry):
            return replace(entry, since_epoch_s=before.since_epoch_s)
        return replace(entry, since_epoch_s=self._now())


def _place(entry: TicketJob | None) -> tuple[JobState, str | None] | None:
    return None if entry is None else (entry.state, entry.phone_id)
