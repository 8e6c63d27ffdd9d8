"""Phones taken out of the rack by hand or by an alarm. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from harness.rack.status import RackState

#: States that a hold can have, the strongest first: of several holds on one phone the first of these counts.
HOLD_STATES = (RackState.NEEDS_PERSON, RackState.QUARANTINED, RackState.DRAINING)


@dataclass(frozen=True)
class Hold:
    """One phone's hold.

    Attributes:
        state: QUARANTINED, DRAINING or NEEDS_PERSON.
        reason, advice: why, and what to do.
        by: who, as user@host.
        since_epoch_s: when, by this machine's clock.
        for_s: how long; None: until it is lifted by hand.
    """

    state: RackState
    reason: str
    advice: str
    by: str
    since_epoch_s: float
    for_s: float | None = None

    @property
    def until_epoch_s(self) -> float | None:
        """When it ends by itself, by this machine's clock; None: it does not."""
        return None if self.for_s is None else self.since_epoch_s + self.for_s

    def words(self) -> str:
        """One line for people: the reason, who said so, and until when (this machine's local time)."""
        until = self.until_epoch_s
        if until is None:
            end = "until it is lifted"
        else:
            end = f"until {datetime.datetime.fromtimestamp(until).astimezone():%Y-%m-%d %H:%M}"
        return f"{self.state} {end} by {self.by}: {self.reason}"


def strongest(holds: Iterable[Hold]) -> Hold | None:
    """The hold that counts of one phone's, None where there is none."""
    return min(holds, key=lambda h: HOLD_STATES.index(h.state), default=None)
