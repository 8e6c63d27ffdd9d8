"""perfetto on a virtual phone: true traces of its gauge and rails, and the refusals of older builds."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import pytest

from harness.measure.perfetto import PerfettoPower, read_power
from harness.virtual.program import Call, programs
from harness.virtual.programs import load
from tests.virtual.fake_phone import FakeCall, FakePhone, make

CONFIG = """
buffers {{ size_kb: 4096 fill_policy: RING_BUFFER }}
data_sources {{ config {{ name: "android.power" android_power_config {{
  battery_poll_ms: 250 battery_counters: BATTERY_COUNTER_CURRENT {more} collect_power_rails: true }} }} }}
duration_ms: 5000
"""
OUT = "/data/misc/perfetto-traces/x.pftrace"


def trace(phone: FakePhone, *options: str, more: str = "", out: str = OUT) -> tuple[int, FakeCall]:
    load()
    call = FakeCall(phone, ["perfetto", *options, "-c", "-", "-o", out], text=CONFIG.format(more=more).encode())
    return asyncio.run(_code(call)), call


async def _code(call: FakeCall) -> int:
    return await programs()["perfetto"](cast(Call, call))


def traced(phone: FakePhone) -> PerfettoPower:
    return read_power((phone.root / OUT.lstrip("/")).read_bytes())


def test_a_pixel_traces_gauge_and_rails(tmp_path: Path) -> None:
    phone = make("pixel-8-pro", tmp_path)
    more = "battery_counters: BATTERY_COUNTER_VOLTAGE battery_counters: BATTERY_COUNTER_CHARGE"
    with phone.state.load("cpu", 1.0):
        code, call = trace(phone, "--txt", "-d", more=more)
    assert code == 0 and call.detached
    found = traced(phone)
    assert len(found.current) in (20, 21) and len(found.voltage) == len(found.current) == len(found.charge)
    assert 2.5e6 < found.voltage[0][1] < 5e6
    rails = {r.name: r.points for r in found.rails}
    (begin, low), (end, high) = rails["S2M_VDD_CPUCL2"][0], rails["S2M_VDD_CPUCL2"][-1]
    # The CPU's rail counts what the CPU truly draws.
    assert (high - low) / (end - begin) == pytest.approx(phone.profile.heat.cpu_w * 1000, rel=0.01)
    assert rails["S2S_VDD_G3D"][-1][1] == rails["S2S_VDD_G3D"][0][1]
    phone.state.close()


def test_a_maker_that_denies_the_node_serves_perfetto(tmp_path: Path) -> None:
    phone = make("oneplus-8t", tmp_path)
    assert trace(phone, "--txt")[0] == 0
    found = traced(phone)
    assert found.current and not found.rails and not found.voltage
    phone.state.close()


@pytest.mark.parametrize(
    ("profile", "options", "more", "told"),
    [
        ("oneplus-8t", ["--txt"], "battery_counters: BATTERY_COUNTER_VOLTAGE", "BATTERY_COUNTER_VOLTAGE"),
        ("pixel-8-pro", ["--txt"], "battery_counters: BATTERY_COUNTER_NONSENSE", "BATTERY_COUNTER_NONSENSE"),
        ("pixel-8-pro", ["--txt"], "no_such_field: 3", "no_such_field"),
        ("redmi-6a", ["--txt"], "", "--txt"),
        ("pixel-8-pro", [], "", "text configs"),
        ("nokia-1", ["--txt"], "", "not found"),
    ],
)
def test_what_a_build_does_not_know_is_refused(
    profile: str, options: list[str], more: str, told: str, tmp_path: Path
) -> None:
    phone = make(profile, tmp_path)
    code, call = trace(phone, *options, more=more)
    assert code != 0 and told in call.stderr and not call.detached
    assert not (phone.root / OUT.lstrip("/")).exists()
    phone.state.close()


def test_its_policy_lets_it_write_only_into_its_own_folder(tmp_path: Path) -> None:
    phone = make("pixel-8-pro", tmp_path)
    code, call = trace(phone, "--txt", out="/data/local/tmp/x.pftrace")
    assert code == 1 and "Permission denied" in call.stderr
    phone.state.close()
