"""Phones that other commands could start a job on, and do not. Pure.

Another command may know something of a phone that we do not, and never start what it has the first right to. Its right
to that phone rests then, so that the phone does not idle for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from harness.rack.jobs import Job

#: Real seconds for which a free phone waits for another command, and for which that command's right rests afterwards.
IDLE_S = 60.0
REST_S = 600.0


class Claims:
    """Who had the first right to which free phone, since when."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, str], float] = {}
        self._rests_until: dict[tuple[str, str], float] = {}

    def saw(self, claims: Iterable[tuple[str, str]], at_s: float) -> None:
        """Now these runs have the first right to these phones, as (run_id, phone_id)."""
        self._since = {claim: self._since.get(claim, at_s) for claim in claims}
        for claim, since_s in list(self._since.items()):
            if at_s - since_s > IDLE_S:
                self._rests_until[claim] = at_s + REST_S
                del self._since[claim]

    def without_rests(self, jobs: Iterable[Job], at_s: float) -> list[Job]:
        """The jobs, each kept off the phones to which the right of its run rests."""
        self._rests_until = {claim: until_s for claim, until_s in self._rests_until.items() if until_s > at_s}
        return [
            replace(job, avoid=job.avoid | {phone for run_id, phone in self._rests_until if run_id == job.run_id})
            for job in jobs
        ]
