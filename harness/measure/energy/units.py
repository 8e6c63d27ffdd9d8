"""Which unit and sign make a gauge's values those of a phone. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

#: Power of a phone with its screen on, W: outside, the unit is wrong.
PLAUSIBLE_W = (0.3, 8.0)
#: More than this share of samples with the other sign: something charges, or the sign is not what it seems.
OTHER_SIGN = 0.05
#: Supplies that may hold a battery gauge, the likeliest first.
SUPPLIES = ("battery", "bms", "maxfg")


def to_volts(value: float) -> float | None:
    """A cell's voltage from a node in V, mV or µV, whichever fits; None where none does."""
    return next((value / scale for scale in (1e6, 1e3, 1.0) if 2.5 <= value / scale <= 5.5), None)


def amps_per_unit(values: Sequence[float], volts: float | None) -> float | None:
    """The factor from a current node's unit to ampere drawn, sign included, from values on battery.

    None where no unit, or more than one, puts the power into the range of a phone.
    """
    if volts is None or not values:
        return None
    middle = statistics.median(values)
    low, high = PLAUSIBLE_W
    fitting = [scale for scale in (1e-6, 1e-3) if low <= abs(middle) * scale * volts <= high]
    if len(fitting) != 1:
        return None
    return fitting[0] if middle > 0 else -fitting[0]


def other_sign(values: Sequence[float], factor: float) -> bool:
    """Whether too many values have the other sign than `factor` says of discharging."""
    return sum(v * factor < 0 for v in values) > OTHER_SIGN * len(values)
