"""Gauges that hang, average, or show one of two packs; and what a profile that names none of it keeps."""

from __future__ import annotations

import itertools

import pytest

from harness.virtual.nodes import supplies
from harness.virtual.physics.battery import Cell
from harness.virtual.physics.gauge import GaugeReading
from harness.virtual.profile import Battery, Gauge, profiles

PLAIN = {"refresh_s": 1.0, "lag_s": 0.0, "noise": 0.0, "gain_spread": 0.0, "step": 1.0, "counter_step_uah": 1.0}


def reading(**more: object) -> GaugeReading:
    made = GaugeReading(Gauge.model_validate({**PLAIN, **more}), seed=1, charge_mah=1000)
    made.restart(0.0, 200.0)
    return made


def shown(gauge: GaugeReading, seconds: int, current_ma: float) -> list[float]:
    found = []
    for second in range(1, seconds + 1):
        gauge.advance(float(second), 1.0, current_ma)
        found.append(gauge.shown_ma)
    return found


def test_a_mean_over_ten_seconds_rises_evenly_and_loses_no_charge() -> None:
    values = shown(reading(average_s=10.0), 30, 1000.0)
    rises = [b - a for a, b in itertools.pairwise(values)]
    assert rises[2:7] == pytest.approx([80.0] * 5, abs=0.1) and values[-1] == pytest.approx(1000.0)
    assert sum(1000.0 - v for v in values) == pytest.approx(800 * 5, abs=800)


def test_a_stuck_gauge_keeps_its_value_for_that_time() -> None:
    values = shown(reading(stuck=[(5.0, 12.0)]), 20, 1000.0)
    assert len(set(values)) == 1 and values[0] == 1000.0
    moved = reading(stuck=[(0.0, 12.0)])
    values = shown(moved, 20, 1000.0)
    assert values[5] == 200.0 and values[-1] == 1000.0


def test_one_of_two_packs_shows_half() -> None:
    half = reading(pack_share=0.5, counter_share=0.25)
    before = half.counter_uah
    assert before == 250_000
    assert shown(half, 36, 1000.0)[-1] == 500.0
    assert before - half.counter_uah == pytest.approx(1000 * 36 / 3.6 * 0.25, abs=2)


def test_a_phone_kept_at_a_limit_takes_nothing_from_its_battery() -> None:
    flow = Cell(Battery(level=88, charge_limit=85)).flow(1.0, 10.0)
    assert (flow.current_ma, flow.status) == (0.0, "Not charging")
    assert Cell(Battery(level=80, charge_limit=85)).flow(1.0, 10.0).status == "Charging"
    assert Cell(Battery(level=88, charge_limit=85)).flow(3.0, 2.5).current_ma > 0


def test_the_current_alone_is_denied() -> None:
    profile = profiles()["redmi-6a"]
    one = profile.model_copy(update={"gauge": profile.gauge.model_copy(update={"current_readable": False})})
    (path,) = supplies.denied(one)
    assert path.endswith("/battery/current_now") and supplies.denied(profile) == []
