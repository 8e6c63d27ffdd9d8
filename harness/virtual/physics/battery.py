"""A battery cell: open-circuit voltage, inner resistance, charge; and what a supply does to it. Pure.

Current is positive out of the cell. An empty cell stays at 0 and goes on giving: a virtual phone never shuts down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from harness.virtual.profile import Battery

Status = Literal["Charging", "Discharging", "Full", "Not charging"]

#: Open-circuit voltage of a lithium cell by charge (share, volts): the usual shape, flat in the middle.
_CURVE = ((0.0, 3.30), (0.05, 3.56), (0.2, 3.70), (0.5, 3.83), (0.8, 4.08), (1.0, 4.34))
#: Share of charge where constant-current charging ends, and above which the cell counts as full.
_TAPER_FROM = 0.8
_FULL = 0.995
#: Fastest charging, in capacities per hour.
_MAX_C_RATE = 0.5


@dataclass(frozen=True)
class Flow:
    """What flows: current out of the cell, voltage at its terminals, its state, and what is lost as heat in it."""

    current_ma: float
    voltage_v: float
    status: Status
    loss_w: float


class Cell:
    """A cell with the charge it has at boot."""

    def __init__(self, battery: Battery) -> None:
        self._battery = battery
        self.charge_mah = battery.capacity_mah * battery.level / 100
        # The profile states the voltage at boot; the curve is shifted to meet it.
        self._offset_v = battery.voltage_mv / 1000 - _curve(battery.level / 100)

    @property
    def share(self) -> float:
        """Charge as a share of the capacity."""
        return self.charge_mah / self._battery.capacity_mah

    def set_level(self, percent: float) -> None:
        """Put the cell to a charge."""
        self.charge_mah = self._battery.capacity_mah * min(100.0, max(0.0, percent)) / 100

    def flow(self, power_w: float, supply_w: float) -> Flow:
        """What flows while the phone draws `power_w` and a supply offers up to `supply_w` (0: unplugged)."""
        open_v = max(2.5, _curve(self.share) + self._offset_v)
        ohm = self._battery.resistance_mohm / 1000
        out_w = power_w - supply_w
        status: Status = "Discharging"
        if supply_w > 0:
            status = "Charging"
            if out_w < 0:
                out_w = max(out_w, -self._most_charging_w(open_v))
                if self.share >= _FULL:
                    out_w, status = 0.0, "Full"
                elif self.share * 100 >= self._battery.charge_limit:
                    out_w, status = 0.0, "Not charging"
        # out_w = I·(open_v - ohm·I); beyond the cell's best the current of the best is taken.
        root = math.sqrt(max(0.0, open_v**2 - 4 * ohm * out_w))
        amps = (open_v - root) / (2 * ohm) if ohm else out_w / open_v
        return Flow(amps * 1000, open_v - ohm * amps, status, ohm * amps**2)

    def advance(self, dt_s: float, current_ma: float) -> None:
        """Let that current flow for `dt_s` seconds."""
        charge = self.charge_mah - current_ma * dt_s / 3600
        self.charge_mah = min(float(self._battery.capacity_mah), max(0.0, charge))

    def _most_charging_w(self, open_v: float) -> float:
        taper = min(1.0, max(0.05, (1.0 - self.share) / (1.0 - _TAPER_FROM)))
        return open_v * self._battery.capacity_mah / 1000 * _MAX_C_RATE * taper


def _curve(share: float) -> float:
    for (low, low_v), (high, high_v) in pairwise(_CURVE):
        if share <= high:
            return low_v + (high_v - low_v) * (share - low) / (high - low)
    return _CURVE[-1][1]
