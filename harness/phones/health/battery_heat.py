"""Heat of the battery, the one temperature that every phone shows."""

from __future__ import annotations

from harness.phones.health.finding import Finding, HealthCheck
from harness.phones.probe import PhoneProbe


class BatteryHeat(HealthCheck):
    """A hot battery throttles the phone, and ages."""

    name = "battery heat"
    kind = "too_hot"
    reads = "dumpsys battery"
    #: Device-infra, Google's own lab software, starts nothing above 37 °C; chargers slow down from 45 °C.
    warm_c = 37.0
    hot_c = 45.0

    def check(self, probe: PhoneProbe) -> Finding | None:
        """Blocking from `hot_c`, a note from `warm_c`."""
        celsius = probe.battery.temperature_c
        if celsius is None or celsius < self.warm_c:
            return None
        if celsius >= self.hot_c:
            return self._found(f"the battery is at {celsius:.0f} °C", "let it cool down", blocking=True)
        return self._found(f"the battery is warm, {celsius:.0f} °C", "figures may be throttled", blocking=False)
