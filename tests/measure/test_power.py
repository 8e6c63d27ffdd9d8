"""Energy only where it can be known: units, signs, charging, short windows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.power import energy_per_inference, mean_power
from harness.measure.sampler import SamplerLog, parse_sampler


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
