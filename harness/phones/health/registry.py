"""Every health check. A new one is one class and one entry here."""

from __future__ import annotations

from harness.phones.health.adb_keys import AdbKeys
from harness.phones.health.battery_heat import BatteryHeat
from harness.phones.health.battery_level import BatteryLevel
from harness.phones.health.boot import Booted
from harness.phones.health.charging import Charging
from harness.phones.health.clock import Clock
from harness.phones.health.finding import Finding, HealthCheck
from harness.phones.health.front_app import FrontApp
from harness.phones.health.load import Load
from harness.phones.health.made_up import FakeBattery, FakeHeat
from harness.phones.health.programs import ProgramsStart
from harness.phones.health.storage import Storage
from harness.phones.health.thermal import ThermalAlive, Throttling
from harness.phones.health.updates import Updates
from harness.phones.health.watchdog import Watchdog
from harness.phones.probe import PhoneProbe

CHECKS: tuple[HealthCheck, ...] = (
    Booted(), BatteryLevel(), BatteryHeat(), Throttling(), FakeBattery(), Storage(), ProgramsStart(), Charging(),
    Load(), FrontApp(), Updates(), FakeHeat(), ThermalAlive(), Clock(), Watchdog(), AdbKeys(),
)  # fmt: skip


def check_health(probe: PhoneProbe) -> list[Finding]:
    """Everything that is wrong with a phone, the blocking first. That its shell answers, the probe itself shows."""
    found = [finding for check in CHECKS if (finding := check.check(probe)) is not None]
    return sorted(found, key=lambda f: not f.blocking)
