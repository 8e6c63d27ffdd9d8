"""Each state of a rack phone: what events lead to, and its deadline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.rack.events import Action, AdbSaw, Checked, Event, Freed, Held, Late, Leased, Recovered, Released
from harness.rack.failure import Failure, Kind
from harness.rack.machine import HANDLERS, deadline, first, step
from harness.rack.machine.checking import PATIENCE_S, RECHECK_S
from harness.rack.machine.moves import MOST_DROPS, MOST_RECOVERIES, QUARANTINE_S
from harness.rack.status import PhoneStatus, RackState

S = RackState
SILENT = Failure(Kind.NO_ANSWER, "its shell does not answer")
HOT = Failure(Kind.TOO_HOT, "the battery is at 50 °C")


def run(status: PhoneStatus, *events: Event, at: float = 0.0, expected: bool = True) -> tuple[PhoneStatus, Action]:
    """All events at one time."""
    action = Action.NOTHING
    for event in events:
        status, action = step(status, event, at, expected=expected)
    return status, action


def to(*events: Event, at: float = 0.0) -> PhoneStatus:
    return run(first(0.0, expected=True), *events, at=at)[0]


CHECKING = to(AdbSaw("device"))
READY = to(AdbSaw("device"), Checked())
LEASED = to(AdbSaw("device"), Checked(), Leased("me@host:1", 500.0))
RECOVERING = to(AdbSaw("device"), Checked(SILENT))
QUARANTINED = to(AdbSaw("device"), Checked(SILENT), Recovered(SILENT))
OFFLINE = to(AdbSaw("offline"))


def late(status: PhoneStatus, expected: bool = True) -> tuple[PhoneStatus, Action]:
    """At its deadline; and it is checked that a moment before nothing happens."""
    due = deadline(status)
    assert due is not None
    assert step(status, Late(), due - 0.01, expected=expected) == (status, Action.NOTHING)
    return step(status, Late(), due, expected=expected)


# --- absent


def test_a_phone_that_comes_is_checked() -> None:
    assert run(first(0.0, expected=True), AdbSaw("device")) == (CHECKING, Action.CHECK)
    assert CHECKING.state is S.CHECKING


@pytest.mark.parametrize(
    "word", ["offline", "unauthorized", "authorizing", "no permissions (user in plugdev?)", "host"]
)
def test_a_phone_that_is_not_usable_connects_with_advice(word: str) -> None:
    status, action = run(first(0.0, expected=True), AdbSaw(word))
    assert (status.state, action) == (S.CONNECTING, Action.NOTHING)
    assert status.reason and status.reason in word and status.advice


def test_an_expected_phone_that_stays_away_is_looked_for_and_then_told_once() -> None:
    status, action = late(first(0.0, expected=True))
    assert (status.state, action, status.failure and status.failure.kind) == (
        S.RECOVERING,
        Action.RECOVER,
        Kind.LINK_LOST,
    )
    status, action = run(status, Recovered(Failure(Kind.LINK_LOST, "adb does not name it")))
    assert (status.state, action) == (S.NEEDS_PERSON, Action.TELL)
    assert "cable" in status.advice
    for _ in range(5):
        status, action = late(status)
        assert (status.state, action) == (S.NEEDS_PERSON, Action.NOTHING)  # nothing to check, nobody told twice


def test_a_phone_that_nobody_expects_may_stay_away() -> None:
    status, action = late(first(0.0, expected=False), expected=False)
    assert (status.state, action) == (S.ABSENT, Action.NOTHING)
    assert deadline(status) == 40.0


def test_nobody_is_told_of_a_phone_that_is_not_expected_and_gone_after_its_job() -> None:
    gone = Failure(Kind.LINK_LOST, "the link stayed lost")
    status, _ = run(LEASED, AdbSaw(None), Released(gone), expected=False)
    status, action = run(status, Recovered(gone), expected=False)
    assert (status.state, action) == (S.ABSENT, Action.NOTHING)


# --- connecting


def test_connecting_for_too_long_is_a_failure_of_the_link() -> None:
    status, action = late(OFFLINE)
    assert (status.state, action) == (S.RECOVERING, Action.RECOVER)
    assert status.failure == Failure(Kind.OFFLINE, "it stays offline")


@pytest.mark.parametrize("word", ["unauthorized", "authorizing", "no permissions (missing udev rules?)"])
def test_what_needs_a_tap_needs_a_person(word: str) -> None:
    status, action = late(to(AdbSaw(word)))
    assert (status.state, action) == (S.NEEDS_PERSON, Action.TELL)
    assert status.advice
    # The tap is seen at once.
    assert run(status, AdbSaw("device"))[0].state is S.CHECKING


def test_the_deadline_runs_from_the_first_word() -> None:
    status, _ = step(OFFLINE, AdbSaw("authorizing"), 50.0, expected=True)
    assert status.reason == "authorizing"
    assert deadline(status) == deadline(OFFLINE)


def test_a_phone_that_connects_or_goes() -> None:
    assert run(OFFLINE, AdbSaw("device")) == (CHECKING, Action.CHECK)
    assert run(OFFLINE, AdbSaw(None))[0].state is S.ABSENT


# --- checking


def test_a_good_check_makes_it_ready() -> None:
    assert run(CHECKING, Checked()) == (READY, Action.NOTHING)
    assert READY.state is S.READY


@pytest.mark.parametrize("kind", sorted(PATIENCE_S))
def test_what_passes_is_waited_for_with_looks_and_a_deadline(kind: Kind) -> None:
    failure = Failure(kind, "wait")
    status, action = run(CHECKING, Checked(failure, "let it be"))
    assert (status.state, action, status.failure, status.advice) == (S.CHECKING, Action.NOTHING, failure, "let it be")
    looks = 0
    while status.state is S.CHECKING:
        status, action = late(status)
        assert action is Action.CHECK
        looks += 1
        now = deadline(status)
        assert now is not None
        now -= 59.0
        status, action = step(status, Checked(failure), now, expected=True)
    # Each look takes a second here.
    assert looks == -(-PATIENCE_S[kind] // (RECHECK_S[kind] + 1))
    assert (status.state, action) == (S.RECOVERING, Action.RECOVER)


def test_it_is_ready_as_soon_as_it_is_cool() -> None:
    status, _ = run(CHECKING, Checked(HOT))
    status, _ = late(status)
    assert run(status, Checked())[0].state is S.READY


@pytest.mark.parametrize("kind", [Kind.NO_ANSWER, Kind.STORAGE_FULL, Kind.JOB_HUNG, Kind.JOB_DIED])
def test_what_a_ladder_may_heal_is_recovered(kind: Kind) -> None:
    status, action = run(CHECKING, Checked(Failure(kind, "ill")))
    assert (status.state, action, status.reason) == (S.RECOVERING, Action.RECOVER, "ill")


def test_an_unfit_phone_needs_a_person_with_the_advice_of_the_check() -> None:
    status, action = run(CHECKING, Checked(Failure(Kind.UNFIT, "its clock is set back"), "set it"))
    assert (status.state, action, status.advice) == (S.NEEDS_PERSON, Action.TELL, "set it")


def test_a_check_that_does_not_end_is_no_answer() -> None:
    status, action = late(CHECKING)
    assert (status.state, action) == (S.RECOVERING, Action.RECOVER)
    assert status.failure and status.failure.kind is Kind.NO_ANSWER


def test_the_answer_of_a_check_before_the_link_was_lost_says_nothing() -> None:
    status, _ = step(CHECKING, AdbSaw(None), 5.0, expected=True)
    status, _ = step(status, AdbSaw("device"), 8.0, expected=True)
    assert step(status, Checked(SILENT, asked_s=0.0), 9.0, expected=True) == (status, Action.NOTHING)
    assert step(status, Checked(SILENT, asked_s=8.0), 9.0, expected=True)[1] is Action.RECOVER
    # One look after another at a phone that waits is of the same state.
    status, _ = step(status, Checked(HOT, asked_s=8.0), 9.0, expected=True)
    assert step(status, Checked(asked_s=70.0), 71.0, expected=True)[0].state is S.READY


def test_a_recheck_that_does_not_end_is_no_answer_too() -> None:
    status, _ = late(run(CHECKING, Checked(HOT))[0])
    status, action = late(status)
    assert (status.state, action) == (S.RECOVERING, Action.RECOVER)


@pytest.mark.parametrize("status", [CHECKING, READY], ids=["checking", "ready"])
def test_a_phone_without_a_job_that_goes_is_absent_for_a_while_before_anybody_hears(status: PhoneStatus) -> None:
    gone, action = step(status, AdbSaw(None), 100.0, expected=True)
    assert (gone.state, action) == (S.ABSENT, Action.NOTHING)
    assert deadline(gone) == 120.0
    assert run(gone, AdbSaw("device"), at=105.0)[0].state is S.CHECKING
    assert step(status, AdbSaw("offline"), 100.0, expected=True)[0].state is S.CONNECTING


def test_a_link_that_flaps_is_ill_itself() -> None:
    status = READY
    for _ in range(MOST_DROPS):
        assert status.state is S.READY
        status, _ = run(status, AdbSaw(None))
        status, action = run(status, AdbSaw("device"))
        if status.state is S.CHECKING:
            status, _ = run(status, Checked())
    assert (status.state, action) == (S.RECOVERING, Action.RECOVER)
    assert status.failure and status.failure.kind is Kind.LINK_LOST
    # A ladder that helped is the link's new chance.
    assert run(status, Recovered(), Checked())[0].drops == 0


# --- ready


def test_an_idle_phone_is_looked_at_again() -> None:
    assert late(READY)[1] is Action.CHECK


def test_a_run_takes_it() -> None:
    assert LEASED.state is S.LEASED
    assert "me@host:1" in LEASED.reason


# --- leased


def test_a_lost_link_does_not_end_a_lease() -> None:
    status, action = run(LEASED, AdbSaw(None))
    assert (status.state, action, status.adb) == (S.LEASED, Action.NOTHING, None)


def test_a_job_that_ended_well_is_followed_by_a_check_and_clears_the_counts() -> None:
    status, action = run(replace(LEASED, recoveries=2, quarantines=1, drops=3), Released())
    assert (status.state, action) == (S.CHECKING, Action.CHECK)
    assert (status.recoveries, status.quarantines, status.drops) == (0, 0, 0)


def test_a_job_that_ended_well_on_a_phone_that_is_gone() -> None:
    assert run(LEASED, AdbSaw(None), Released())[0].state is S.ABSENT


def test_a_job_that_failed_by_the_phone_starts_the_ladder() -> None:
    status, action = run(LEASED, Released(SILENT))
    assert (status.state, action, status.failure) == (S.RECOVERING, Action.RECOVER, SILENT)


@pytest.mark.parametrize("kind", [Kind.TOO_HOT, Kind.BATTERY_LOW, Kind.POISON, Kind.CANNOT, Kind.LEASE_LOST, Kind.HOST])
def test_what_says_nothing_against_the_phone_or_passes_is_checked(kind: Kind) -> None:
    status, action = run(LEASED, Released(Failure(kind, "so")))
    assert (status.state, action) == (S.CHECKING, Action.CHECK)


def test_a_phone_that_ends_job_after_job_by_heat_is_given_up() -> None:
    status = LEASED
    for _ in range(MOST_RECOVERIES):
        status, _ = run(status, Released(HOT), Checked(), Leased("me", 500.0))
        assert status.state is S.LEASED
    assert run(status, Released(HOT))[1] is Action.TELL


def test_the_end_of_a_lease() -> None:
    assert deadline(LEASED) == 500.0
    assert late(LEASED)[1] is Action.CHECK
    longer, _ = run(LEASED, Leased("me@host:1", 900.0))
    assert deadline(longer) == 900.0


def test_draining_lets_the_job_end_first() -> None:
    status, action = run(LEASED, Held(S.DRAINING, "for repair", "none", None))
    assert (status.state, action, status.draining) == (S.LEASED, Action.NOTHING, True)
    status, _ = run(status, Released())
    assert (status.state, status.reason, status.draining) == (S.DRAINING, "for repair", True)
    assert deadline(status) is None


def test_a_hold_that_is_lifted_before_the_job_ended_is_forgotten() -> None:
    status, _ = run(LEASED, Held(S.QUARANTINED, "odd"), Freed(), Released())
    assert status.state is S.CHECKING


@pytest.mark.parametrize("event", [Released(SILENT), Late()])
def test_a_phone_taken_out_goes_there_however_its_job_ends(event: Event) -> None:
    status, _ = run(LEASED, Held(S.NEEDS_PERSON, "odd"))
    status, action = step(status, event, 500.0, expected=True)
    assert (status.state, status.held, action) == (S.NEEDS_PERSON, True, Action.NOTHING)
    assert status.since_s == 500.0


# --- recovering


def test_a_phone_that_is_well_again_is_checked() -> None:
    status, action = run(replace(RECOVERING, adb=None), Recovered())
    assert (status.state, action, status.recoveries) == (S.CHECKING, Action.CHECK, 1)


def test_quarantines_grow_and_then_a_person_is_called() -> None:
    status, lasted, now = CHECKING, [], 0.0
    for _ in QUARANTINE_S:
        status, action = run(status, Checked(SILENT), Recovered(SILENT), at=now)
        assert (status.state, action, status.reason) == (S.QUARANTINED, Action.QUARANTINE, SILENT.message)
        assert status.until_s is not None
        lasted.append(status.until_s - now)
        now = status.until_s
        status, action = late(status)
        assert (status.state, action) == (S.CHECKING, Action.CHECK)
    assert tuple(lasted) == QUARANTINE_S and sorted(lasted) == lasted
    status, action = run(status, Checked(SILENT), Recovered(SILENT), at=now)
    assert (status.state, action) == (S.NEEDS_PERSON, Action.TELL)


def test_a_ladder_that_does_not_end_counts_as_one_that_failed() -> None:
    status, action = late(RECOVERING)
    assert (status.state, action, status.failure) == (S.QUARANTINED, Action.QUARANTINE, SILENT)


def test_recoveries_that_do_not_last_end_in_quarantine() -> None:
    status = CHECKING
    for _ in range(MOST_RECOVERIES):
        status, _ = run(status, Checked(SILENT), Recovered())
        assert status.state is S.CHECKING
    assert run(status, Checked(SILENT))[1] is Action.QUARANTINE


def test_a_phone_that_asks_for_a_tap_after_its_reboot_needs_a_person() -> None:
    status, action = run(RECOVERING, Recovered(Failure(Kind.UNAUTHORIZED, "it asks")))
    assert (status.state, action) == (S.NEEDS_PERSON, Action.TELL)


# --- quarantined, draining, needs a person


def test_a_quarantined_phone_is_left_alone_until_its_end() -> None:
    for event in (AdbSaw(None), AdbSaw("device"), Checked(), Leased("x", 9.0), Released(), Recovered()):
        assert run(QUARANTINED, event)[0].state is S.QUARANTINED
    gone = run(QUARANTINED, AdbSaw(None))[0]
    assert late(gone)[0].state is S.ABSENT


def test_a_quarantined_phone_can_be_put_back() -> None:
    status, action = run(QUARANTINED, Freed())
    assert (status.state, action, status.quarantines) == (S.CHECKING, Action.CHECK, 0)


@pytest.mark.parametrize("state", [S.QUARANTINED, S.DRAINING, S.NEEDS_PERSON])
def test_a_hold_by_hand_ends_by_hand_or_at_its_expiry(state: RackState) -> None:
    forever, action = run(READY, Held(state, "mine", "ask me"))
    assert (forever.state, action, forever.reason, forever.advice) == (state, Action.NOTHING, "mine", "ask me")
    assert deadline(forever) is None
    assert run(forever, Late(), at=1e9)[0] == forever
    assert run(forever, Freed()) == (CHECKING, Action.CHECK)
    for event in (AdbSaw(None), AdbSaw("device"), Checked(), Recovered(), Released(), Leased("x", 9.0)):
        forever, action = run(forever, event)
        assert (forever.state, forever.held, action) == (state, True, Action.NOTHING)
    short, _ = run(READY, Held(state, "mine", "", 60.0))
    after, action = late(short)
    assert (after.state, action) == (S.CHECKING, Action.CHECK)


def test_whoever_needs_a_person_is_looked_at_now_and_then() -> None:
    status, _ = run(CHECKING, Checked(Failure(Kind.UNFIT, "odd")))
    assert deadline(status) == 600.0
    status, action = late(status)
    assert (status.state, action, deadline(status)) == (S.NEEDS_PERSON, Action.CHECK, 1200.0)
    worse, action = run(status, Checked(SILENT))
    assert (worse.state, action, worse.reason) == (S.NEEDS_PERSON, Action.NOTHING, SILENT.message)
    assert run(status, Checked())[0].state is S.READY
    # The answer of a look at a phone that is gone by now says nothing.
    assert run(status, AdbSaw(None), Checked())[0].state is S.NEEDS_PERSON


def test_a_phone_that_somebody_plugged_in_again_is_checked_and_gets_one_more_ladder() -> None:
    status, _ = run(CHECKING, Checked(Failure(Kind.UNFIT, "odd")), AdbSaw(None), AdbSaw("device"))
    assert status.state is S.CHECKING
    status, action = run(status, Checked(SILENT))
    assert action is Action.RECOVER
    assert run(status, Recovered(SILENT))[1] is Action.TELL


def test_every_state_has_a_handler() -> None:
    assert set(HANDLERS) == set(RackState)
