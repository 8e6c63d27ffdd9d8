"""What Android's heat service says."""

from __future__ import annotations

from harness.phones.health.finding import Finding, HealthCheck
from harness.phones.probe import PhoneProbe

_WORDS = ("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")


class Throttling(HealthCheck):
    """The status, where it can move; one that was set by hand says nothing."""

    name = "throttling"
    kind = "too_hot"
    reads = "dumpsys thermalservice: the status, where there are thresholds"
    light = 1
    #: From here on Android asks apps to save themselves.
    severe = 3

    def check(self, probe: PhoneProbe) -> Finding | None:
        """Blocking from `severe`, a note from `light`."""
        status = probe.condition.thermal_status
        if status is None or probe.thermal_override or status < self.light:
            return None
        word = _WORDS[min(status, len(_WORDS) - 1)]
        return self._found(f"it throttles (status {word})", "let it cool down", blocking=status >= self.severe)


class ThermalAlive(HealthCheck):
    """A service without a source never says anything; that a status without thresholds never moves, doctor tells."""

    name = "thermal service"
    reads = "dumpsys thermalservice: HAL Ready"

    def check(self, probe: PhoneProbe) -> Finding | None:
        """A note: throttling shows in its clocks only."""
        if probe.condition.thermal_ready is not False:
            return None
        message = "its thermal service has lost its source, so throttling shows in its clocks only"
        return self._found(message, "restart it", blocking=False)
