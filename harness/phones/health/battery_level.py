"""Charge."""

from __future__ import annotations

from harness.limits import CareLimits
from harness.phones.health.finding import Finding, HealthCheck
from harness.phones.probe import PhoneProbe


class BatteryLevel(HealthCheck):
    """A phone that runs empty in a session has to be brought back by hand."""

    name = "battery level"
    kind = "battery_low"
    reads = "dumpsys battery"
    least_pct = CareLimits.floor_pct

    def check(self, probe: PhoneProbe) -> Finding | None:
        """Blocking below the floor."""
        level = probe.battery.level_pct
        if level is None or level >= self.least_pct:
            return None
        return self._found(f"the battery is at {level:.0f} %", "charge it", blocking=True)
