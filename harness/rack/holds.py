"""Phones taken out of the rack by hand or by an alarm. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harness.rack.status import RackState


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
