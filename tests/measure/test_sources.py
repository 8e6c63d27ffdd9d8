"""Sources of power in simulated time, held against what the phone truly drew: no load of this machine matters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.measure.energy.answer import LoadStep
from harness.measure.energy.session import SessionEnergy, session_energy
from harness.measure.energy.window import Window
from harness.measure.perfetto import PerfettoPower, read_power
from harness.measure.sources import NO_PERFETTO, better_sources
from harness.protos.perfetto_config_pb2 import AndroidPowerConfig
from harness.protos.perfetto_power_pb2 import Trace
from harness.virtual.physics.machine import Machine
from harness.virtual.profile import profiles
from harness.virtual.programs.perfetto import packets

ASKED = AndroidPowerConfig(
    battery_counters=[AndroidPowerConfig.BATTERY_COUNTER_CURRENT, AndroidPowerConfig.BATTERY_COUNTER_CHARGE],
    collect_power_rails=True,
)
IDLE_S, LOAD_S, RUNS, STEP_S = 60.0, 100.0, 1000, 0.25
START_S = 20.0 + IDLE_S
WINDOW = Window(START_S, START_S + LOAD_S, START_S + 10, IDLE_S, RUNS)


def traced(name: str, *, plugged: bool, seed: int = 3) -> tuple[PerfettoPower, float, float]:
    """A session on a phone of that kind: its trace, the battery's volts, and the true net energy of one inference."""
    machine = Machine(profiles()[name], seed=seed)
    machine.plugged = "usb" if plugged else "none"
    machine.boot(0.0)
    found = []
    for tick in range(1, int((START_S + LOAD_S + IDLE_S + 20) / STEP_S)):
        now = tick * STEP_S
        machine.set_busy({"cpu": 1.0 if START_S < now <= START_S + LOAD_S else 0.0})
        machine.advance(now, STEP_S)
        found += packets(machine, ASKED, now, first=tick == 1)
    ledger = machine.ledger
    idle_mw = ledger.energy_mj(START_S - IDLE_S, START_S) / IDLE_S
    net = ledger.energy_mj(START_S, START_S + LOAD_S) / RUNS - idle_mw * LOAD_S / RUNS
    return read_power(Trace(packet=found).SerializeToString()), machine.flow.voltage_v, net


def energy(power: PerfettoPower | None, volts: float, charging: str | None) -> SessionEnergy:
    load = LoadStep(WINDOW.start_s, WINDOW.end_s, WINDOW.idle_s)
    others = better_sources(power, volts, load, (), charging)
    return session_energy(None, WINDOW, charging=charging, others=others)


@pytest.mark.parametrize("name", ["pixel-8-pro", "pixel-6a"])
@pytest.mark.parametrize("charging", ["charging over USB", None])
def test_rails_are_right_whatever_charges(name: str, charging: str | None) -> None:
    power, volts, truth = traced(name, plugged=charging is not None)
    found = energy(power, volts, charging)
    assert found.energy_mj.source == "power rails (4, not the whole phone)"
    assert found.energy_mj.value == pytest.approx(truth, rel=0.01)
    assert found.power_mw.source == found.energy_mj.source, "two sources in one session"


@pytest.mark.parametrize("name", ["oneplus-8t", "redmi-note-12-turbo", "galaxy-a53", "galaxy-a03", "redmi-note-10-5g"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_battery_counters_of_any_unit_and_sign_are_right_within_the_gauge_s_gain(name: str, seed: int) -> None:
    power, volts, truth = traced(name, plugged=False, seed=seed)
    gain = Machine(profiles()[name], seed=seed).gauge.gain
    found = energy(power, volts, None)
    assert found.energy_mj.source == "perfetto battery counters", found.energy_mj.reason
    assert found.energy_mj.value == pytest.approx(truth * gain, rel=0.04)
    assert found.record.absolute == "uncalibrated"


def test_while_it_charges_counters_tell_nothing() -> None:
    power, volts, _ = traced("oneplus-8t", plugged=True)
    found = energy(power, volts, "charging over USB")
    assert found.energy_mj.value is None and found.energy_mj.reason == "charging over USB"
    # A phone that charges unseen has no proven sign, so no figure slips through either.
    unseen = energy(power, volts, None)
    assert unseen.energy_mj.value is None and unseen.energy_mj.reason


def test_what_is_missing_has_its_reason() -> None:
    assert better_sources(None, 4.0, None) == (NO_PERFETTO, NO_PERFETTO)
    assert "no power rails" in str(better_sources(PerfettoPower(), 4.0, None)[0])
    power, _, _ = traced("oneplus-8t", plugged=False)
    load = LoadStep(WINDOW.start_s, WINDOW.end_s, WINDOW.idle_s)
    assert isinstance(better_sources(replace(power, current=()), 4.0, load)[1], str)
    assert isinstance(better_sources(power, None, load)[1], str), "no figure without a voltage"
