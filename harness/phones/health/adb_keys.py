"""Whether the phone will forget this computer."""

from __future__ import annotations

from harness.phones.health.finding import Finding, HealthCheck
from harness.phones.probe import PhoneProbe


class AdbKeys(HealthCheck):
    """Since Android 11 a computer that has not been linked for a while must be allowed again, by a tap."""

    name = "adb keys"
    reads = "the setting adb_allowed_connection_time"

    def check(self, probe: PhoneProbe) -> Finding | None:
        """A note."""
        days = probe.condition.adb_key_days
        if not days:
            return None
        message = f"it forgets this computer after {days:.3g} days without a link"
        advice = "run adb shell settings put global adb_allowed_connection_time 0"
        return self._found(message, advice, blocking=False)
