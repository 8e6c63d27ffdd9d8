"""Watches a block that a phone runs by itself, until it is over, and hands on what is finished."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from harness.benchmark.device_block import BlockState, DeviceBlock
from harness.clock import Clock
from harness.errors import HostTransientError, PhoneTransientError

log = logging.getLogger("harness.watch")

#: Real seconds between looks at a running block, and once only its end is waited for.
POLL_S = 0.4
_END_POLL_S = 0.05
#: Phone seconds, and real ones, without a heartbeat before a block counts as dead.
_SILENT_S = 90.0
_SILENT_REAL_S = 15.0
#: Real seconds for which a lost link may come back: a phone boots in less.
LINK_S = 180.0


class Ending(Enum):
    """Why a block is over; the value ends the sentence "… sessions did not run: "."""

    COMPLETE = "complete"
    INTERRUPTED = "it was interrupted"
    GONE = "its folder is gone from the phone"
    REBOOTED = "the phone rebooted"
    DIED = "what ran on the phone was killed"
    HUNG = "the phone stopped working on it"
    FENCED = "another run took the phone"
    HOT = "the phone was too hot: its battery reached the temperature where the harness stops"
    FULL = "the phone's storage is full"
    LOW = "the phone's battery was too low: it fell below the charge where the harness stops"
    EARLY = "run.sh on the phone ended early"


#: What run.sh writes into `done`, where it is no mishap of its own.
_DONE = {
    "complete": Ending.COMPLETE,
    "fenced": Ending.FENCED,
    "full": Ending.FULL,
    "hot": Ending.HOT,
    "low": Ending.LOW,
    "stopped": Ending.INTERRUPTED,
}


@dataclass(frozen=True)
class Over:
    """A block is over. running: the session that was under way when the phone died."""

    ending: Ending
    running: int | None = None


def watch(
    block: DeviceBlock,
    collect: Callable[[BlockState], bool],
    *,
    clock: Clock,
    stop: threading.Event,
    quiet_s: float = 0.0,
    link_s: float = LINK_S,
    alone: Callable[[], None] | None = None,
) -> Over:
    """Look at `block` until it is over.

    Args:
        collect: takes what is finished, and says whether anything is still to come.
        clock: the phone's.
        stop: when set, the block is ended on the phone.
        quiet_s: the longest time that run.sh is silent on purpose.
        link_s: real seconds for which the link may be lost.
        alone: lets the phone work on without its link, and comes back when the link is back.

    Returns:
        Why it is over.

    Raises:
        PhoneTransientError, HostTransientError: the link stayed lost. The phone goes on by itself and keeps everything.
    """
    heartbeat, heard, heard_real = "", clock.now(), time.monotonic()
    seen, lost = time.monotonic(), False
    while True:
        stopping = stop.is_set()
        try:
            if stopping:
                block.end()
            state = block.look()
            more = collect(state)
        except (PhoneTransientError, HostTransientError):
            if stopping or time.monotonic() - seen > link_s:
                raise
            if not lost:
                log.warning("%s: the phone is gone; it works on alone, and is waited for %.0f s", block.serial, link_s)
                lost = True
            stop.wait(POLL_S)
            continue
        seen, lost = time.monotonic(), False
        if stopping:
            return Over(Ending.INTERRUPTED)
        if state.done:
            return Over(_DONE.get(state.done, Ending.EARLY))
        if state.gone:
            return Over(Ending.GONE)
        if state.heartbeat != heartbeat:
            heartbeat, heard, heard_real = state.heartbeat, clock.now(), time.monotonic()
        silent = clock.now() - heard > _SILENT_S + quiet_s and time.monotonic() - heard_real > _SILENT_REAL_S
        if state.rebooted or state.dead or silent:
            block.end()
            ending = Ending.REBOOTED if state.rebooted else Ending.DIED if state.dead else Ending.HUNG
            return Over(ending, state.running)
        if alone is not None and more:
            alone()
            heard, heard_real, seen = clock.now(), time.monotonic(), time.monotonic()
            continue
        stop.wait(POLL_S if more else _END_POLL_S)
