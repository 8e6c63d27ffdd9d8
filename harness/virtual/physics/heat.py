"""Heat of skin, battery and silicon, and the throttling that follows. Pure; degrees Celsius, watts, seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.virtual.profile import Heat

#: Share of the clock lost per degree of the skin over the throttling point.
LOSS_PER_C = 0.06
#: Degrees over the throttling point where statuses 1 to 6 (light … shutdown) begin.
STATUS_STEPS_C = (0.0, 2.0, 4.0, 8.0, 12.0, 16.0)
#: Silicon over skin: at rest, and per watt of that unit. It follows load at once on the scale of a sampler.
DIE_OFFSET_C = 3.0
DIE_C_PER_W = 5.0


@dataclass
class Temperatures:
    """Skin and battery, each following what the phone dissipates with a first-order lag of its own."""

    heat: Heat
    skin_c: float = 0.0
    battery_c: float = 0.0

    def __post_init__(self) -> None:
        self.skin_c = self.heat.ambient_c + self.heat.skin_c_per_w * self.heat.idle_w
        self.battery_c = self.heat.ambient_c + self.heat.battery_c_per_w * self.heat.idle_w

    def advance(self, dt_s: float, dissipated_w: float) -> None:
        """Let `dt_s` seconds pass; exact for constant power, so the step width does not matter."""
        heat = self.heat
        self.skin_c = _approach(self.skin_c, heat.ambient_c + heat.skin_c_per_w * dissipated_w, dt_s / heat.tau_s)
        self.battery_c = _approach(
            self.battery_c, heat.ambient_c + heat.battery_c_per_w * dissipated_w, dt_s / heat.battery_tau_s
        )


def _approach(now: float, target: float, time_constants: float) -> float:
    return target + (now - target) * math.exp(-time_constants)


def die_c(skin_c: float, unit_w: float) -> float:
    """Temperature of a unit that draws `unit_w`."""
    return skin_c + DIE_OFFSET_C + DIE_C_PER_W * unit_w


def throttle(heat: Heat, skin_c: float) -> float:
    """Share of the maximum clock that is allowed at this skin temperature, from `throttle_floor` to 1."""
    return min(1.0, max(heat.throttle_floor, 1.0 - LOSS_PER_C * (skin_c - heat.throttle_skin_c)))


def status_limits_c(heat: Heat) -> list[float]:
    """Skin temperatures where thermal statuses 1 to 6 begin."""
    return [heat.throttle_skin_c + step for step in STATUS_STEPS_C]


def status(heat: Heat, skin_c: float) -> int:
    """Thermal status 0 (none) to 6 (shutdown) as Android numbers it."""
    return sum(skin_c > limit for limit in status_limits_c(heat))
