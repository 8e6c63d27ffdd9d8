"""Retries are bounded whatever goes wrong, and what brings phones down is stopped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.rack.failure import Kind
from harness.rack.retry import MOST_TRIES, POLICIES, PoisonBook, Retry, Stop, again

NEVER = {Kind.POISON, Kind.CANNOT, Kind.HOST, Kind.INTERRUPTED}


@given(st.lists(st.tuples(st.sampled_from(Kind), st.booleans()), min_size=MOST_TRIES, max_size=2 * MOST_TRIES))
def test_tries_are_bounded_and_pauses_are_capped(failures: list[tuple[Kind, bool]]) -> None:
    fruitless = 0
    for tries, (kind, progress) in enumerate(failures, start=1):
        fruitless = 1 if progress else fruitless + 1
        verdict = again(kind, tries, fruitless)
        if isinstance(verdict, Stop):
            assert verdict.kind is kind and verdict.reason
            return
        assert kind not in NEVER
        assert 0 < verdict.pause_s <= POLICIES[kind].longest_s <= 600
    raise AssertionError("it would be tried for ever")


@given(st.sampled_from(sorted(set(Kind) - NEVER)), st.integers(1, MOST_TRIES - 1))
def test_pauses_grow_and_progress_begins_a_new_row(kind: Kind, tries: int) -> None:
    row = [again(kind, n, n) for n in range(1, POLICIES[kind].tries)]
    pauses = [v.pause_s for v in row if isinstance(v, Retry)]
    assert len(pauses) == POLICIES[kind].tries - 1 >= 1, "it is tried more than once"
    assert pauses == sorted(pauses) and (len(pauses) == 1 or pauses[0] < pauses[-1])
    assert again(kind, tries, 1) == row[0]
    stopped = again(kind, POLICIES[kind].tries, POLICIES[kind].tries)
    assert stopped == Stop(kind, f"{POLICIES[kind].tries} tries in a row brought no result")


@pytest.mark.parametrize("kind", sorted(NEVER))
def test_what_does_not_pass_by_itself(kind: Kind) -> None:
    assert again(kind, 1, 1) == Stop(kind, "that does not pass by itself")


def test_a_job_with_results_from_every_try_ends_too() -> None:
    assert isinstance(again(Kind.REBOOTED, MOST_TRIES - 1, 1), Retry)
    assert again(Kind.REBOOTED, MOST_TRIES, 1) == Stop(Kind.REBOOTED, f"it was tried {MOST_TRIES} times")


def test_when_another_phone_is_better() -> None:
    def elsewhere(kind: Kind, fruitless: int) -> bool:
        verdict = again(kind, fruitless, fruitless)
        assert isinstance(verdict, Retry)
        return verdict.elsewhere

    assert [elsewhere(Kind.LINK_LOST, n) for n in (1, 2, 3)] == [False, True, True]
    assert elsewhere(Kind.BATTERY_LOW, 1) and elsewhere(Kind.LEASE_LOST, 1)
    assert not any(elsewhere(Kind.SERVER_LOST, n) for n in range(1, 10)), "no phone is at fault"


def test_every_kind_is_decided_on() -> None:
    assert set(POLICIES) | NEVER == set(Kind) and not set(POLICIES) & NEVER


def test_poison_on_one_phone_at_once_and_on_all_after_two() -> None:
    book = PoisonBook()
    assert not book.struck("m gpu", "P1") and not book.is_poison("m gpu", "P2")
    assert book.struck("m gpu", "P1")
    assert not book.is_poison("m gpu", "P2") and not book.is_poison("m cpu", "P1")
    assert book.struck("m gpu", "P2") and book.is_poison("m gpu", "P9")


def test_a_good_end_clears_a_phone_and_makes_the_work_less_suspect() -> None:
    book = PoisonBook()
    book.struck("m gpu", "P1")
    book.survived("m gpu", "P1")
    assert [book.struck("m gpu", "P1") for _ in range(4)] == [False, False, False, True]
    assert not book.struck("m gpu", "P2") and not book.is_poison("m gpu", "P9")
    book.survived("m gpu", "P1")
    assert not book.is_poison("m gpu", "P1")


strikes = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("PQR"), st.booleans()), max_size=60)


@given(strikes, st.integers(1, 3), st.integers(1, 3))
def test_poison_is_never_run_again_and_costs_a_bounded_number_of_falls(
    tries: list[tuple[str, str, bool]], most: int, phones: int
) -> None:
    book = PoisonBook(most, phones)
    row: dict[tuple[str, str], int] = {}
    for condition, phone, well in tries:
        if book.is_poison(condition, phone):
            continue
        if well:
            book.survived(condition, phone)
            row[condition, phone] = 0
        else:
            row[condition, phone] = row.get((condition, phone), 0) + 1
            assert book.struck(condition, phone) == book.is_poison(condition, phone)
        assert all(n <= 2 * most for n in row.values())


@given(strikes)
def test_what_never_ends_well_brings_phones_down_three_times_at_most(
    tries: list[tuple[str, str, bool]],
) -> None:
    book = PoisonBook()
    falls = 0
    for _, phone, _ in tries:
        if not book.is_poison("a", phone):
            falls += 1
            book.struck("a", phone)
    assert falls <= 3
