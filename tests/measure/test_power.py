"""Energy only where it can be known: units, signs, charging, short windows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure import power
from harness.measure.sampler import SamplerLog, parse_sampler
from harness.measure.sources import best, find_sources
from harness.records import Quantity


def log(current: float, volts: float = 4_000_000, *, seconds: int = 60, idle: float | None = None) -> SamplerLog:
    """One sample a second; the load runs from 100 to 100 + seconds, idle before and after where given."""
    times, values = [], []
    for t in range(100 - 40, 100 + seconds + 41):
        times.append(float(t))
        inside = 100 <= t < 100 + seconds
        values.append(current if inside or idle is None else idle)
    columns: dict[str, tuple[float | None, ...]] = {
        "battery.current_now": tuple(values),
        "battery.voltage_now": tuple([volts] * len(times)),
    }
    return SamplerLog(1.0, "b", tuple(times), columns, True)


def mean_power(log: SamplerLog | None, start_s: float, end_s: float, charging: str | None) -> Quantity:
    """Of the best source in a log."""
    found = best(find_sources(log, None, charging=charging), charging)
    return power.mean_power(found.trace, start_s, end_s) if found.trace else Quantity(reason=found.reason)


def energy_per_inference(
    log: SamplerLog, start_s: float, end_s: float, idle_s: float, runs: int, charging: str | None
) -> Quantity:
    """Of the best source in a log."""
    found = best(find_sources(log, None, charging=charging), charging)
    if found.trace is None:
        return Quantity(reason=found.reason)
    return power.energy_per_inference(found.trace, start_s, end_s, idle_s, runs)


@pytest.mark.parametrize("current", [-500_000.0, 500_000.0, -500.0, 500.0])
def test_any_unit_and_sign(current: float) -> None:
    found = mean_power(log(current), 100, 160, None)
    assert found.value == pytest.approx(2000, rel=0.01)


def test_refusals_have_reasons() -> None:
    assert mean_power(log(-500_000), 100, 160, "charging over USB").reason == "charging over USB"
    assert "shorter" in str(mean_power(log(-500_000), 100, 105, None).reason)
    assert "unit" in str(mean_power(log(-5.0), 100, 160, None).reason)
    assert mean_power(None, 100, 160, None).value is None
    bare = SamplerLog(1.0, "b", tuple(float(t) for t in range(100, 161)), {}, True)
    assert "may not read" in str(mean_power(bare, 100, 160, None).reason)


def test_energy_is_net_of_idle() -> None:
    found = energy_per_inference(log(-500_000, idle=-250_000), 100, 160, 40, 600, None)
    assert found.value == pytest.approx(1000 * 60 / 600, rel=0.05)
    assert energy_per_inference(log(-500_000), 100, 160, 0, 600, None).reason == "no idle window was measured"


@given(st.text(max_size=400) | st.lists(st.sampled_from(["S 0 1.0 5 7", "S x", "E", "#cols seq boot_s a rss_pages",
       "#v1 period=0.5 boot_id=z", "S 1 0.5 NA NA", "S 2 2.0 nan inf", ""])).map("\n".join))  # fmt: skip
def test_any_sampler_log_is_read_or_passed_over(text: str) -> None:
    found = parse_sampler(text)
    assert list(found.times_s) == sorted(found.times_s)
    assert all(len(v) == len(found.times_s) for v in found.columns.values())


def test_a_current_of_both_signs_is_refused() -> None:
    plain = log(-500_000)
    mixed = tuple(400_000.0 if n % 5 == 0 else v for n, v in enumerate(plain.columns["battery.current_now"]))
    columns = {**plain.columns, "battery.current_now": mixed}
    found = mean_power(SamplerLog(1.0, "b", plain.times_s, columns, True), 100, 160, None)
    assert found.value is None and "changes its sign" in str(found.reason)


@given(
    idle_mw=st.floats(700, 1500),
    load_mw=st.floats(800, 5000),
    lag_s=st.floats(0.2, 3.0),
    refresh_s=st.sampled_from([0.25, 1.0, 2.0]),
    sign=st.sampled_from([-1, 1]),
    unit=st.sampled_from([1000.0, 1.0]),
    seconds=st.integers(30, 90),
)
def test_a_lagging_gauge_gives_the_true_energy(
    idle_mw: float, load_mw: float, lag_s: float, refresh_s: float, sign: int, unit: float, seconds: int
) -> None:
    """A first-order gauge that refreshes now and then, sampled at 2 Hz: net energy within 4 % and two refreshes' worth."""
    volts, runs, shown, filtered, next_s = 4.0, 100, 0.0, idle_mw / 4.0, 0.0
    times, values = [], []
    for tick in range((seconds + 100) * 20):
        now = tick * 0.05
        truth_ma = (idle_mw + (load_mw if 50 <= now < 50 + seconds else 0.0)) / volts
        filtered += (truth_ma - filtered) * 0.05 / (lag_s / 2.3 + 0.05)
        if now >= next_s:
            shown, next_s = round(filtered * unit) * sign, next_s + refresh_s
        if tick % 10 == 0:
            times.append(now)
            values.append(float(shown))
    columns: dict[str, tuple[float | None, ...]] = {
        "battery.current_now": tuple(values),
        "battery.voltage_now": (4_000_000.0,) * len(times),
    }
    found = energy_per_inference(SamplerLog(0.5, "b", tuple(times), columns, True), 50, 50 + seconds, 45, runs, None)
    true_mj = load_mw * seconds / runs
    assert found.value == pytest.approx(true_mj, rel=0.04, abs=load_mw * 2 * refresh_s / runs)


def test_energy_refuses_with_a_reason() -> None:
    loaded = log(-500_000, idle=-250_000)
    assert energy_per_inference(loaded, 100, 160, 40, 0, None).reason == "no inference ran"
    flat = energy_per_inference(log(-500_000, idle=-500_000), 100, 160, 40, 9, None)
    assert flat.reason == "the load does not rise above the idle phone"
    assert energy_per_inference(loaded, 100, 160, 40, 9, "charging over USB").reason == "charging over USB"
    assert energy_per_inference(loaded, 100, 105, 40, 9, None).value is None
