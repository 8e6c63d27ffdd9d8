"""Dumps around a session: any text is read, and what makers do differently is understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.around import (
    battery_c,
    busy_share,
    charging_reason,
    supply_online,
    thermal_record,
)
from harness.measure.clocks import frequency_record
from harness.measure.sampler import SamplerLog

ON_BATTERY = (
    "Current Battery Service state:\n  AC powered: false\n  USB powered: false\n  status: 3\n  temperature: 284\n"
)


def service(*sensors: str, status: int = 0, thresholds: bool = True) -> str:
    lines = "".join(f"\tTemperature{{{s}, mStatus=0}}\n" for s in sensors)
    tail = "\tTemperatureThreshold{mType=3, mName=skin}\n" if thresholds else ""
    cached = "\tTemperature{mValue=99.0, mType=3, mName=skin, mStatus=0}\n"
    return f"Thermal Status: {status}\nCached temperatures:\n{cached}Current temperatures from HAL:\n{lines}{tail}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ON_BATTERY, None),
        (ON_BATTERY.replace("USB powered: false", "USB powered: true"), "charging over USB"),
        (ON_BATTERY.replace("AC powered: false", "AC powered: true"), "charging from a charger"),
        (ON_BATTERY.replace("status: 3", "status: 4"), "the battery is not said to discharge"),
        (
            ON_BATTERY + "  (UPDATES STOPPED -- use 'reset' to restart)\n",
            "the battery service shows values set by hand",
        ),
        ("", "the battery is not said to discharge"),
    ],
)
def test_charging(text: str, expected: str | None) -> None:
    assert charging_reason(ON_BATTERY, text) == expected


def test_a_charger_that_came_for_a_moment() -> None:
    log = SamplerLog(1.0, "b", (1.0, 2.0), {"usb.online": (0.0, 1.0), "ac.online": (0.0, None)}, True)
    assert supply_online(log) == "charging from usb"
    assert supply_online(SamplerLog(1.0, "b", (1.0,), {"usb.online": (0.0,)}, True)) is None
    assert supply_online(None) is None


def test_heat_from_the_hal_and_by_name() -> None:
    plain = {"battery": ON_BATTERY, "thermal": service("mValue=31.5, mType=3, mName=VIRTUAL-SKIN")}
    samsung = {"thermal": service("mValue=24.4, mType=3, mName=TYPE_BATTERY", "mValue=25.3, mType=4, mName=TYPE_SKIN")}
    found = thermal_record(plain, samsung, None)
    assert (found.skin_before_c, found.skin_after_c, found.battery_before_c) == (31.5, 25.3, 28.4)
    assert found.reason is None and found.status_before == 0


@pytest.mark.parametrize("value", ["NaN", "-99.9", "1000.0", "-", "1.2.3"])
def test_a_sensor_without_a_reading_says_nothing(value: str) -> None:
    found = thermal_record({"thermal": service(f"mValue={value}, mType=3, mName=skin")}, {}, None)
    assert found.skin_before_c is None and found.reason


def test_a_status_without_thresholds_is_dead() -> None:
    sensor = "mValue=30.0, mType=3, mName=skin"
    dumps = {"thermal": service(sensor, status=2, thresholds=False)}, {"thermal": service(sensor, status=2)}
    found = thermal_record(*dumps, None)
    assert (found.status_before, found.status_after) == (None, 2)


@pytest.mark.parametrize(("shown", "expected"), [(41_500.0, 41.5), (415.0, 41.5), (41.0, 41.0), (-40_000.0, None)])
def test_zones_in_any_unit(shown: float, expected: float | None) -> None:
    log = SamplerLog(1.0, "b", (1.0,), {"zone.cpu": (shown,)}, True)
    assert thermal_record({}, {}, log).max_c == expected


def test_clocks_from_residency_and_caps() -> None:
    before = {"policy0.tis": "1000 100\n2000 50\n", "policy0.cap": "2000\n2000\n"}
    after = {"policy0.tis": "1000 200\n2000 350\n", "policy0.cap": "1500\n2000\n"}
    found = frequency_record(before, after, None)
    assert found.mean_khz == {"policy0": 1750.0} and found.min_cap_pct == 75.0 and found.reason is None
    assert found.share_pct == {"policy0": {"1000": 25.0, "2000": 75.0}}
    assert found.caps_khz == {"policy0": (1500, 2000)} and found.at_cap_pct == {"policy0": 75.0}
    log = SamplerLog(1.0, "b", (1.0, 2.0), {"policy0.cap": (2000.0, 1000.0)}, True)
    capped = frequency_record(before, after, log)
    assert capped.min_cap_pct == 50.0 and capped.at_cap_pct == {"policy0": 100.0}
    assert frequency_record({"policy0.cap": "2000\n2000\n"}, {}, None).reason
    assert frequency_record(after, before, None).mean_khz == {}, "counters that fell: the phone booted"


def test_a_limit_that_is_held_is_no_heat() -> None:
    held = {"policy0.cap": "1400 2000 1400\n", "policy4.cap": "2100 3000 2100\n"}
    found = frequency_record(held, held, None)
    assert found.min_cap_pct == 70.0 and found.cap_of_allowed_pct == 100.0
    hot = frequency_record(held, held | {"policy4.cap": "1050 3000 2100\n"}, None)
    assert hot.min_cap_pct == 35.0 and hot.cap_of_allowed_pct == 50.0


def test_what_others_did() -> None:
    assert busy_share("100 20") == pytest.approx(0.8)
    assert busy_share("100 100") == 0.0
    assert busy_share("3 0") is None and busy_share("") is None and busy_share("-5 9") is None


dumps = st.dictionaries(
    st.sampled_from(["battery", "thermal", "policy0.tis", "policy0.cap", "policy4.cap", "x"]),
    st.text(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                "1 2",
                "100",
                "Temperature{mValue=..-, mType=3, mName=skin",
                "temperature: -5",
                "Thermal Status: 9",
                "status: 3",
                "99999999999999999999 1",
                "²",
            ]
        )
    ).map("\n".join),
)


@given(dumps, dumps)
def test_any_dump_is_read(before: dict[str, str], after: dict[str, str]) -> None:
    thermal_record(before, after, None)
    frequency_record(before, after, None)
    battery_c(before.get("battery", ""))
    charging_reason(*before.values())
    busy_share(before.get("x", ""))
