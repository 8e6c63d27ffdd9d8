"""What a battery gauge shows of the current that flows: lagging, refreshed now and then, stepped, noisy, biased. Pure.

Its numbers are chosen by the profile after the table of real gauges (section 0b of the fact sheet on Android).
"""

from __future__ import annotations

import math
import random
from collections import deque

from harness.virtual.profile import Gauge

#: A first-order filter has reached 90 % of a step after this many time constants.
_TAUS_TO_90_PCT = math.log(10)


class GaugeReading:
    """The gauge of one phone; the same seed gives the same unit and the same noise at the same time.

    Attributes:
        gain: what this unit shows over the true current.
        shown: the value in the node, in the node's unit and sign.
        counter_uah: charge left as this unit counts it, in its steps.
    """

    def __init__(self, gauge: Gauge, *, seed: int, charge_mah: float) -> None:
        self._gauge = gauge
        self._seed = seed
        self.gain = gauge.gain * (1.0 + random.Random(f"gain {seed}").gauss(0.0, gauge.gain_spread))
        self.shown = 0
        self._filtered_ma = 0.0
        self._average = _Average(gauge.average_s) if gauge.average_s else None
        self._counted_mah = charge_mah * gauge.counter_share
        self._phase_s = random.Random(f"phase {seed}").random() * gauge.refresh_s

    @property
    def counter_uah(self) -> int:
        """Charge left, µAh, in the counter's steps."""
        step = self._gauge.counter_step_uah
        return round(math.floor(self._counted_mah * 1000 / step) * step)

    @property
    def shown_ma(self) -> float:
        """What is shown, in mA and positive out of the battery, for programs that print it so."""
        return self.shown / (1000.0 if self._gauge.unit == "ua" else 1.0) * self._gauge.discharge_sign

    def restart(self, now_s: float, current_ma: float) -> None:
        """The phone boots: uptime starts again, and the gauge has settled by the time that anyone looks."""
        self._filtered_ma = current_ma
        if self._average:
            self._average.restart(current_ma)
        self._show(math.floor((now_s - self._phase_s) / self._gauge.refresh_s))

    def set_charge(self, charge_mah: float) -> None:
        """Count on from another charge."""
        self._counted_mah = charge_mah * self._gauge.counter_share

    def advance(self, now_s: float, dt_s: float, current_ma: float) -> None:
        """`current_ma` flowed out of the battery for the `dt_s` seconds up to `now_s`."""
        counted_ma = self.gain * current_ma * self._gauge.counter_share
        self._counted_mah = max(0.0, self._counted_mah - counted_ma * dt_s / 3600)
        refresh = self._gauge.refresh_s
        number = math.floor((now_s - self._phase_s) / refresh)
        since_s = now_s - (number * refresh + self._phase_s)
        if since_s <= dt_s:
            self._filter(dt_s - since_s, current_ma)
            self._show(number)
            self._filter(since_s, current_ma)
        else:
            self._filter(dt_s, current_ma)

    def _filter(self, dt_s: float, current_ma: float) -> None:
        if self._average:
            self._filtered_ma = self._average.advance(dt_s, current_ma)
            return
        tau = self._gauge.lag_s / _TAUS_TO_90_PCT
        left = math.exp(-dt_s / tau) if tau > 0 else 0.0
        self._filtered_ma = current_ma + (self._filtered_ma - current_ma) * left

    def _show(self, number: int) -> None:
        gauge = self._gauge
        taken_s = number * gauge.refresh_s + self._phase_s
        if any(begin <= taken_s < end for begin, end in gauge.stuck):
            return
        noise = random.Random(f"{self._seed} {number}").gauss(1.0, gauge.noise)
        seen = self._filtered_ma * gauge.pack_share * self.gain * noise
        in_unit = seen * (1000.0 if gauge.unit == "ua" else 1.0) * gauge.discharge_sign
        self.shown = round(round(in_unit / gauge.step) * gauge.step)


class _Average:
    """Mean of a current over the last `window_s` seconds."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._charge: deque[tuple[float, float]] = deque()  # (time, charge that flowed until then)

    def restart(self, current_ma: float) -> None:
        """That current has flowed for ever."""
        self._charge = deque([(-self._window_s, -self._window_s * current_ma), (0.0, 0.0)])

    def advance(self, dt_s: float, current_ma: float) -> float:
        """The mean after `dt_s` more seconds with this current."""
        now, flowed = self._charge[-1]
        now, flowed = now + dt_s, flowed + dt_s * current_ma
        self._charge.append((now, flowed))
        while self._charge[1][0] <= now - self._window_s:
            self._charge.popleft()
        (early, before), (late, after) = self._charge[0], self._charge[1]
        share = (now - self._window_s - early) / (late - early) if late > early else 0.0
        return (flowed - before - share * (after - before)) / self._window_s
