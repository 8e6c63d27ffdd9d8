"""Whether our programs may start."""

from __future__ import annotations

from harness.phones.health.finding import Finding, HealthCheck
from harness.phones.probe import PhoneProbe


class ProgramsStart(HealthCheck):
    """A file of ours below /data/local/tmp is started, as the benchmark program will be."""

    name = "programs"
    reads = "a script of one line, started in /data/local/tmp"

    def check(self, probe: PhoneProbe) -> Finding | None:
        """Blocking: nothing could run."""
        if not probe.condition.exec_refused:
            return None
        message = f"programs do not start in /data/local/tmp: {probe.condition.exec_refused}"
        advice = "a work profile or a maker's guard forbids it, so try another phone or a factory reset"
        return self._found(message, advice, blocking=True)
