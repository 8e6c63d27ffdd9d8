"""What holds for every state and every sequence of events."""

from __future__ import annotations

import math
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.rack.events import Action, AdbSaw, Checked, Event, Freed, Held, Late, Leased, Recovered, Released
from harness.rack.failure import Failure, Kind
from harness.rack.machine import deadline, first, step
from harness.rack.machine.moves import NOT_THE_PHONE
from harness.rack.status import PhoneStatus, RackState

OUTSIDE = (RackState.QUARANTINED, RackState.DRAINING, RackState.NEEDS_PERSON)
words = st.sampled_from([None, "device", "offline", "unauthorized", "no permissions (x)", "recovery", "connecting"])
failures = st.builds(Failure, st.sampled_from(Kind), st.just("so it is"))
seconds = st.floats(0, 1e5, allow_nan=False)
held = st.builds(Held, st.sampled_from(OUTSIDE), st.just("mine"), st.just(""), st.none() | seconds)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(AdbSaw, words),
    st.builds(Checked, st.none() | failures),
    st.builds(Leased, st.just("me"), seconds),
    st.builds(Released, st.none() | failures),
    st.builds(Recovered, st.none() | failures),
    held,
    st.just(Freed()),
    st.just(Late()),
)
#: A phone on which nothing goes well for long: checks, ladders and jobs fail, the link goes and comes.
TROUBLES = ("fail", "lie", "flap", "lease", "late")
OF_THE_PHONE = sorted(set(Kind) - NOT_THE_PHONE)
#: Looks at a phone that charges, one every five minutes for three hours, are the most of them.
MOST_STEPS = 600
#: Seconds that pass before each event.
histories = st.lists(st.tuples(st.floats(0, 4000), events), max_size=40)


def walk(
    history: list[tuple[float, Event]], expected: bool
) -> list[tuple[float, Event, PhoneStatus, PhoneStatus, Action]]:
    """Every step of a history: when, the event, the status before and after it, the action."""
    now, status, steps = 0.0, first(0.0, expected=expected), []
    for gap, event in history:
        now += gap
        after, action = step(status, event, now, expected=expected)
        steps.append((now, event, status, after, action))
        status = after
    return steps


@settings(max_examples=400, deadline=None)
@given(histories, st.booleans())
def test_no_event_in_any_state_raises_and_every_status_is_whole(
    history: list[tuple[float, Event]], expected: bool
) -> None:
    for now, event, before, after, action in walk(history, expected):
        assert isinstance(after, PhoneStatus) and isinstance(action, Action)
        if after.state is not before.state:
            assert after.since_s == now
        assert (action is Action.RECOVER) == (after.state is RackState.RECOVERING and before.state is not after.state)
        if action is Action.RECOVER:
            assert after.failure is not None
        if action is Action.QUARANTINE:
            assert after.state is RackState.QUARANTINED and after.until_s is not None and after.until_s > now
        if action is Action.CHECK:
            assert after.state in (RackState.CHECKING, RackState.NEEDS_PERSON) and after.adb == "device"
        if after.state in OUTSIDE or after.state is RackState.RECOVERING:
            assert after.reason
        if after.held:
            assert after.state in OUTSIDE
        if isinstance(event, Late) and after != before:
            due = deadline(after)
            assert due is None or due > now or after.until_s is not None


@settings(max_examples=400, deadline=None)
@given(histories, st.booleans())
def test_every_state_but_a_hold_by_hand_ends(history: list[tuple[float, Event]], expected: bool) -> None:
    for *_, after, _ in walk(history, expected):
        if not (after.held and after.until_s is None):
            due = deadline(after)
            assert due is not None and math.isfinite(due)


@settings(max_examples=200, deadline=None)
@given(histories, held, histories, st.booleans())
def test_a_hold_by_hand_is_left_by_hand_or_at_its_expiry_only(
    before: list[tuple[float, Event]], hold: Held, after: list[tuple[float, Event]], expected: bool
) -> None:
    start = [(g, e) for g, e in before if not isinstance(e, Leased)]
    taken = hold
    for now, event, was, is_now, _ in walk([*start, (0.0, hold), *after], expected)[len(start) :]:
        if isinstance(event, Held):
            taken = event
        elif isinstance(event, Freed) or (
            isinstance(event, Late) and taken.until_s is not None and now >= taken.until_s
        ):
            return
        elif was.held:
            assert is_now.held
        assert (is_now.state, is_now.held, is_now.until_s) == (taken.state, True, taken.until_s)


@settings(max_examples=200, deadline=None)
@given(histories, st.booleans())
def test_a_late_that_comes_early_or_twice_changes_nothing(history: list[tuple[float, Event]], expected: bool) -> None:
    steps = walk(history, expected)
    status = steps[-1][3] if steps else first(0.0, expected=expected)
    due = deadline(status)
    if due is not None:
        assert step(status, Late(), due - 1.0, expected=expected) == (status, Action.NOTHING)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32), st.sets(st.sampled_from(TROUBLES), min_size=1), st.sets(st.sampled_from(OF_THE_PHONE)))
def test_repeated_failure_always_ends_with_a_person(seed: int, mix: set[str], kinds: set[Kind]) -> None:
    lot = random.Random(seed)
    now, status = 0.0, first(0.0, expected=True)
    for _ in range(MOST_STEPS):
        if status.state is RackState.NEEDS_PERSON:
            return
        failure = Failure(lot.choice(sorted(kinds) or [Kind.NO_ANSWER]), "ill")
        now, event = _trouble(status, lot.choice(sorted(mix)), failure, now)
        status, _ = step(status, event, now, expected=True)
    raise AssertionError(f"still {status} after {MOST_STEPS} troubles")


def _trouble(status: PhoneStatus, what: str, failure: Failure, now: float) -> tuple[float, Event]:
    """The next thing that goes wrong: never a job that ends well, and never a hand that helps."""
    due = deadline(status)
    assert due is not None
    if now + 20 >= due or what == "late" or (what == "flap" and status.state is RackState.QUARANTINED):
        return max(now, due), Late()
    if what == "flap":
        return now + 20, AdbSaw(None if status.adb == "device" else "device")
    match status.state:
        case RackState.ABSENT | RackState.CONNECTING:
            return now + 20, AdbSaw("device" if what == "lie" else "offline")
        case RackState.CHECKING if status.waiting:
            return max(now, due), Late()
        case RackState.CHECKING:
            return now + 20, Checked(None if what in ("lie", "lease") else failure)
        case RackState.RECOVERING:
            return now + 20, Recovered(None if what == "lie" else failure)
        case RackState.READY:
            return now + 20, Leased("me", now + 100)
        case RackState.LEASED:
            return now + 20, Released(failure)
        case _:
            return max(now, due), Late()
