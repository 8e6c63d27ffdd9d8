"""Which waiting job starts on which phone now. Pure; the answer does not depend on the order of what comes in.

Rules, the first that decides:

1. A job never starts on a phone that does not meet it, and a phone takes one job.
2. No job waits for one of a lower priority, and as many jobs start as can.
3. Runs take turns: a run that started a job has its next turn after every other run of the same priority.
4. Within a run, jobs that fewer phones of the rack could take go first, then those that were put in first.
5. Of the phones that would do, those go first that the fewest other jobs wait for, then those of the commonest kind, so
   that rare phones are there for the jobs that need them.

Methods: least interest first of labgrid's scheduler; one job per run and round of OmniLab's; the sets are found by
matching (see harness/rack/matching.py), so that an easy job moves over where that lets another start too.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from harness.rack.demand import Demand, Rack
from harness.rack.jobs import Job, PhoneView, Schedule
from harness.rack.matching import Matching, bits
from harness.rack.why_waits import Reasons


def schedule(
    jobs: Sequence[Job], phones: Sequence[PhoneView], now_s: float, *, served: Mapping[str, float] | None = None
) -> Schedule:
    """What to start now, and why the rest waits.

    Args:
        jobs: every job that waits, of all commands.
        phones: every phone of the rack, those that take nothing now or are away too, or their jobs count as hopeless.
        now_s: the clock that `Job.not_before_s` is on.
        served: run_id to when it last started a job, by any numbers that rise; a run that is not in it never did.

    Raises:
        ValueError: two jobs have one job_id, or two phones one phone_id.
    """
    rack = Rack(phones)
    demands = {job.job_id: Demand(job, rack) for job in sorted(jobs, key=lambda j: j.job_id)}
    if len(demands) != len(jobs):
        raise ValueError("two jobs have the same job_id")
    able = [d for d in demands.values() if d.ever and d.now and d.job.not_before_s <= now_s]
    chosen = _choose(able, served or {})
    starts = _place(chosen, list(demands.values()), rack)
    reasons = Reasons(rack, {phone: demands[job_id].job for job_id, phone in starts.items()}, now_s)
    left = [d for job_id, d in demands.items() if job_id not in starts]
    return Schedule(
        {job_id: rack.ids[phone] for job_id, phone in starts.items()},
        {d.job.job_id: reasons.waits(d) for d in left if d.ever},
        {d.job.job_id: reasons.hopeless(d) for d in left if not d.ever},
    )


def takers(job: Job, phones: Sequence[PhoneView]) -> list[str]:
    """phone_ids of the phones that could ever take a job."""
    rack = Rack(phones)
    return [rack.ids[phone] for phone in bits(Demand(job, rack).ever)]


def _choose(able: Iterable[Demand], served: Mapping[str, float]) -> list[Demand]:
    """The jobs that start, in the order in which they were taken."""
    levels: dict[int, dict[str, list[Demand]]] = defaultdict(lambda: defaultdict(list))
    for demand in able:
        levels[demand.job.priority][demand.job.run_id].append(demand)
    matching = Matching()
    chosen: list[Demand] = []
    started: Counter[str] = Counter()
    for priority in sorted(levels, reverse=True):
        runs = levels[priority]
        # Heaps from the end of sorted lists: each run's next job, and the runs by whose turn it is.
        for waiting in runs.values():
            waiting.sort(key=_within_run, reverse=True)
        turns = [_turn(waiting[-1], started, served) for waiting in runs.values()]
        heapq.heapify(turns)
        while turns:
            run_id = turns[0][-1]
            demand = runs[run_id].pop()
            if matching.offer(len(chosen), demand.now):
                chosen.append(demand)
                started[run_id] += 1
            if runs[run_id]:
                heapq.heapreplace(turns, _turn(runs[run_id][-1], started, served))
            else:
                heapq.heappop(turns)
    return chosen


_Turn = tuple[int, float, tuple[int, int, str], str]


def _turn(next_one: Demand, started: Mapping[str, int], served: Mapping[str, float]) -> _Turn:
    run_id = next_one.job.run_id
    return started.get(run_id, 0), served.get(run_id, -math.inf), _within_run(next_one), run_id


def _within_run(demand: Demand) -> tuple[int, int, str]:
    return demand.ever.bit_count(), demand.job.order, demand.job.job_id


def _place(chosen: Sequence[Demand], demands: Sequence[Demand], rack: Rack) -> dict[str, int]:
    """job_id to the number of its phone. Here phones are offered to jobs, the least wanted phone first."""
    free = rack.free
    places = dict.fromkeys(bits(free), 0)
    for number, demand in enumerate(chosen):
        for phone in bits(demand.now):
            places[phone] |= 1 << number
    left = Counter({phone: -count for phone, count in _interest(chosen, free).items()})
    everyone = _interest(demands, free)
    left.update(everyone)
    matching = Matching()
    for phone in sorted(places, key=lambda p: (left[p], everyone[p], -rack.alike(p), p)):
        matching.offer(phone, places[phone])
    return {demand.job.job_id: matching.item_at[number] for number, demand in enumerate(chosen)}


def _interest(demands: Iterable[Demand], free: int) -> Counter[int]:
    """Phone to how many jobs could use it. Most jobs are of a few kinds, so kinds are counted first."""
    found: Counter[int] = Counter()
    for mask, count in Counter(d.ever & free for d in demands).items():
        for phone in bits(mask):
            found[phone] += count
    return found
