"""The phone's clock."""

from __future__ import annotations

from harness.phones.health.finding import Finding, HealthCheck
from harness.phones.probe import PhoneProbe


class Clock(HealthCheck):
    """Its log carries this time, and apps refuse certificates that are not valid yet; no figure depends on it."""

    name = "clock"
    reads = "date, against this computer's"
    most_off_s = 120.0

    def check(self, probe: PhoneProbe) -> Finding | None:
        """A note."""
        ahead_s = probe.condition.clock_ahead_s
        if ahead_s is None or abs(ahead_s) <= self.most_off_s:
            return None
        way = "ahead of" if ahead_s > 0 else "behind"
        advice = "set its date and time, or connect it to a network that does"
        return self._found(f"its clock is {_span(abs(ahead_s))} {way} this computer's", advice, blocking=False)


def _span(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
