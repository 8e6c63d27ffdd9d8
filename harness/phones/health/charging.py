"""Whether a supply that is there really charges."""

from __future__ import annotations

from harness.phones.health.finding import Finding, HealthCheck
from harness.phones.probe import PhoneProbe


class Charging(HealthCheck):
    """Plugged in, and the battery gains nothing by Android's own word.

    Only the word is looked at: what the current's sign means differs between makers, and a hub that gives too little
    shows as `charging` while the level falls. That is found by waiting for charge (harness/phones/care.py).
    """

    name = "charging"
    kind = "battery_low"
    reads = "dumpsys battery: powered, status, level"
    #: Phones that are told to spare their battery stop at 80 or 85 %, and none below.
    below_pct = 80.0

    def check(self, probe: PhoneProbe) -> Finding | None:
        """A note: the phone works as long as its charge lasts."""
        battery = probe.battery
        if battery.faked or not battery.plugged or battery.status not in ("discharging", "not charging"):
            return None
        if battery.level_pct is None or battery.level_pct >= self.below_pct:
            return None
        source = " and ".join(battery.plugged)
        message = f"it is powered by {source} and does not charge at {battery.level_pct:.0f} % ({battery.status})"
        return self._found(message, "try another cable or port, or let it cool down", blocking=False)
