"""Whether other work keeps the cores busy."""

from __future__ import annotations

from harness.phones.health.finding import Finding, HealthCheck
from harness.phones.probe import PhoneProbe


class Load(HealthCheck):
    """Busy for a minute by its load average, and busy at this moment by its counters.

    One alone says little: kernels of some makers hold a high load average while idle, since waiting drivers count, and
    the probe itself keeps a small phone busy for a moment. Before Android 10 the load average cannot be read.
    """

    name = "load"
    reads = "/proc/loadavg, and /proc/stat before and after the probe"
    most_per_core = 0.75
    most_share = 0.5

    def check(self, probe: PhoneProbe) -> Finding | None:
        """A note: its figures would be slower, and each session says so again (`busy`)."""
        load, share = probe.condition.load_per_core, probe.condition.busy_share
        if load is None or share is None or load < self.most_per_core or share < self.most_share:
            return None
        message = f"it is busy: {share:.0%} of its cores now, {load:.1f} threads a core over the last minute"
        return self._found(message, "wait until it has finished, or restart it", blocking=False)
