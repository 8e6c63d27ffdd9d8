"""A virtual phone's clock: seconds since boot that run at a rate of their own."""

from __future__ import annotations

import asyncio
import time


class PhoneClock:
    """CLOCK_BOOTTIME, CLOCK_MONOTONIC and the wall clock of one phone.

    Args:
        rate: phone seconds per real second; a night passes in minutes at 200.
    """

    def __init__(self, rate: float = 1.0) -> None:
        if rate <= 0:
            raise ValueError(f"rate must be positive, not {rate}")
        self.rate = rate
        self._boot = time.monotonic()
        self._started = time.monotonic()
        self._epoch = (time.time(), self._started)
        self._slept = 0.0  # real seconds of this boot in which the phone was suspended
        self._asleep_since: float | None = None
        self._awake = asyncio.Event()
        self._awake.set()

    def now_s(self) -> float:
        """Seconds since the phone booted, those in suspend included."""
        return (time.monotonic() - self._boot) * self.rate

    def total_s(self) -> float:
        """Seconds since the phone was first started, whatever it did since."""
        return (time.monotonic() - self._started) * self.rate

    def awake_s(self) -> float:
        """Seconds since the phone booted without those in suspend: the clock of programs that time themselves."""
        now = time.monotonic()
        asleep = now - self._asleep_since if self._asleep_since is not None else 0.0
        return (now - self._boot - self._slept - asleep) * self.rate

    def wall_s(self) -> float:
        """Seconds since 1970 as the phone believes; starts at the host's time and runs at the phone's rate."""
        wall, started = self._epoch
        return wall + (time.monotonic() - started) * self.rate

    def restart(self) -> None:
        """The phone boots again: uptime starts at 0, the wall clock goes on."""
        self.resume()
        self._boot = time.monotonic()
        self._slept = 0.0

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward, or back where negative; uptime does not notice."""
        wall, started = self._epoch
        self._epoch = (wall + seconds, started)

    def suspend(self) -> None:
        """From now on programs do not get on."""
        if self._asleep_since is None:
            self._asleep_since = time.monotonic()
            self._awake.clear()

    def resume(self) -> None:
        """The phone is awake again."""
        if self._asleep_since is not None:
            self._slept += time.monotonic() - self._asleep_since
            self._asleep_since = None
            self._awake.set()

    async def sleep(self, seconds: float) -> None:
        """Wait that many of the phone's seconds as its programs do: a suspended phone's take longer."""
        end = self.awake_s() + seconds
        while (left := end - self.awake_s()) > 0 or not self._awake.is_set():
            await self._awake.wait()
            await asyncio.sleep(max(0.0, left) / self.rate)

    async def wait(self, seconds: float) -> None:
        """Wait that many of the phone's seconds, whether it sleeps or not."""
        if seconds > 0:
            await asyncio.sleep(seconds / self.rate)
