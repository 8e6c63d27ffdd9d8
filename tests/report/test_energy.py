"""A row's energy: one source, an interval widened by the budget, and labels."""

from __future__ import annotations

import math

import pytest

from harness.records import EnergyRecord, Quantity
from harness.report.row.energy import energy_entries, power_entry


def record(
    net: float | None, source: str = "battery gauge", *, step: float = 0.0, throttled: str | None = None
) -> EnergyRecord:
    if net is None:
        return EnergyRecord(source=source, reason="the run is 30 s long")
    errors = {"idle": 0.3, "noise": 9.0, "edges": 0.4, "step": step}
    return EnergyRecord(
        source, 2 * net, net, 0.5, errors, 900.0, 62.0, 1000, "uncalibrated", throttled=throttled
    )  # fmt: skip


def test_the_interval_is_widened_by_what_sessions_share() -> None:
    values = [9.8, 9.9, 10.0, 10.1, 10.2, 10.0]
    headline, entry = energy_entries([record(v) for v in values], None)
    assert headline["value"] == pytest.approx(10.0) and headline["reason"] is None
    low, high = headline["ci95"]
    # Order statistics of six are the smallest and the largest; noise shows in the spread already.
    assert low == pytest.approx(10 - math.hypot(0.2, 0.5)) and high == pytest.approx(10 + math.hypot(0.2, 0.5))
    assert entry["source"] == "battery gauge" and entry["absolute"] == "uncalibrated" and entry["sessions"] == 6
    assert entry["gross_mj"] == pytest.approx(20) and entry["idle_mw"] == 900 and entry["u_mj"] == 0.5
    assert set(entry["errors_mj"]) == {"idle", "noise", "edges", "step"} and entry["reason"] is None


def test_sources_are_not_mixed_and_the_best_goes_first() -> None:
    sessions = [*(record(10.0 + n / 10) for n in range(4)), *(record(12.0, "power rails") for _ in range(3))]
    headline, entry = energy_entries(sessions, None)
    assert (
        headline["value"] == 12.0 and entry["source"] == "power rails" and entry["other_sources"] == ["battery gauge"]
    )
    few = [*(record(10.0 + n / 10) for n in range(4)), record(12.0, "power rails")]
    assert energy_entries(few, None)[1]["source"] == "battery gauge"
    power = power_entry([Quantity(900.0, source="battery gauge")] * 3 + [Quantity(5.0, source="meter a.csv")] * 3, None)
    assert power["value"] == 5.0


def test_what_is_too_wide_is_no_figure() -> None:
    headline, entry = energy_entries([record(10.0, step=2.0) for _ in range(6)], None)
    assert headline["value"] is None and "wider than ±15 %" in headline["reason"]
    assert entry["net_mj"] is None and entry["reason"] == headline["reason"] and entry["u_mj"] == 0.5


def test_capped_sessions_stand_apart() -> None:
    free = [record(10.0 + n / 100) for n in range(4)]
    headline, entry = energy_entries([*free, record(20.0, throttled="capped at 80 %")], None)
    assert headline["value"] == pytest.approx(10.015) and entry["throttled"]["net_mj"] == 20.0
    assert entry["throttled"]["sessions"] == 1 and entry["sessions"] == 4
    headline, entry = energy_entries([record(20.0, throttled="capped at 80 %")], None)
    assert headline["value"] is None and headline["reason"] == "capped at 80 % in every session: see energy.throttled"


def test_nothing_has_its_reason() -> None:
    headline, entry = energy_entries([record(None)], None)
    assert headline == {"value": None, "ci95": [None, None], "reason": "the run is 30 s long"} == {**headline}
    assert entry["source"] is None and entry["reason"] == "the run is 30 s long"
    assert energy_entries([], "every session is void")[0]["reason"] == "every session is void"
    assert power_entry([], None)["reason"] == "not measured"
