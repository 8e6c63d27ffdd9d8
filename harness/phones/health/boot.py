"""Whether Android has finished booting."""

from __future__ import annotations

from harness.phones.health.finding import Finding, HealthCheck
from harness.phones.probe import PhoneProbe


class Booted(HealthCheck):
    """adb answers long before Android does."""

    name = "boot"
    kind = "not_booted"
    reads = "the property sys.boot_completed"

    def check(self, probe: PhoneProbe) -> Finding | None:
        """Blocking: its services do not answer yet."""
        if probe.boot_completed:
            return None
        return self._found("it has not finished booting", "wait a minute", blocking=True)
