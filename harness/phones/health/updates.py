"""Whether apps or Android are being installed."""

from __future__ import annotations

from harness.phones.health.finding import Finding, HealthCheck
from harness.phones.probe import PhoneProbe


class Updates(HealthCheck):
    """Android compiles apps when they are installed, after an update of its own, and idle on a charger at night."""

    name = "updates"
    reads = "names of running programs"

    def check(self, probe: PhoneProbe) -> Finding | None:
        """A note: it takes every core for minutes."""
        if not probe.condition.updating:
            return None
        message = f"it installs or compiles apps ({', '.join(probe.condition.updating)})"
        return self._found(message, "wait some minutes", blocking=False)
