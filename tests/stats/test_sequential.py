"""Adaptive repeats end where they should, say why, and keep their coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.stats.intervals import median_interval
from harness.stats.sequential import LOOKING, Repeats, decide, looks, stopped_interval
from tests.speed.trust import adaptive
from tests.speed.trust.adaptive import stop
from tests.speed.trust.phones import Phone, mixture, racks

budgets = st.integers(3, 80).flatmap(lambda least: st.tuples(st.just(least), st.integers(least, 120)))


@given(budgets)
def test_looks_grow_and_end_at_the_budget(budget: tuple[int, int]) -> None:
    least, most = budget
    found = looks(Repeats(2.0, least, most))
    assert list(found) == sorted(set(found)) and found[-1] == most
    assert found[0] == min(max(least, 5), most) and len(found) <= 9


@given(budgets, st.integers(0, 2**31))
def test_a_run_that_does_as_it_is_told_ends(budget: tuple[int, int], seed: int) -> None:
    repeats, rng = Repeats(2.0, *budget), np.random.default_rng(seed)
    noise, run = rng.choice([0.001, 0.03, 0.3]), 0
    values: list[float] = []
    while True:
        decision = decide(values, repeats, run)
        if decision.done:
            break
        assert decision.more >= 1
        for _ in range(decision.more):
            run += 1
            if rng.random() < 0.9:  # the others are void
                values.append(math.exp(rng.normal(0, noise)))
    assert run <= repeats.most and decision.more == 0
    assert run == repeats.most or (len(values) in looks(repeats) and decision.half_width_pct is not None)
    assert ("narrow enough" in decision.why) == ((decision.half_width_pct or 99) <= 2.0 and len(values) >= 5)


def test_what_it_says() -> None:
    repeats = Repeats(2.0, least=5, most=8)
    assert decide([], repeats) == decide([], repeats, 0)
    assert decide([], repeats).why == "0 of at least 5 sessions" and decide([], repeats).more == 5
    quiet = [10.0, 10.01, 10.02, 9.99, 10.0]
    assert decide(quiet[:3], repeats).more == 2
    ended = decide(quiet, repeats)
    assert (
        ended.done and ended.why.startswith("narrow enough: ±0.") and ended.why.endswith("after 5 sessions, ±2 % asked")
    )
    loud = [10.0, 12.0, 11.0, 9.0, 13.0]
    going = decide(loud, repeats)
    assert not going.done and going.more == 3 and "±2 % asked" in going.why
    spent = decide([*loud, 10.5], repeats, 8)
    assert spent.done and spent.why.startswith("budget of 8 sessions spent: ±")
    assert decide([], repeats, 8).why == "budget of 8 sessions spent: no interval, ±2 % asked"


def test_three_quiet_sessions_are_not_enough() -> None:
    """All three may sit on one of two placements."""
    assert not decide([1.0, 1.0, 1.0], Repeats(2.0, least=3, most=9)).done
    assert decide([1.0, 1.0, 1.0], Repeats(2.0, least=3, most=3)).why.startswith("budget of 3")


def test_its_interval_is_a_stricter_one() -> None:
    values = [1.0, 1.1, 1.05, 1.2, 1.02, 1.07, 1.03, 1.15]
    assert stopped_interval(values) == median_interval(values, LOOKING) != median_interval(values)


@pytest.mark.parametrize("wrong", [(0.0, 5, 9), (math.nan, 5, 9), (2.0, 2, 9), (2.0, 9, 8)])
def test_wrong_use(wrong: tuple[float, int, int]) -> None:
    with pytest.raises(ValueError):
        Repeats(*wrong)
    with pytest.raises(ValueError, match="cannot have given"):
        decide([1.0, 2.0], Repeats(2.0), run=1)


def test_the_simulation_stops_as_decide_does() -> None:
    phone, repeats = mixture("", "normal", 0.02), Repeats(2.0, 5, 30)
    found = stop(phone, repeats, np.random.default_rng(1), 60)
    times = phone.draw(np.random.default_rng(1), (60, 30))
    for row, sessions in zip(times, found.sessions, strict=True):
        count = 0
        while not (decision := decide([float(v) for v in row[:count]], repeats)).done:
            count += decision.more
        assert count == sessions


@pytest.mark.parametrize("repeats", [Repeats(2.0, 5, 15), Repeats(2.0, 5, 30), Repeats(3.0, 5, 60)], ids=str)
@pytest.mark.parametrize("phone", racks(), ids=lambda p: p.name)
def test_coverage_after_stopping(phone: Phone, repeats: Repeats) -> None:
    held = stop(phone, repeats, np.random.default_rng(11), 4000).held.mean()
    if phone.name.startswith("half of"):
        assert 0.875 <= held <= 0.95
    else:
        assert (0.925 if phone.name.startswith("45 %") else 0.945) <= held <= 0.99


def test_they_spend_at_most_half_the_phone_time() -> None:
    for row in adaptive.rows(seed=4, draws=4000, phones=[]):
        assert row[-1] == "ok" and float(row[4]) <= 0.5
