"""Room for models, programs and samples."""

from __future__ import annotations

from harness.phones.health.finding import Finding, HealthCheck
from harness.phones.probe import PhoneProbe


class Storage(HealthCheck):
    """Free storage where our files lie."""

    name = "storage"
    kind = "storage_full"
    reads = "df of /data/local/tmp"
    least_kb = 200 * 1024

    def check(self, probe: PhoneProbe) -> Finding | None:
        """Blocking: a push would fail half-way."""
        if probe.free_kb is None or probe.free_kb >= self.least_kb:
            return None
        return self._found(f"only {probe.free_kb // 1024} MiB of storage are free", "run harness clean", blocking=True)
