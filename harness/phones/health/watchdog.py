"""Whether the phone reboots when nobody talks to it."""

from __future__ import annotations

from harness.phones.health.finding import Finding, HealthCheck
from harness.phones.probe import PhoneProbe


class Watchdog(HealthCheck):
    """In Test Harness Mode adbd reboots the phone after 600 s without a client, and what runs alone is lost."""

    name = "watchdog"
    reads = "the properties persist.sys.test_harness and persist.adb.watchdog"

    def check(self, probe: PhoneProbe) -> Finding | None:
        """A note: a run whose link holds is not concerned."""
        if not probe.condition.watchdog:
            return None
        message = "Test Harness Mode is on: without a link it reboots after 600 s, in the middle of a run"
        return self._found(message, "leave that mode by a factory reset, or keep its link up", blocking=False)
