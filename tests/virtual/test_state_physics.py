"""The laws that a virtual phone obeys, whatever it is told to do."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.virtual.physics.battery import Cell, Flow
from harness.virtual.physics.cpufreq import busy_shares, capped_khz
from harness.virtual.physics.gauge import GaugeReading
from harness.virtual.physics.heat import Temperatures, status, throttle
from harness.virtual.physics.ledger import Ledger
from harness.virtual.physics.machine import Machine
from harness.virtual.profile import Battery, Gauge, Heat, Profile, profiles

ALL = list(profiles().values())
UNPLUGGED = [p for p in ALL if p.battery.plugged == "none"]

some_profile = st.sampled_from(ALL)
#: Phases of a day: seconds, and how busy CPU and GPU are.
some_phases = st.lists(
    st.tuples(st.floats(0.01, 300.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0)), min_size=1, max_size=6
)


def live(machine: Machine, phases: list[tuple[float, float, float]], step_s: float | None = None) -> float:
    """Let phases pass from uptime 0; returns the uptime at their end."""
    now = 0.0
    for seconds, cpu, gpu in phases:
        machine.set_busy({"cpu": cpu, "gpu": gpu})
        end = now + seconds
        while now < end:
            part = min(step_s or seconds, end - now)
            now = end if part == end - now else now + part
            machine.advance(now, part)
    return now


@given(st.floats(20, 80), st.floats(20, 80), st.floats(0.3, 1.0))
def test_throttling_never_falls_with_heat(one: float, other: float, floor: float) -> None:
    heat = Heat(throttle_floor=floor)
    cool, hot = sorted((one, other))
    assert floor <= throttle(heat, hot) <= throttle(heat, cool) <= 1.0
    assert status(heat, cool) <= status(heat, hot)
    for profile in ALL:
        for cluster in profile.clusters:
            assert capped_khz(cluster, throttle(heat, hot)) <= capped_khz(cluster, throttle(heat, cool))


@given(st.floats(0, 12), st.floats(0, 12), st.floats(0.001, 5000))
def test_a_cooling_phone_comes_to_ambient_and_never_crosses_its_target(before: float, after: float, dt: float) -> None:
    heat = Heat()
    temperatures = Temperatures(heat)
    temperatures.advance(10_000, before)
    start = temperatures.skin_c
    target = heat.ambient_c + heat.skin_c_per_w * after
    temperatures.advance(dt, after)
    assert min(start, target) - 1e-9 <= temperatures.skin_c <= max(start, target) + 1e-9
    temperatures.advance(20 * max(heat.tau_s, heat.battery_tau_s), 0.0)
    assert temperatures.skin_c == pytest.approx(heat.ambient_c, abs=1e-6)
    assert temperatures.battery_c == pytest.approx(heat.ambient_c, abs=1e-6)


@given(st.lists(st.floats(0.001, 50), min_size=1, max_size=20), st.floats(0, 10))
def test_heat_does_not_depend_on_the_step_width(steps: list[float], watts: float) -> None:
    fine, coarse = Temperatures(Heat()), Temperatures(Heat())
    for step in steps:
        fine.advance(step, watts)
    coarse.advance(math.fsum(steps), watts)
    assert fine.skin_c == pytest.approx(coarse.skin_c, abs=1e-9)


@given(some_profile, st.floats(0, 1))
def test_all_wanted_capacity_is_given_and_no_core_is_more_than_busy(profile: Profile, share: float) -> None:
    clusters = profile.clusters
    found = busy_shares(clusters, share)
    total = sum(c.cores * c.capacity for c in clusters)
    given_out = sum(b * c.cores * c.capacity for b, c in zip(found, clusters, strict=True))
    assert all(0 <= b <= 1 for b in found)
    assert given_out == pytest.approx(share * total, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(UNPLUGGED), some_phases)
def test_the_cell_gives_exactly_what_the_ledger_says(
    profile: Profile, phases: list[tuple[float, float, float]]
) -> None:
    machine = Machine(profile, seed=3)
    cell_flow = machine.cell.flow

    def flow(power_w: float, supply_w: float) -> Flow:
        found = cell_flow(power_w, supply_w)
        assert found.current_ma / 1000 * found.voltage_v == pytest.approx(power_w - supply_w, rel=1e-9)
        return found

    machine.cell.flow = flow  # type: ignore[method-assign]
    end = live(machine, phases)
    assert machine.ledger.energy_mj(0, end) == pytest.approx(machine.ledger.total_mj, rel=1e-9)
    assert machine.ledger.series[0][0] == pytest.approx(0.0, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(UNPLUGGED), some_phases, st.integers(0, 1000))
def test_the_integral_of_the_gauge_is_the_true_charge_times_its_gain(
    profile: Profile, phases: list[tuple[float, float, float]], seed: int
) -> None:
    machine = Machine(profile, seed=seed)
    gauge = machine.profile.gauge
    before = machine.cell.charge_mah
    # The rest at the end lets a lagging gauge catch up; it conserves charge only then.
    phases = [*phases, (6 * gauge.lag_s + 3 * gauge.refresh_s + 60, 0.0, 0.0)]
    shown_mah, now = 0.0, 0.0
    largest_ma = 1.0
    for seconds, cpu, gpu in phases:
        machine.set_busy({"cpu": cpu, "gpu": gpu})
        for _ in range(max(1, math.ceil(seconds / gauge.refresh_s * 2))):
            part = seconds / max(1, math.ceil(seconds / gauge.refresh_s * 2))
            shown_mah += machine.gauge.shown_ma * part / 3600
            largest_ma = max(largest_ma, abs(machine.flow.current_ma))
            now += part
            machine.advance(now, part)
    true_mah = before - machine.cell.charge_mah
    step_ma = gauge.step / (1000 if gauge.unit == "ua" else 1)
    # What one refresh holds, what the lag holds back, the rounding of each value, and the noise of many.
    edges = largest_ma * (2 * gauge.refresh_s + gauge.lag_s) / 3600 * len(phases)
    rounding = (step_ma / 2 + largest_ma * gauge.noise) * now / 3600
    assert shown_mah == pytest.approx(true_mah * machine.gauge.gain, abs=edges + rounding)


@settings(max_examples=20, deadline=None)
@given(some_profile, some_phases)
def test_the_counter_counts_with_the_gain_of_its_unit(
    profile: Profile, phases: list[tuple[float, float, float]]
) -> None:
    machine = Machine(profile, seed=5)
    counted, true = machine.gauge.counter_uah, machine.cell.charge_mah
    live(machine, phases)
    moved = (true - machine.cell.charge_mah) * machine.gauge.gain * 1000
    step = machine.profile.gauge.counter_step_uah
    assert counted - machine.gauge.counter_uah == pytest.approx(moved, abs=step + 1)


@settings(max_examples=15, deadline=None)
@given(some_profile, some_phases, st.floats(0.3, 7.0))
def test_how_often_a_phone_ticks_changes_nothing_that_matters(
    profile: Profile, phases: list[tuple[float, float, float]], step_s: float
) -> None:
    often, seldom = Machine(profile, seed=1), Machine(profile, seed=1)
    live(often, phases, step_s)
    live(seldom, phases)
    # Throttling answers within half a second, whatever the tick.
    assert often.temperatures.skin_c == pytest.approx(seldom.temperatures.skin_c, abs=0.5)
    assert often.ledger.total_mj == pytest.approx(seldom.ledger.total_mj, rel=0.02)
    assert sum(often.residency.ticks(0).values()) == pytest.approx(sum(s for s, _, _ in phases) * 100, abs=20)


@given(
    st.lists(st.tuples(st.floats(0.001, 100), st.floats(0, 20_000)), min_size=1, max_size=30),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_the_ledger_sums_what_was_drawn(parts: list[tuple[float, float]], one: float, other: float) -> None:
    ledger = Ledger()
    now, spans = 0.0, []
    for dt, mw in parts:
        spans.append((now, now + dt, mw))
        now += dt
        ledger.add(now, dt, mw)
    begin, end = sorted((one * now, other * now))
    expected = math.fsum(mw * max(0.0, min(b, end) - max(a, begin)) for a, b, mw in spans)
    assert ledger.energy_mj(begin, end) == pytest.approx(expected, rel=1e-6, abs=1e-3)
    assert ledger.energy_mj(-5, now + 5) == pytest.approx(ledger.total_mj, rel=1e-9)
    assert ledger.power_mw(now + 1) is None
    assert all(a[0] < b[0] for a, b in itertools.pairwise(ledger.series))


def test_a_gauge_with_lag_reads_low_after_a_step_up() -> None:
    gauge = GaugeReading(Gauge(lag_s=2.0, refresh_s=1.0, noise=0.0, gain_spread=0.0, step=1.0), seed=1, charge_mah=1000)
    gauge.restart(0.0, 200.0)
    shown = []
    for second in range(1, 12):
        gauge.advance(float(second), 1.0, 1000.0)
        shown.append(gauge.shown_ma)
    assert shown == sorted(shown)
    assert shown[0] < 900
    assert shown[2] >= 200 + 0.9 * 800
    assert shown[-1] == pytest.approx(1000, rel=0.001)
    assert gauge.shown < 0  # discharging is negative on this gauge, in µA


def test_unit_and_sign_are_those_of_the_profile() -> None:
    ma = GaugeReading(Gauge(unit="ma", step=1, discharge_sign=1, noise=0, gain_spread=0), seed=1, charge_mah=1000)
    ma.restart(0.0, 321.0)
    assert ma.shown == 321
    assert ma.shown_ma == 321


@pytest.mark.parametrize(("supply_w", "status"), [(0.0, "Discharging"), (2.5, "Charging")])
def test_a_supply_charges_and_none_discharges(supply_w: float, status: str) -> None:
    cell = Cell(Battery(level=50))
    flow = cell.flow(1.0, supply_w)
    assert flow.status == status
    assert (flow.current_ma > 0) == (supply_w == 0)


def test_a_weak_supply_lets_the_battery_help_and_a_full_battery_rests() -> None:
    cell = Cell(Battery(level=50))
    assert cell.flow(5.0, 2.5).current_ma > 0
    cell.set_level(100)
    full = cell.flow(1.0, 2.5)
    assert full.status == "Full"
    assert full.current_ma == 0


def test_hard_work_throttles_and_rest_restores() -> None:
    machine = Machine(profiles()["galaxy-s23"], seed=1)
    machine.set_busy({"cpu": 1.0})
    machine.advance(600, 600)
    assert machine.cap < 1
    assert machine.clock("cpu") < 1
    assert machine.max_khz()[2] < machine.profile.clusters[2].khz[-1]
    machine.set_busy({})
    machine.advance(2400, 1800)
    assert machine.cap == 1
    assert machine.clock("gpu") == 1


def test_units_of_one_kind_differ_and_the_same_seed_is_the_same_unit() -> None:
    profile = profiles()["redmi-6a"]
    gains = {Machine(profile, seed=n).gauge.gain for n in range(5)}
    assert len(gains) == 5
    assert Machine(profile, seed=2).gauge.gain == Machine(profile, seed=2).gauge.gain
