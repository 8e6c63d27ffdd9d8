"""The true energy that a virtual phone drew, kept beside what its gauge shows, for tests to compare."""

from __future__ import annotations

from bisect import bisect_right


class Ledger:
    """Power over uptime as a step function, exact between the model's steps. Units: mJ, mW, seconds of uptime."""

    def __init__(self) -> None:
        self._starts: list[float] = []
        self._mw: list[float] = []
        self._before_mj: list[float] = []  # energy drawn before each start
        self._end_s = 0.0
        self.total_mj = 0.0

    def add(self, until_s: float, dt_s: float, mw: float) -> None:
        """`mw` was drawn during the `dt_s` seconds up to `until_s`."""
        if dt_s <= 0:
            return
        if not self._mw or self._mw[-1] != mw:
            self._starts.append(until_s - dt_s)
            self._mw.append(mw)
            self._before_mj.append(self.total_mj)
        self.total_mj += mw * dt_s
        self._end_s = until_s

    @property
    def series(self) -> list[tuple[float, float]]:
        """(uptime_s, true_mw) at each change; the value holds until the next."""
        return list(zip(self._starts, self._mw, strict=True))

    def power_mw(self, uptime_s: float) -> float | None:
        """What was drawn at that time; None before the first and after the last step."""
        if not self._starts or not self._starts[0] <= uptime_s <= self._end_s:
            return None
        return self._mw[bisect_right(self._starts, uptime_s) - 1]

    def energy_mj(self, from_s: float, to_s: float) -> float:
        """What was drawn between two times; outside of what was recorded counts nothing."""
        return self._until_mj(to_s) - self._until_mj(from_s)

    def _until_mj(self, uptime_s: float) -> float:
        if not self._starts or uptime_s <= self._starts[0]:
            return 0.0
        index = bisect_right(self._starts, uptime_s) - 1
        return self._before_mj[index] + self._mw[index] * (min(uptime_s, self._end_s) - self._starts[index])
