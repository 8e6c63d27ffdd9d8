"""When a phone may start a job: the same answer for a phone as it is, and for any course of charge and heat."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.limits import CareLimits
from harness.phones.care import ASK_AGAIN_S, HOT, LOW, Decision, GiveUp, Ready, Wait, decide
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
    assert decide(battery(18.0), LIMITS) == GiveUp(LOW, "its battery is at 18 % and charges to 20 % first, and nothing "
                                                   "charges it")  # fmt: skip
    assert isinstance(decide(replace(battery(18.0), plugged=None), LIMITS), Wait), "what charges it is not known"


def test_a_charger_that_gives_too_little_is_not_waited_for() -> None:
    first = decide(battery(19.0, 28.0, "usb"), LIMITS)
    assert (
        isinstance(later := decide(battery(17.0, 28.0, "usb"), LIMITS, 600.0, first), Wait) and later.from_pct == 19.0
    )
    assert isinstance(decide(battery(18.0, 28.0, "usb"), LIMITS, 900.0, later), Wait), "gauges count in steps"
    assert decide(battery(17.0, 28.0, "usb"), LIMITS, 900.0, later) == GiveUp(
        LOW, "its battery fell from 19 to 17 % in 15 minutes on a charger"
    )


def test_a_wait_ends() -> None:
    assert decide(battery(80.0, 44.0), LIMITS, 3600.0) == GiveUp(
        HOT, "its battery is at 44.0 °C and cools down to 40 °C first, after a wait of 60 minutes"
    )


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
)


@given(limits(), st.lists(batteries, min_size=1, max_size=40))
def test_any_course_of_a_wait(care: CareLimits, course: list[BatteryState]) -> None:
    """Never ready below the floor, no stop right after a wait, no wait without an end."""
    waited_s, before = 0.0, None  # type: float, Decision | None
    for state in course:
        decision = decide(state, care, waited_s, before)
        if isinstance(decision, Ready):
            assert state.level_pct is None or state.level_pct >= max(care.floor_pct, care.start_pct)
            assert state.temperature_c is None or state.temperature_c <= care.max_start_c
            assert decide(state, care) == Ready(), "the next job starts from here as well"
            waited = before.kinds if isinstance(before, Wait) else ()
            assert LOW not in waited or state.level_pct is None or state.level_pct >= care.resume_pct
            assert HOT not in waited or state.temperature_c is None or state.temperature_c <= care.resume_c
            return
        if isinstance(decision, GiveUp):
            lost = isinstance(before, Wait) and waited_s >= 900 and (before.from_pct or 0) > (state.level_pct or 0)
            assert decision.reason and (waited_s >= care.wait_s or state.plugged == () or lost)
            return
        assert waited_s < care.wait_s and decision.left_s == care.wait_s - waited_s and decision.kinds
        waited_s, before = waited_s + ASK_AGAIN_S, decision


@given(limits(), st.floats(0, 100), st.floats(0, 100))
def test_no_flapping_inside_the_window(care: CareLimits, one: float, other: float) -> None:
    """A phone whose charge goes up and down between start and resume either works on or charges on."""
    span = care.resume_pct - care.start_pct
    levels = [care.start_pct + share / 100 * span for share in (one, other)]
    working = [decide(battery(level, None, "usb"), care) for level in levels]
    assert working == [Ready(), Ready()]
    low: Decision = Wait((LOW,), "low", 1.0)
    charging = [decide(battery(level, None, "usb"), replace(care, wait_s=10.0), 1.0, low) for level in levels]
    assert all(isinstance(d, Wait) or level >= care.resume_pct for d, level in zip(charging, levels, strict=True))
