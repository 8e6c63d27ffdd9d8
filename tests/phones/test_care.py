"""When a phone may start a job: the same answer for a phone as it is, and for any course of charge and heat."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.limits import CareLimits
from harness.phones.care import HOT, LOW, Decision, GiveUp, Ready, Wait, decide
from harness.phones.probe import BatteryState

LIMITS = CareLimits()


def battery(level_pct: float | None = 80.0, celsius: float | None = 28.0, *plugged: str) -> BatteryState:
    """A battery; on a charger where one is named."""
    return BatteryState(level_pct, celsius, None, False, plugged)


def test_a_charged_cool_phone_starts_at_once() -> None:
    assert decide(battery(), LIMITS) == Ready()
    assert decide(battery(None, None), LIMITS) == Ready(), "what is unknown does not hold it up"


def test_a_low_phone_charges_to_the_upper_end() -> None:
    first = decide(battery(19.0, 28.0, "usb"), LIMITS)
    assert first == Wait((LOW,), "its battery is at 19 % and charges to 20 % first", 3600.0, 19.0)
    assert isinstance(decide(battery(22.0, 28.0, "usb"), LIMITS, 600, first), Wait)
    assert decide(battery(25.0, 28.0, "usb"), LIMITS, 900, first) == Ready()


def test_a_hot_phone_cools_to_the_lower_end() -> None:
    first = decide(battery(21.0, 41.0, "usb"), LIMITS)
    assert isinstance(first, Wait) and first.kinds == (HOT,)
    assert isinstance(decide(battery(21.0, 39.0, "usb"), LIMITS, 60, first), Wait)
    assert decide(battery(21.0, 38.0, "usb"), LIMITS, 120, first) == Ready(), "it did not wait for charge"


def test_what_nothing_charges_is_not_waited_for() -> None:
    reason = "its battery is at 18 % and charges to 20 % first, and nothing charges it"
    assert decide(battery(18.0), LIMITS) == GiveUp(LOW, reason, "charge it")
    assert isinstance(decide(replace(battery(18.0), plugged=None), LIMITS), Wait), "what charges it is not known"


def test_a_charger_that_gives_too_little_is_not_waited_for() -> None:
    first = decide(battery(19.0, 28.0, "usb"), LIMITS)
    later = decide(battery(17.0, 28.0, "usb"), LIMITS, 600.0, first)
    assert isinstance(later, Wait) and later.from_pct == 19.0
    assert isinstance(decide(battery(18.0, 28.0, "usb"), LIMITS, 900.0, later), Wait), "gauges count in steps"
    over = decide(battery(17.0, 28.0, "usb"), LIMITS, 900.0, later)
    assert isinstance(over, GiveUp) and over.reason == "its battery fell from 19 to 17 % in 15 minutes on a charger"


def test_a_wait_ends() -> None:
    over = decide(battery(80.0, 44.0), LIMITS, 3600.0)
    assert isinstance(over, GiveUp) and over.kind == HOT and over.advice.startswith("give it air")
    assert over.reason == "its battery is at 44.0 °C and cools down to 40 °C first, after a wait of 60 minutes"


def test_a_phone_that_gets_no_further_starts_where_it_may() -> None:
    low = Wait((LOW,), "low", 100.0, 19.0)
    for status in ("full", "not charging"):
        done = replace(battery(21.0, 28.0, "usb"), status=status)
        assert decide(done, LIMITS, 60.0, low) == Ready(), "its owner limits the charge"
        assert isinstance(decide(replace(done, level_pct=19.0), LIMITS, 60.0, low), Wait)
    assert isinstance(decide(battery(21.0, 28.0, "usb"), LIMITS, 3599.0, low), Wait)
    assert decide(battery(21.0, 28.0, "usb"), LIMITS, 3600.0, low) == Ready()
    assert decide(battery(80.0, 39.0), LIMITS, 3600.0, Wait((HOT,), "hot", 1.0)) == Ready()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"start_pct": 10.0}, "^10 is below floor_pct, 15$"),
        ({"resume_pct": 19.0}, "^19 is below start_pct, 20$"),
        ({"resume_c": 41.0}, "^40 is below resume_c, 41$"),
        ({"hard_stop_c": 40.0}, "^40 is not above max_start_c, 40$"),
    ],
)
def test_limits_that_contradict_each_other(changes: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(LIMITS, **changes)


@st.composite
def limits(draw: st.DrawFn) -> CareLimits:
    """Any limits that fit together."""
    floor, start, resume = sorted(draw(st.tuples(*[st.floats(0, 100)] * 3)))
    cool, hot = sorted(draw(st.tuples(*[st.floats(0, 60)] * 2)))
    stop = draw(st.none() | st.floats(61, 90))
    return CareLimits(floor, start, resume, hot, cool, stop, draw(st.floats(0, 7200)))


batteries = st.builds(
    BatteryState,
    level_pct=st.none() | st.floats(0, 100),
    temperature_c=st.none() | st.floats(-20, 90),
    charging=st.none(),
    faked=st.booleans(),
    plugged=st.sampled_from([None, (), ("usb",), ("ac",)]),
    status=st.sampled_from([None, "charging", "discharging", "not charging", "full"]),
)


@given(limits(), st.lists(batteries, min_size=1, max_size=40), st.sampled_from([30.0, 600.0]))
def test_any_course_of_a_wait(care: CareLimits, course: list[BatteryState], step_s: float) -> None:
    """Never ready below the floor or too hot, no stop right after a wait, no wait without an end."""
    waited_s = 0.0
    before: Decision | None = None
    for state in course:
        level, celsius = state.level_pct, state.temperature_c
        decision = decide(state, care, waited_s, before)
        if isinstance(decision, Ready):
            assert level is None or level >= care.start_pct >= care.floor_pct
            assert celsius is None or celsius <= care.max_start_c
            assert decide(state, care) == Ready(), "the next job starts from here as well"
            return
        if isinstance(decision, GiveUp):
            lost = isinstance(before, Wait) and waited_s >= 900 and (before.from_pct or 0) > (level or 0)
            assert decision.reason and decision.advice and (waited_s >= care.wait_s or state.plugged == () or lost)
            return
        assert waited_s < care.wait_s and decision.left_s == care.wait_s - waited_s and decision.kinds
        waited_s, before = waited_s + step_s, decision


@given(limits(), st.floats(0, 1), st.floats(0, 1))
def test_no_flapping_inside_the_window(care: CareLimits, charge: float, heat: float) -> None:
    """Between start and resume a phone that works goes on working, and one that rests goes on resting."""
    level = care.start_pct + charge * (care.resume_pct - care.start_pct)
    celsius = care.resume_c + heat * (care.max_start_c - care.resume_c)
    # Rounding may put the ends of the window outside it.
    level, celsius = (
        min(max(level, care.start_pct), care.resume_pct),
        min(max(celsius, care.resume_c), care.max_start_c),
    )
    state = BatteryState(level, celsius, None, False, ("usb",), "charging")
    assert decide(state, care) == Ready()
    resting = decide(state, replace(care, wait_s=10.0), 1.0, Wait((LOW, HOT), "low and hot", 9.0, level))
    assert isinstance(resting, Wait) or (level >= care.resume_pct and celsius <= care.resume_c)
