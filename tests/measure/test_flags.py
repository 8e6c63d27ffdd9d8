"""Every flag comes with its cause and with no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.measure.flags import validity_flags
from harness.measure.sampler import SamplerLog
from harness.records import FrequencyRecord, ThermalRecord


def log(*times: float, period: float = 0.5) -> SamplerLog:
    return SamplerLog(period, "b", times, {}, True)


STEADY = log(*(10 + n * 0.5 for n in range(41)))
GOOD: dict[str, Any] = {
    "log": STEADY,
    "start_s": 10.0,
    "end_s": 30.0,
    "frequency": FrequencyRecord(min_cap_pct=100.0),
    "thermal": ThermalRecord(status_before=0, status_after=0),
    "charging": None,
    "warm_start": False,
    "others_busy": 0.05,
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ()),
        ({"charging": "charging over USB"}, ("charging",)),
        ({"charging": "the battery is not said to discharge"}, ()),
        ({"warm_start": True}, ("warm_start",)),
        ({"frequency": FrequencyRecord(min_cap_pct=80.0)}, ("throttled",)),
        ({"frequency": FrequencyRecord(min_cap_pct=None)}, ()),
        ({"thermal": ThermalRecord(status_after=1)}, ("throttled",)),
        ({"others_busy": 0.9}, ("busy",)),
        ({"others_busy": None}, ()),
        ({"log": None}, ("sampler_gap",)),
        ({"log": log()}, ("sampler_gap",)),
        ({"log": replace(STEADY, times_s=tuple(t for t in STEADY.times_s if not 15 < t < 18))}, ("sampler_gap",)),
        ({"log": replace(STEADY, times_s=tuple(t for t in STEADY.times_s if not 15 < t < 25))}, ("suspended",)),
        ({"log": log(10.0), "end_s": 11.0}, ()),
    ],
)
def test_flags(change: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert validity_flags(**{**GOOD, **change}) == expected
