"""Why a job waits, or why no phone will ever take it, in words. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from harness.benchmark.selectors import Term, missed, why_not
from harness.rack.demand import Demand, Rack
from harness.rack.jobs import Job, PhoneView

#: Reasons that are told one by one where no phone will do; the others are counted.
_MOST_REASONS = 3
_FAILED = "the job failed on it before"


class Reasons:
    """Of one schedule.

    Args:
        rack: the phones.
        given: number of each phone that starts something now, to what.
        now_s: the scheduler's clock.
    """

    def __init__(self, rack: Rack, given: Mapping[int, Job], now_s: float) -> None:
        self._rack = rack
        self._given = given
        self._given_mask = sum(1 << phone for phone in given)
        self._now_s = now_s
        self._misses = cache(self._missing)

    def waits(self, demand: Demand) -> str:
        """Of a job that some phone could take."""
        job, rack = demand.job, self._rack
        if job.not_before_s > self._now_s:
            # In steps, so that the words change seldom: they are written to a file.
            left_s = math.ceil((job.not_before_s - self._now_s) / 5) * 5
            return f"pauses for another {left_s} s before it is tried again"
        count = demand.ever.bit_count()
        if count == 1:
            phone = demand.ever.bit_length() - 1
            why = self._of_one(demand, phone)
            if job.phone_id is not None:
                return f"waits for {rack.ids[phone]}: {why}"
            return f"waits for {need(job)}: only {rack.ids[phone]} matches, and {why}"
        parts = [f"{words(n, count)} {what}" for n, what in self._parts(demand) if n]
        return f"waits for {need(job)}: {count} match, {', '.join(parts)}"

    def hopeless(self, demand: Demand) -> str:
        """Of a job that no phone could ever take."""
        job, rack = demand.job, self._rack
        if not rack.views:
            return "the rack has no phone"
        if job.phone_id is not None:
            if job.phone_id not in rack.number:
                return f"{job.phone_id} is no phone of this rack"
            phone = rack.number[job.phone_id]
            why = why_not(job.wanted, rack.views[phone].record, rack.views[phone].labels)
            return f"{job.phone_id} will never do: {why or _FAILED}"
        found = defaultdict(list)
        for phone, phone_id in enumerate(rack.ids):
            found[self._never(job, phone)].append(phone_id)
        groups = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
        told = [f"{ids[0] if len(ids) == 1 else f'{len(ids)} phones'}: {why}" for why, ids in groups[:_MOST_REASONS]]
        rest = sum(len(ids) for _, ids in groups[_MOST_REASONS:])
        more = [f"{rest} more for other reasons"] if rest else []
        return f"no phone of the rack will do for {need(job)}: {'; '.join([*told, *more])}"

    def _never(self, job: Job, phone: int) -> str:
        if self._rack.ids[phone] in job.avoid:
            return _FAILED
        return self._misses(job.wanted)[phone]

    def _missing(self, wanted: tuple[tuple[Term, ...], ...]) -> list[str]:
        return [_misses(wanted, p) for p in self._rack.views]

    def _of_one(self, demand: Demand, phone: int) -> str:
        view, job = self._rack.views[phone], demand.job
        if view.busy is not None:
            return view.busy
        if not view.known:
            return "nothing is known of it yet"
        if not demand.fit >> phone & 1:
            return short_of(job, view)
        first = self._given[phone]
        return f"{first.job_id} of {first.run_id} goes first"

    def _parts(self, demand: Demand) -> list[tuple[int, str]]:
        rack, job, ever = self._rack, demand.job, demand.ever
        busy = sum(1 << n for n, p in enumerate(rack.views) if p.busy is not None)
        unknown = ~busy & ~rack.known
        no_room = 0 if job.free_kb is None else rack.free & ~rack.with_room(job.free_kb)
        flat = 0 if job.battery_pct is None else rack.free & ~rack.charged(job.battery_pct) & ~no_room
        return [
            ((ever & busy).bit_count(), "busy"),
            ((ever & unknown).bit_count(), "not looked at yet"),
            ((ever & no_room).bit_count(), "short of storage"),
            ((ever & flat).bit_count(), "short of charge"),
            ((demand.now & self._given_mask).bit_count(), "taken by jobs that go first"),
        ]


def _misses(wanted: tuple[tuple[Term, ...], ...], phone: PhoneView) -> str:
    """The terms alone, so that phones are counted together that miss the same one by different values."""
    terms = missed(wanted, phone.record, phone.labels) or []
    return " and ".join(dict.fromkeys(f"not {term}" for term in terms))


def words(count: int, of: int) -> str:
    """`both`, `all`, or the number."""
    return ("both" if of == 2 else "all") if count == of else str(count)


def need(job: Job) -> str:
    """What a job asks for: its phone, or what any phone must meet."""
    if job.phone_id is not None:
        return job.phone_id
    terms = " or ".join(",".join(str(t) for t in terms) for terms in job.wanted)
    more = []
    if job.free_kb is not None:
        more.append(f"{job.free_kb / 1024**2:.1f} GiB free")
    if job.battery_pct is not None:
        more.append(f"{job.battery_pct:g} % charge")
    phone = f"a phone with {terms}" if terms else "any phone"
    return " and ".join([phone, *more])


def short_of(job: Job, phone: PhoneView) -> str:
    """What a phone that is free lacks now."""
    if job.free_kb is not None and (phone.free_kb is None or phone.free_kb < job.free_kb):
        have = "is unknown" if phone.free_kb is None else f"is {phone.free_kb / 1024**2:.1f} GiB"
        return f"its free storage {have}, and the job asks for {job.free_kb / 1024**2:.1f} GiB"
    have = "is unknown" if phone.battery_pct is None else f"is {phone.battery_pct:.0f} %"
    return f"its charge {have}, and the job asks for {job.battery_pct:g} %"
