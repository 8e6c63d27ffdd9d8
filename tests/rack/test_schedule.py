"""The scheduler gives the same answer for every order of its inputs, and never breaks a rule of its own."""

from __future__ import annotations

import itertools
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from harness.benchmark.selectors import why_not
from harness.rack.jobs import Job, PhoneView, Schedule
from harness.rack.schedule import schedule, takers
from tests.rack.jobs import NOW_S, job, queues, racks, view


def ever(one: Job, phone: PhoneView) -> bool:
    """Whether the phone could take the job some day, by the rules and none of the scheduler's code."""
    name = phone.record.phone_id
    if one.phone_id not in (None, name) or name in one.avoid:
        return False
    return not phone.known or why_not(one.wanted, phone.record, phone.labels) is None


def now(one: Job, phone: PhoneView) -> bool:
    """Whether it could start there now."""
    if phone.busy is not None or not phone.known or one.not_before_s > NOW_S:
        return False
    room = one.free_kb is None or (phone.free_kb is not None and phone.free_kb >= one.free_kb)
    charge = one.battery_pct is None or (phone.battery_pct is not None and phone.battery_pct >= one.battery_pct)
    return ever(one, phone) and room and charge


def most(jobs: list[Job], phones: list[PhoneView]) -> int:
    """How many of the jobs could start at the same time, by scipy."""
    if not jobs or not phones:
        return 0
    fits = csr_array(np.array([[now(j, p) for p in phones] for j in jobs], dtype=np.int8))
    return int((maximum_bipartite_matching(fits, perm_type="column") >= 0).sum())


@given(queues(), racks(), st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_rules(jobs: list[Job], phones: list[PhoneView], rng: Random) -> None:
    served = {"a": 3.0, "b": 1.0}
    made = schedule(jobs, phones, NOW_S, served=served)
    shuffled = schedule(rng.sample(jobs, len(jobs)), rng.sample(phones, len(phones)), NOW_S, served=served)
    assert shuffled == made

    by_id = {p.record.phone_id: p for p in phones}
    assert len(set(made.starts.values())) == len(made.starts), "two jobs on one phone"
    for one in jobs:
        assert (one.job_id in made.starts) + (one.job_id in made.waits) + (one.job_id in made.hopeless) == 1
        assert (one.job_id in made.hopeless) == (not any(ever(one, p) for p in phones))
        if one.job_id in made.starts:
            assert now(one, by_id[made.starts[one.job_id]])
        assert takers(one, phones) == sorted(p.record.phone_id for p in phones if ever(one, p))

    for least in range(3):
        level = [j for j in jobs if j.priority >= least]
        assert sum(j.job_id in made.starts for j in level) == most(level, phones), "fewer than could start"

    used = set(made.starts.values())
    for one in jobs:
        if one.job_id in made.starts:
            continue
        fits = [p.record.phone_id for p in phones if now(one, p)]
        assert set(fits) <= used, "a phone idles that a waiting job could take"
        instead = [j for j in jobs if made.starts.get(j.job_id) in fits]
        assert all(j.priority >= one.priority for j in instead), "a job waits for one of a lower priority"


@given(queues(), racks())
def test_of_one_run_no_job_waits_for_one_that_was_put_in_later(jobs: list[Job], phones: list[PhoneView]) -> None:
    def rarity(one: Job) -> tuple[int, int, str]:
        return sum(ever(one, p) for p in phones), one.order, one.job_id

    own = sorted((j for j in jobs if j.run_id == "a" and j.priority == 1), key=rarity)
    starts = schedule(own, phones, NOW_S).starts
    for place, one in enumerate(own):
        before = [j for j in own[:place] if j.job_id in starts]
        assert (one.job_id in starts) == (most([*before, one], phones) == len(before) + 1)


def started(made: Schedule) -> list[str]:
    return sorted(made.starts)


def test_every_order_of_a_small_rack() -> None:
    jobs = [
        job("easy", "r", 1),
        job("rare", "s", 2, "soc=B"),
        job("pinned", "r", 3, phone_id="P1"),
        job("high", "t", 4, priority=1),
    ]
    phones = [view("P1", soc="A"), view("P2", soc="B"), view("P3", soc="A")]
    answers = {str(schedule(j, p, NOW_S)) for j in itertools.permutations(jobs) for p in itertools.permutations(phones)}
    assert len(answers) == 1
    assert schedule(jobs, phones, NOW_S).starts == {"high": "P3", "rare": "P2", "pinned": "P1"}


def test_an_easy_job_moves_over_for_another() -> None:
    phones = [view("P1", soc="A"), view("P2", soc="B")]
    jobs = [job("any", order=1), job("only-a", "other", 2, "soc=A")]
    assert schedule(jobs, phones, NOW_S).starts == {"any": "P2", "only-a": "P1"}


def test_rare_phones_are_kept_for_the_jobs_that_need_them() -> None:
    phones = [view("P1", soc="B"), view("P2", soc="A"), view("P3", soc="A")]
    paused = job("needs-b", "other", 0, "soc=B", not_before_s=NOW_S + 60)
    assert schedule([job("any"), paused], phones, NOW_S).starts == {"any": "P2"}
    assert schedule([job("any")], phones, NOW_S).starts == {"any": "P2"}, "the commonest kind where nobody waits"
    needs_a = [job(f"a{n}", "other", 0, "soc=A", not_before_s=NOW_S + 60) for n in range(2)]
    assert schedule([job("any"), *needs_a], phones, NOW_S).starts == {"any": "P1"}


def test_within_a_run_the_job_with_fewer_phones_goes_first() -> None:
    phones = [view("P1", soc="B"), view("P2", "leased", soc="A")]
    assert started(schedule([job("any", order=1), job("b", "run", 2, "soc=B")], phones, NOW_S)) == ["b"]


def test_a_long_run_does_not_starve_a_later_one() -> None:
    jobs = [job(f"long{n:02}", "long", n) for n in range(20)] + [job(f"late{n}", "late", 100 + n) for n in range(3)]
    served: dict[str, float] = {}
    went = []
    for turn in range(8):
        (first,) = schedule(jobs, [view("P1")], NOW_S, served=served).starts
        run = next(j.run_id for j in jobs if j.job_id == first)
        served[run] = turn
        jobs = [j for j in jobs if j.job_id != first]
        went.append(run)
    assert went == ["long", "late", "long", "late", "long", "late", "long", "long"]


def test_runs_take_turns_within_one_schedule_too() -> None:
    jobs = [job(f"long{n}", "long", n) for n in range(9)] + [job("late", "late", 100)]
    phones = [view(f"P{n}") for n in range(4)]
    assert started(schedule(jobs, phones, NOW_S)) == ["late", "long0", "long1", "long2"]


def test_nothing_to_do() -> None:
    assert schedule([], [], NOW_S) == Schedule()
    assert schedule([], [view("P1")], NOW_S) == Schedule()


def test_names_given_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="two jobs"):
        schedule([job("j"), job("j", "other")], [], NOW_S)
    with pytest.raises(ValueError, match="two phones"):
        schedule([], [view("P1"), view("P1")], NOW_S)
