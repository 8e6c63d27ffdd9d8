"""Clocks that are passed in, so that waits and deadlines can run at a virtual phone's rate."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Seconds that only grow, and a way to wait for them."""

    def now(self) -> float:
        """Seconds since an arbitrary start."""

    def sleep(self, seconds: float) -> None:
        """Wait that many of this clock's seconds."""


class RateClock:
    """The machine's monotonic clock, run `rate` times as fast.

    Real phones have rate 1. The host uses the rate of a virtual rack, so that a cool-down of a minute passes as fast
    on the host as on the phones. Transport deadlines never use it: bytes travel in real time.
    """

    def __init__(self, rate: float = 1.0) -> None:
        if rate <= 0:
            raise ValueError(f"rate must be positive, not {rate}")
        self.rate = rate

    def now(self) -> float:
        """Seconds of this clock, from an arbitrary start."""
        return time.monotonic() * self.rate

    def sleep(self, seconds: float) -> None:
        """Wait `seconds` of this clock."""
        if seconds > 0:
            time.sleep(seconds / self.rate)
