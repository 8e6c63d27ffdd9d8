"""Every flag comes with its cause and with no other, and every rule says what it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.measure.rules import RULES, VOID_FLAGS, Evidence, judge
from harness.measure.sampler import SamplerLog
from harness.records import FrequencyRecord, StateRecord, ThermalRecord


def log(*times: float, period: float = 0.5) -> SamplerLog:
    return SamplerLog(period, "b", times, {}, True)


STEADY = log(*(10 + n * 0.5 for n in range(41)))
GOOD = Evidence(
    start_s=10.0,
    end_s=30.0,
    log=STEADY,
    frequency=FrequencyRecord(min_cap_pct=100.0),
    thermal=ThermalRecord(status_before=0, status_after=0),
    others_busy=0.05,
    runs=50,
    wanted_runs=50,
)


def without(low: float, high: float) -> SamplerLog:
    return replace(STEADY, times_s=tuple(t for t in STEADY.times_s if not low < t < high))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {}),
        ({"charging": "charging over USB"}, {"charging": "charging over USB"}),
        ({"charging": "the battery is not said to discharge"}, {}),
        ({"warm_start": True}, {"warm_start": "the wait was over"}),
        ({"frequency": FrequencyRecord(min_cap_pct=80.0)}, {"throttled": "a CPU cluster was capped at 80 % of its clock"}),
        ({"frequency": FrequencyRecord(min_cap_pct=None)}, {}),
        ({"frequency": FrequencyRecord(min_cap_pct=70.0, cap_of_allowed_pct=100.0)}, {}),
        ({"frequency": FrequencyRecord(min_cap_pct=60.0, cap_of_allowed_pct=80.0)}, {"throttled": "a CPU cluster was capped at 80 % of its clock"}),
        ({"others_busy_pct": 9.9}, {}),
        ({"others_busy_pct": 10.6}, {"others": "others had 11 % of all cores"}),
        ({"wanted_cpus": frozenset({4, 5}), "allowed_cpus": "4-5"}, {}),
        ({"wanted_cpus": frozenset({4, 5}), "allowed_cpus": "4"}, {}),
        ({"wanted_cpus": frozenset({4, 5}), "allowed_cpus": None}, {}),
        ({"wanted_cpus": frozenset({4, 5}), "allowed_cpus": "0-7"}, {"wrong_cores": "it could run on 0-7, and was asked to on 4,5"}),
        ({"allowed_cpus": "0-7"}, {}),
        ({"state": StateRecord({"screen": "dim"}, {}, {"screen": "x became 9"})}, {"state_lost": "screen: x became 9"}),
        ({"state": StateRecord({"screen": "dim"}, {"radios": "no"})}, {}),
        ({"thermal": ThermalRecord(status_after=1)}, {"throttled": "the phone's thermal status was 1"}),
        ({"others_busy": 0.9}, {"busy": "90% of the cores were busy before the start"}),
        ({"others_busy": None}, {}),
        ({"log": None}, {"sampler_gap": "the sampler wrote nothing"}),
        ({"log": log()}, {"sampler_gap": "the sampler wrote nothing"}),
        ({"log": without(15, 18)}, {"sampler_gap": "no sample for 3.0 s"}),
        ({"log": without(15, 25)}, {"suspended": "no sample for 10.0 s"}),
        ({"log": log(10.0), "end_s": 11.0}, {}),
        ({"sampler_died": True}, {"sampler_gap": "the sampler was killed"}),
        ({"start_s": None}, {"no_times": "a marker is missing"}),
        ({"fenced": True}, {"lease_lost": "the lease was another one's at its end"}),
        ({"hot": "51 °C"}, {"too_hot": "the battery reached 51 °C"}),
        ({"runs": 49}, {"cut_short": "49 of 50 runs"}),
        ({"runs": None}, {}),
        ({"garbled": True}, {"garbled": "the output is no text, or its result file says otherwise"}),
        ({"wrong_output": "off by 3"}, {"wrong_output": "off by 3"}),
        ({"delegate": "gpu", "extent": "partially"}, {"partial_delegation": "the delegate took part of the nodes"}),
        ({"delegate": "cpu", "extent": "partially"}, {}),
        ({"gauge_stuck": "it did not move for 40 s"}, {"gauge_stuck": "it did not move for 40 s"}),
        ({"gauge_unchecked": "no counter"}, {"gauge_unchecked": "no counter"}),
        ({"swap_mb": 0.9}, {}),
        ({"swap_mb": 1.5}, {"swapped": "1.5 MiB in swap"}),
        ({"operators_ms": 0.5, "run_ms": 1.0}, {"profile_gap": "operators 0.5 ms of 1 ms"}),
        ({"operators_ms": 0.8, "run_ms": 1.0}, {}),
        ({"operators_ms": 0.5}, {}),
        ({"delegate": "gpu", "outcome": "fallback"}, {"fallback": "no node is known to have run on gpu"}),
    ],
)  # fmt: skip
def test_flags(change: dict[str, Any], expected: dict[str, str]) -> None:
    assert judge(replace(GOOD, **change)) == expected


def test_nothing_known_breaks_no_rule_but_the_ones_about_that() -> None:
    assert set(judge(Evidence())) == {"no_times"}


def test_every_rule_says_what_it_is() -> None:
    for name, rule in RULES.items():
        assert rule.name == name and rule.meaning and rule.threshold and rule.why
        assert ("does not count" in rule.meaning) == rule.voids
    assert {"suspended", "wrong_output", "cut_short", "lease_lost", "garbled", "wrong_cores"} == VOID_FLAGS
