"""What else the phone did meanwhile. Pure."""

from __future__ import annotations

from harness.measure.rules.rule import Evidence, Rule

#: More than this share of all cores busy while the harness only looked at the phone: something else runs.
BUSY_SHARE = 0.5


class Busy(Rule):
    """Other programs had the cores before the start."""

    name = "busy"
    meaning = "other programs used the phone"
    threshold = f"more than {BUSY_SHARE:.0%} of all cores busy before the start, while nothing of ours ran"
    why = "a benchmark that shares its cores is slower than one that has them"

    def broken(self, e: Evidence) -> str | None:
        """From the kernel's own counters."""
        share = e.others_busy
        return (
            f"{share:.0%} of the cores were busy before the start" if share is not None and share > BUSY_SHARE else None
        )


class Charging(Rule):
    """The battery's current says nothing of the load."""

    name = "charging"
    meaning = "the phone was charging, so its power is unknown"
    threshold = "any supply online, or the battery said to charge, before, while or after"
    why = "the battery's current is then charge minus load; and charging warms the phone"

    def broken(self, e: Evidence) -> str | None:
        """Only what is known to charge, not what is merely not known to discharge."""
        return e.charging if e.charging is not None and e.charging.startswith("charging") else None


class LeaseLost(Rule):
    """Somebody else took the phone."""

    name = "lease_lost"
    voids = True
    meaning = "another run took the phone while it ran; such a session does not count"
    threshold = "the lease on the phone is another one at its end"
    why = "two benchmarks at once measure each other"

    def broken(self, e: Evidence) -> str | None:
        """As run.sh saw it."""
        return "the lease was another one's at its end" if e.fenced else None
