"""What a gauge is like, from samples of known gauges."""

from __future__ import annotations

import pytest

from harness.measure.gauge import describe_gauges
from harness.measure.sampler import SamplerLog


def log(currents: list[float], volts: float = 4_000_000.0, period_s: float = 0.1) -> SamplerLog:
    times = tuple(period_s * i for i in range(len(currents)))
    columns: dict[str, tuple[float | None, ...]] = {
        "battery.current_now": tuple(currents),
        "battery.voltage_now": (volts,) * len(currents),
    }
    return SamplerLog(period_s, None, times, columns, True)


def steps(first: float, step: float, held: int, count: int) -> list[float]:
    return [first + step * (i % 3) for i in range(count) for _ in range(held)]


def test_unit_sign_refresh_and_step() -> None:
    (facts,) = describe_gauges(log(steps(-300_000, 1000, 5, 12)), None)
    assert (facts.unit, facts.discharge_sign, facts.unit_reason) == ("ua", -1, None)
    assert facts.refresh_s == pytest.approx(0.5) and facts.step == 1000 and facts.median == -299_000


def test_milliampere_of_the_other_sign() -> None:
    (facts,) = describe_gauges(log(steps(400, 2, 10, 8)), None)
    assert (facts.unit, facts.discharge_sign) == ("ma", 1) and facts.refresh_s == pytest.approx(1.0) and facts.step == 2


def test_what_cannot_be_seen_is_said() -> None:
    (charging,) = describe_gauges(log(steps(-300_000, 1000, 5, 12)), "charging over USB")
    assert charging.unit is None and charging.unit_reason == "charging over USB: unit and sign show only on battery"
    (still,) = describe_gauges(log([-300_000.0] * 40), None)
    assert still.refresh_s is None and still.refresh_reason == "its value changed 0 times in 4 s"
    (odd,) = describe_gauges(log(steps(-3, 1, 5, 12)), None)
    assert odd.unit is None and odd.unit_reason == "no unit, or more than one, makes it the power of a phone"
