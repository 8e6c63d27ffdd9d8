"""Heat: before, while and after. Pure."""

from __future__ import annotations

from harness.measure.rules.rule import Evidence, Rule

#: A cap below this share of the maximum clock is throttling.
THROTTLED_PCT = 97.0


class Throttled(Rule):
    """Heat, or whoever else caps clocks."""

    name = "throttled"
    meaning = "heat lowered a clock"
    threshold = (
        f"a CPU cap below {THROTTLED_PCT:g} % of the maximum clock, or of what the state held allows, or a thermal "
        "status above none"
    )
    why = "a phone in a pocket or after a minute of work is that slow, a cool one is not"

    def broken(self, e: Evidence) -> str | None:
        """Believes the status only where the phone has limits for it, which `thermal` has seen to."""
        allowed = e.frequency.cap_of_allowed_pct
        cap = e.frequency.min_cap_pct if allowed is None else allowed
        if cap is not None and cap < THROTTLED_PCT:
            return f"a CPU cluster was capped at {cap:.0f} % of its clock"
        status = max(e.thermal.status_before or 0, e.thermal.status_after or 0)
        return f"the phone's thermal status was {status}" if status else None


class WarmStart(Rule):
    """The gate before the session ran out of time."""

    name = "warm_start"
    meaning = "the phone had not cooled down before the start"
    threshold = "the cool-down's time was over before the battery was as cool as when the block began"
    why = "heat of earlier sessions slows it down, and the order of sessions shows in the figures"

    def broken(self, e: Evidence) -> str | None:
        """As run.sh saw it."""
        if not e.warm_start:
            return None
        celsius = e.thermal.battery_before_c
        return "the wait was over" + (f" at {celsius:.1f} °C (battery)" if celsius is not None else "")


class TooHot(Rule):
    """The harness ended it."""

    name = "too_hot"
    meaning = "the battery became so hot that the session was ended"
    threshold = "the suite's care.hard_stop_c"
    why = "a phone must not be harmed for a figure"

    def broken(self, e: Evidence) -> str | None:
        """As run.sh saw it."""
        return f"the battery reached {e.hot}" if e.hot else None
