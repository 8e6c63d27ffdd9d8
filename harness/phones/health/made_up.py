"""States that somebody set by hand, for a test, and left."""

from __future__ import annotations

from harness.phones.health.finding import Finding, HealthCheck
from harness.phones.probe import PhoneProbe


class FakeBattery(HealthCheck):
    """`dumpsys battery set` stops Android's own readings until it is reset."""

    name = "fake battery"
    reads = "dumpsys battery"

    def check(self, probe: PhoneProbe) -> Finding | None:
        """Blocking: neither charge nor heat of the battery is known."""
        if not probe.battery.faked:
            return None
        return self._found("its battery shows values set by hand", "run adb shell dumpsys battery reset", blocking=True)


class FakeHeat(HealthCheck):
    """`cmd thermalservice override-status` changes what Android believes, not the phone."""

    name = "fake heat"
    reads = "dumpsys thermalservice"

    def check(self, probe: PhoneProbe) -> Finding | None:
        """A note: throttling no longer shows in the status."""
        if not probe.thermal_override:
            return None
        advice = "run adb shell cmd thermalservice reset"
        return self._found("its thermal status is set by hand", advice, blocking=False)
