"""A virtual phone's clock: seconds since boot that run at a rate of their own."""

from __future__ import annotations

import asyncio
import time


class PhoneClock:
    """CLOCK_BOOTTIME and the wall clock of one phone.

    Args:
        rate: phone seconds per real second; a night passes in minutes at 200.
    """

    def __init__(self, rate: float = 1.0) -> None:
        if rate <= 0:
            raise ValueError(f"rate must be positive, not {rate}")
        self.rate = rate
        self._boot = time.monotonic()
        self._epoch = (time.time(), time.monotonic())

    def now_s(self) -> float:
        """Seconds since the phone booted."""
        return (time.monotonic() - self._boot) * self.rate

    def wall_s(self) -> float:
        """Seconds since 1970 as the phone believes; starts at the host's time and runs at the phone's rate."""
        wall, started = self._epoch
        return wall + (time.monotonic() - started) * self.rate

    def restart(self) -> None:
        """The phone boots again: uptime starts at 0, the wall clock goes on."""
        self._boot = time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait that many of the phone's seconds."""
        if seconds > 0:
            await asyncio.sleep(seconds / self.rate)
