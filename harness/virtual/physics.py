"""Heat, throttling and the battery gauge of a virtual phone. Pure: time and power are passed in."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from harness.virtual.profile import Gauge, Heat

#: Share of the clock lost per degree of the skin over the throttling point.
_LOSS_PER_C = 0.06


@dataclass
class Temperatures:
    """Skin and battery, degrees Celsius, following the power drawn with a first-order lag each."""

    heat: Heat
    skin_c: float = 0.0
    battery_c: float = 0.0

    def __post_init__(self) -> None:
        self.skin_c = self.heat.ambient_c + self.heat.skin_c_per_w * self.heat.idle_w
        self.battery_c = self.heat.ambient_c + self.heat.battery_c_per_w * self.heat.idle_w

    def advance(self, dt_s: float, power_w: float) -> None:
        """Let `dt_s` seconds pass at `power_w`; exact for constant power, so the step width does not matter."""
        for name, per_w, tau in (
            ("skin_c", self.heat.skin_c_per_w, self.heat.tau_s),
            ("battery_c", self.heat.battery_c_per_w, self.heat.battery_tau_s),
        ):
            target = self.heat.ambient_c + per_w * power_w
            now = getattr(self, name)
            setattr(self, name, target + (now - target) * math.exp(-dt_s / tau))


def throttle(heat: Heat, skin_c: float) -> float:
    """Share of the maximum clock that is allowed at this skin temperature, from `throttle_floor` to 1."""
    return min(1.0, max(heat.throttle_floor, 1.0 - _LOSS_PER_C * (skin_c - heat.throttle_skin_c)))


def status(heat: Heat, skin_c: float) -> int:
    """Thermal status 0 (none) to 3 (severe) as `dumpsys thermalservice` names it."""
    over = skin_c - heat.throttle_skin_c
    return 0 if over < 0 else 1 if over < 2 else 2 if over < 4 else 3


@dataclass
class GaugeReading:
    """What the gauge node shows: the current in the node's unit, lagging, stepped and refreshed now and then."""

    gauge: Gauge
    random: random.Random
    shown: float = 0.0
    _filtered_ma: float | None = None
    _next_s: float = 0.0

    def advance(self, now_s: float, dt_s: float, discharge_ma: float) -> None:
        """Let time pass while `discharge_ma` flows out of the battery (negative: into it)."""
        # A first-order filter reaches 90 % after 2.3 time constants.
        tau = self.gauge.lag_s / 2.3026
        if self._filtered_ma is None or tau <= 0:
            self._filtered_ma = discharge_ma
        else:
            self._filtered_ma = discharge_ma + (self._filtered_ma - discharge_ma) * math.exp(-dt_s / tau)
        if now_s < self._next_s:
            return
        self._next_s = now_s + self.gauge.refresh_s
        seen = self._filtered_ma * self.gauge.gain * self.random.gauss(1.0, self.gauge.noise)
        in_unit = seen * (1000.0 if self.gauge.unit == "ua" else 1.0) * self.gauge.discharge_sign
        self.shown = round(in_unit / self.gauge.step) * self.gauge.step


@dataclass
class Ledger:
    """The truth beside the gauge: energy that the phone drew, and power over time. Tests compare with it."""

    total_mj: float = 0.0
    series: list[tuple[float, float]] = field(default_factory=list)

    def add(self, now_s: float, dt_s: float, power_w: float) -> None:
        """`power_w` was drawn for the `dt_s` seconds up to `now_s`."""
        self.total_mj += power_w * 1000 * dt_s
        self.series.append((now_s, power_w * 1000))
        if len(self.series) > 200_000:
            del self.series[:100_000]
