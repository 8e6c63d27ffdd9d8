"""Energy only where it can be known: units, signs, charging, short windows, hanging values."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.energy.session import SessionEnergy, session_energy
from harness.measure.energy.window import Window
from harness.measure.gauge import GaugeFacts
from harness.measure.sampler import SamplerLog
from harness.measure.trace import PowerTrace

RUNS = 600


def log(
    idle: float = -250_000,
    load: float = -500_000,
    *,
    seconds: float = 80,
    rest: float = 60,
    volts: float = 4e6,
    noise: float = 0.01,
) -> SamplerLog:
    """A value a second; the load runs from 100 on, idle before and after."""
    chance = random.Random(1)
    times = [100 - rest + n for n in range(round(seconds + 2 * rest) + 1)]
    values = [(load if 100 <= t < 100 + seconds else idle) * chance.gauss(1, noise) for t in times]
    columns: dict[str, tuple[float | None, ...]] = {
        "battery.current_now": tuple(values),
        "battery.voltage_now": (volts,) * len(times),
    }
    return SamplerLog(1.0, "b", tuple(map(float, times)), columns, True)


def window(seconds: float = 80, rest: float = 60, runs: int = RUNS) -> Window:
    return Window(100.0, 100.0 + seconds, 100.5, rest, runs)


def changed(plain: SamplerLog, name: str, values: list[float | None]) -> SamplerLog:
    return replace(plain, columns={**plain.columns, name: tuple(values)})


@pytest.mark.parametrize("scale", [1.0, -1.0, 1e-3, -1e-3])
def test_any_unit_and_sign(scale: float) -> None:
    found = session_energy(log(-250_000 * scale, -500_000 * scale), window())
    assert found.power_mw.value == pytest.approx(2000, rel=0.01)
    assert found.energy_mj.value == pytest.approx(1000 * 80 / RUNS, rel=0.03)
    record = found.record
    assert (record.source, record.absolute, record.inferences) == ("battery gauge", "uncalibrated", RUNS)
    assert record.gross_mj == pytest.approx(2000 * 80 / RUNS, rel=0.03) and record.idle_mw == pytest.approx(
        1000, rel=0.01
    )
    assert record.u_mj is not None and 0 < record.u_mj < 0.05 * (record.net_mj or 0)
    assert set(record.errors_mj) == {"idle", "noise", "edges", "step"}
    assert found.unchecked == "this phone lets nobody read its charge counter" and found.stuck is None


def reason(found: SessionEnergy) -> str:
    assert found.energy_mj.value is None and found.record.net_mj is None
    assert found.record.reason == found.energy_mj.reason
    return str(found.energy_mj.reason)


def test_refusals_have_reasons() -> None:
    assert reason(session_energy(log(), window(), charging="charging over USB")) == "charging over USB"
    assert "the run is 30 s long" in reason(session_energy(log(seconds=30), window(30)))
    assert "unit and sign" in reason(session_energy(log(-2.5, -5.0), window()))
    assert reason(session_energy(None, window())) == "the sampler wrote nothing"
    assert reason(session_energy(log(), window(runs=0))) == "no inference ran"
    bare = SamplerLog(1.0, "b", tuple(float(t) for t in range(40, 241)), {}, True)
    assert "may not read" in reason(session_energy(bare, window()))
    assert "did not rise" in reason(session_energy(log(-500_000, -250_000), window()))
    assert reason(session_energy(log(), window(rest=0))) == "no idle window was measured"
    short = replace(window(), end_s=130.0)
    assert reason(session_energy(log(-500_000, -250_000), short)) == "the run is 30 s long, and energy needs 60 s"


def test_a_load_that_hardly_shows_gives_no_figure() -> None:
    known = GaugeFacts("battery.current_now", 0, "ua", -1, None, 1.0, 1000, None, 2.0, None, True)
    found = session_energy(log(-250_000, -253_000, noise=0.05), window(), known=(known,))
    assert "does not rise above" in reason(found)


def test_a_log_that_ends_early_gives_no_figure() -> None:
    plain = log()
    cut = SamplerLog(1.0, "b", plain.times_s[:-40], {n: v[:-40] for n, v in plain.columns.items()}, False)
    known = GaugeFacts("battery.current_now", 0, "ua", -1, None, 1.0, 1000, None, 2.0, None, True)
    assert "not watched" in reason(session_energy(cut, window(), known=(known,)))


def test_a_current_of_both_signs_is_refused() -> None:
    plain = log()
    mixed = [200_000.0 if n % 5 == 0 else v for n, v in enumerate(plain.columns["battery.current_now"])]
    assert "changes its sign" in reason(session_energy(changed(plain, "battery.current_now", mixed), window()))


@pytest.mark.parametrize(("first", "last"), [(0, 999), (70, 120), (60, 140)])
def test_a_value_that_does_not_move_is_told(first: int, last: int) -> None:
    plain = log()
    values = list(plain.columns["battery.current_now"])
    held = [values[first] if first <= n < last else v for n, v in enumerate(values)]
    found = session_energy(changed(plain, "battery.current_now", held), window())
    assert reason(found) == found.stuck or "unit" not in reason(found)
    assert found.stuck and ("did not move" in found.stuck or "changed 0 times" in found.stuck)


@pytest.mark.parametrize(("share", "fine"), [(1.0, True), (0.8, True), (2.0, False), (0.4, False)])
def test_the_charge_counter_contradicts(share: float, fine: bool) -> None:
    """A counter in steps of 1 mAh that loses `share` of what the current says."""
    plain, left, counted = log(), 3e6, []
    for value in plain.columns["battery.current_now"]:
        left += (value or 0) * share / 3600
        counted.append(float(left // 1000 * 1000))
    found = session_energy(changed(plain, "battery.charge_counter", list(counted)), window())
    if fine:
        assert found.energy_mj.value and found.unchecked is None
        assert found.record.counter_ratio == pytest.approx(1 / share, rel=0.05)
    else:
        assert "one of two battery packs" in reason(found) and not found.power_mw.value


def test_the_counter_alone_serves_long_runs() -> None:
    plain, left, counted = log(-250_000, -500_000, seconds=900, rest=300), 3e6, []
    for value in plain.columns["battery.current_now"]:
        left += (value or 0) / 3600
        counted.append(float(left // 1000 * 1000))
    columns = {"battery.voltage_now": plain.columns["battery.voltage_now"], "battery.charge_counter": tuple(counted)}
    found = session_energy(replace(plain, columns=columns), window(900, 300))
    assert found.record.source == "charge counter"
    assert found.energy_mj.value == pytest.approx(1000 * 900 / RUNS, rel=0.03)
    short = log()
    assert session_energy(replace(short, columns={**columns}), window()).energy_mj.value is None


def test_capped_clocks_stand_apart() -> None:
    found = session_energy(log(), window(), throttled="a CPU cluster was capped at 80 % of its clock")
    assert found.energy_mj.value is None and "capped" in str(found.energy_mj.reason)
    assert found.record.net_mj and found.record.throttled


def test_a_calibration_never_outvotes_the_session() -> None:
    known = GaugeFacts("battery.current_now", 0, "ua", 1, None, 1.0, 1000, None, 2.0, None, True)
    assert "another unit or sign" in reason(session_energy(log(), window(), known=(known,)))
    slow = replace(known, discharge_sign=-1, refresh_s=4.0)
    assert "needs 160 s" in reason(session_energy(log(), window(), known=(slow,)))
    unproven = replace(known, discharge_sign=-1, rises=None)
    assert session_energy(log(), window(), known=(unproven,)).energy_mj.value


def test_a_better_source_goes_first_and_none_is_mixed() -> None:
    points = tuple((40.0 + n, 3000.0 + n % 3 if 60 <= n < 140 else 1500.0 + n % 3) for n in range(201))
    rails = PowerTrace("power rails", points, 1.0, while_charging=True, until_s=240.0)
    found = session_energy(log(), window(), charging="charging over USB", others=(rails,))
    assert found.record.source == found.power_mw.source == "power rails"
    assert found.energy_mj.value == pytest.approx(1500 * 80 / RUNS, rel=0.02)
    ended = replace(rails, until_s=150.0)
    fallen = session_energy(log(), window(), others=(ended,))
    assert fallen.record.source == fallen.power_mw.source == "battery gauge"


@given(
    idle_mw=st.floats(700, 1500),
    load_mw=st.floats(800, 5000),
    lag_s=st.floats(0.1, 3.0),
    refresh_s=st.sampled_from([0.25, 1.0, 2.0]),
    sign=st.sampled_from([-1, 1]),
    unit=st.sampled_from([1000.0, 1.0]),
    seconds=st.integers(60, 180),
    seed=st.integers(0, 99),
)
def test_a_lagging_gauge_gives_the_true_energy_or_none(
    idle_mw: float, load_mw: float, lag_s: float, refresh_s: float, sign: int, unit: float, seconds: int, seed: int
) -> None:
    """A first-order gauge that refreshes now and then, sampled at 2 Hz: within its own budget, where it gives a figure."""
    chance, volts, shown, filtered, next_s = random.Random(seed), 4.0, 0.0, idle_mw / 4.0, 0.0
    times, values = [], []
    for tick in range((seconds + 150) * 20):
        now = tick * 0.05
        truth_ma = (idle_mw + (load_mw if 75 <= now < 75 + seconds else 0.0)) / volts
        filtered += (truth_ma - filtered) * 0.05 / (lag_s / 2.3 + 0.05)
        if now >= next_s:
            shown, next_s = round(filtered * chance.gauss(1, 0.01) * unit) * sign, next_s + refresh_s
        if tick % 10 == 0:
            times.append(now)
            values.append(float(shown))
    columns: dict[str, tuple[float | None, ...]] = {
        "battery.current_now": tuple(values),
        "battery.voltage_now": (4_000_000.0,) * len(times),
    }
    made = SamplerLog(0.5, "b", tuple(times), columns, True)
    found = session_energy(made, Window(75, 75 + seconds, 76, 70, 100), known=())
    if found.energy_mj.value is not None:
        assert found.record.u_mj is not None
        true_mj = load_mw * seconds / 100
        assert found.energy_mj.value == pytest.approx(true_mj, abs=max(2 * found.record.u_mj, 0.02 * true_mj))
    else:
        assert found.energy_mj.reason
