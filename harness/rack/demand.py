"""Which phones meet which job, as masks with a bit a phone, since sets of hundreds of phones are combined. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache

from harness.benchmark.selectors import Term
from harness.rack.jobs import Job, PhoneView


class Rack:
    """The phones in the order of their ids.

    Attributes:
        views, ids: of the phones, by number.
        free: those that take a job now.
        known: those whose properties have been read.

    Raises:
        ValueError: two phones have the same phone_id.
    """

    def __init__(self, phones: Sequence[PhoneView]) -> None:
        self.views = sorted(phones, key=lambda p: p.record.phone_id)
        self.ids = [p.record.phone_id for p in self.views]
        self.number = {phone_id: n for n, phone_id in enumerate(self.ids)}
        if len(self.number) != len(phones):
            raise ValueError("two phones have the same phone_id")
        self.known = self._those(lambda p: p.known)
        self.free = self._those(lambda p: p.busy is None and p.known)
        kinds = [(p.record.soc, p.record.model) for p in self.views]
        counts = Counter(kinds)
        self._alike = [counts[kind] for kind in kinds]
        # Many jobs ask for the same.
        self.matching = cache(self._matching)
        self.with_room = cache(self._with_room)
        self.charged = cache(self._charged)
        self._term = cache(self._meeting)

    def alike(self, phone: int) -> int:
        """How many phones are of this phone's kind (SoC and model), itself among them."""
        return self._alike[phone]

    def only(self, phone_id: str) -> int:
        """The phone of that id; none where the rack has no such phone."""
        return 1 << self.number[phone_id] if phone_id in self.number else 0

    def _matching(self, wanted: tuple[tuple[Term, ...], ...]) -> int:
        """Phones that meet every term of any alternative; one of which nothing is known might."""
        everyone = (1 << len(self.views)) - 1
        found = 0 if wanted else everyone
        for terms in wanted:
            meets = everyone
            for term in terms:
                meets &= self._term(term)
            found |= meets
        return found

    def _meeting(self, term: Term) -> int:
        # Its name is known of every phone.
        if term.key in (None, "phone_id"):
            return self._those(lambda p: term.holds(p.record, p.labels))
        return self._those(lambda p: not p.known or term.holds(p.record, p.labels))

    def _with_room(self, free_kb: int) -> int:
        return self._those(lambda p: p.free_kb is not None and p.free_kb >= free_kb)

    def _charged(self, battery_pct: float) -> int:
        return self._those(lambda p: p.battery_pct is not None and p.battery_pct >= battery_pct)

    def _those(self, holds: Callable[[PhoneView], bool]) -> int:
        return sum(1 << number for number, phone in enumerate(self.views) if holds(phone))


class Demand:
    """A job and the phones for it: `ever` could take it some day, `fit` meet it now, `now` are free besides."""

    def __init__(self, job: Job, rack: Rack) -> None:
        self.job = job
        self.ever = rack.matching(job.wanted)
        if job.phone_id is not None:
            self.ever &= rack.only(job.phone_id)
        for phone_id in job.avoid:
            self.ever &= ~rack.only(phone_id)
        self.fit = self.ever
        if job.free_kb is not None:
            self.fit &= rack.with_room(job.free_kb)
        if job.battery_pct is not None:
            self.fit &= rack.charged(job.battery_pct)
        self.now = self.fit & rack.free
