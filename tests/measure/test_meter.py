"""What meters write, read by the names and units of its columns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.measure.meter import read_meter


def rows(*makers: str, count: int = 40, separator: str = ",") -> str:
    """Lines of values, each from a format that takes the row's number."""
    return "\n".join(separator.join(m.format(i=i, s=i / 50, ms=i * 20) for m in makers) for i in range(count)) + "\n"


@pytest.mark.parametrize(
    ("text", "mw"),
    [
        ("Time (s),Main (mA),Main Voltage (V),USB (mA)\n" + rows("{s}", "500", "4.0", "3"), 2000),
        ("Time(s),Main Avg Power(mW),Main Avg Current(mA)\n" + rows("{s}", "1500", "370"), 1500),
        ("Timestamp(s),Arc Main current (A),Arc Main voltage (V)\n" + rows("{s}", "0.25", "4"), 1000),
        ("#time (s),current (A),voltage (V)\n" + rows("{s}", "0.5", "3.9"), 1950),
        ("timestamp_ms,bus_V,current_mA,power_mW\n" + rows("{ms}", "4.1", "100", "410"), 410),
        ("made by a logger\n\nt [ms];P [W]\n" + rows("{ms}", "1,25", separator=";"), 1250),
        ("Timestamp,Current(uA),Voltage(mV)\n" + rows("2026-01-05T10:00:{i:02d}Z", "250000", "4000"), 1000),
    ],
)
def test_formats_of_common_tools(text: str, mw: float) -> None:
    log = read_meter(text)
    assert np.allclose(log.power_mw, mw)
    assert np.all(np.diff(log.times_s) > 0)


def test_a_current_alone_needs_the_supply_s_voltage() -> None:
    text = "Timestamp(ms),Current(uA),D0-D7\n" + rows("{ms}", "100000", "0")
    with pytest.raises(UsageError, match="no voltage"):
        read_meter(text)
    assert np.allclose(read_meter(text, volts=3.85).power_mw, 385)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no head"),
        ("a,b\n" + rows("{s}", "1"), "power or current|time"),
        ("time,current\n" + rows("{s}", "1"), "time with a unit"),
        ("Time (s),A1 (mA),A2 (mA)\n" + rows("{s}", "1", "2"), "several columns may be the current"),
        ("Time (s),P (mW)\n" + rows("{s}", "1", count=5), "fewer than ten"),
        ("Time (s),P (mW)\n" + rows("7", "1"), "do not advance"),
        ("Time (s),P (mW)\n" + rows("{s}", "-300"), "negative"),
        ("Time (s),P (mW)\n" + "x,y\n" * 30, "no head"),
    ],
)
def test_what_is_not_told_is_refused(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read_meter(text)


def test_columns_can_be_named() -> None:
    text = "t,a,b\n" + rows("{ms}", "200", "4")
    asked = {"time": "t:ms", "current": "a:mA", "voltage": "b:V"}
    assert np.allclose(read_meter(text, asked).power_mw, 800)
    with pytest.raises(UsageError, match="no column 'x'"):
        read_meter(text, {**asked, "current": "x:mA"})
    with pytest.raises(UsageError, match="unit of 'a' is not known"):
        read_meter(text, {**asked, "current": "a"})


@given(rate=st.sampled_from([50, 500, 5000]), seconds=st.integers(2, 6), seed=st.integers(0, 99))
def test_energy_is_kept_by_the_bins(rate: int, seconds: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    power = rng.uniform(100, 3000, rate * seconds)
    text = "Time (s),P (mW)\n" + "".join(f"{i / rate:.5f},{p:.4f}\n" for i, p in enumerate(power))
    log = read_meter(text)
    assert len(log.times_s) <= 50 * seconds + 1
    assert log.power_mw.mean() == pytest.approx(power.mean(), rel=0.01)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_meter(text)
    except UsageError:
        pass
