"""Climbs the ladder of recovery for one phone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.phones.recovery.target import RecoveryTarget
from harness.rack.events import Recovered
from harness.rack.failure import Failure

if TYPE_CHECKING:
    from harness.clock import Clock

log = logging.getLogger("harness.recover")

__all__ = ["RecoveryStep", "RecoveryTarget", "recover"]


@dataclass(frozen=True)
class RecoveryStep:
    """One rung that was tried.

    Attributes:
        rung: its name; "look" is the look at the phone before any.
        ok: the phone was well after it.
        seconds: real time that it took, the proof included.
        message: what was done and what came of it, one sentence.
    """

    rung: str
    ok: bool
    seconds: float
    message: str


def recover(
    target: RecoveryTarget,
    failure: Failure,
    *,
    clock: Clock,
    on_step: Callable[[RecoveryStep], None] = lambda _: None,
) -> Recovered:
    """Try the rungs for `failure` in order until the phone is well.

    Args:
        target: the phone.
        failure: what is wrong with it.
        clock: the phones', for waits such as a boot's; the transport has real deadlines of its own.
        on_step: told of each rung after it was tried.

    Returns:
        `Recovered(None)` where the phone's shell answers and what was wrong is gone, else why not. Never raises for the
        phone's, the hub's or the server's fault.
    """
    return Recovered(failure)
