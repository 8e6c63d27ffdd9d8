"""What the units of a virtual phone draw. Pure; watts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from harness.virtual.profile import Heat

Kind = Literal["cpu", "gpu", "npu"]
KINDS: tuple[Kind, ...] = ("cpu", "gpu", "npu")


def unit_w(heat: Heat, kind: Kind, busy: float, clock: float) -> float:
    """Draw of one unit that is busy for a share of its capacity at a share of its full clock.

    Voltage falls with the clock, so power falls with more than its first power; the square is the usual middle.
    """
    full = {"cpu": heat.cpu_w, "gpu": heat.gpu_w, "npu": heat.npu_w}[kind]
    return full * min(1.0, max(0.0, busy)) * clock**2


def total_w(heat: Heat, units_w: Mapping[Kind, float], *, screen_on: bool) -> float:
    """Draw of the whole phone."""
    return heat.idle_w - (0.0 if screen_on else heat.screen_w) + sum(units_w.values())
