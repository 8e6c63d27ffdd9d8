"""Twice the work must cost an inference the same."""

from __future__ import annotations

import pytest

from harness.measure.energy.selftest import doubled_work
from harness.records import EnergyRecord
from tests.speed.trust.sampled import Load, Plan, phone_of

GAUGE = {"refresh_s": 1.0, "lag_s": 1.5, "step": 1000, "noise": 0.01}


def records(*values: float, u: float = 0.2, source: str = "battery gauge") -> list[EnergyRecord]:
    return [EnergyRecord(source=source, net_mj=v, u_mj=u) for v in values]


def test_a_phone_that_follows_passes() -> None:
    phone, load = phone_of(GAUGE, {}, 4), Load("some", {"cpu": 0.6}, 20.0)
    short = [phone.session(load, Plan(75, 60))[0].record for _ in range(3)]
    long = [phone.session(load, Plan(150, 60))[0].record for _ in range(3)]
    found = doubled_work(short, long)
    assert found.passed and found.ratio == pytest.approx(1, abs=0.02) and found.within and found.within < 0.05


def test_a_source_that_misses_the_ends_fails() -> None:
    found = doubled_work(records(10, 10.1, 9.9), records(11, 11.1, 10.9))
    assert found.passed is False and found.ratio == pytest.approx(1.1)


def test_what_cannot_be_told() -> None:
    assert doubled_work([EnergyRecord(reason="charging over USB")], records(1)).reason == "charging over USB"
    assert doubled_work([], records(1)).reason == "no session has a figure"
    mixed = doubled_work(records(1, source="charge counter"), records(1))
    assert mixed.passed is None and mixed.reason == "sources are not compared: battery gauge, charge counter"
