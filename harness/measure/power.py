"""Power and energy from a battery gauge, and when they cannot be known. Pure.

A gauge is believed only on battery: while a phone is plugged in, its current is charge minus load. Unit and sign
differ by maker: the sign follows from discharging, the unit is the one that puts the power into the range of a phone
(0.3 to 8 W); where both or none fit, or the sign changes, nothing is reported.

A gauge lags behind the load by seconds but loses no charge, so energy is followed past the end of the load until the
gauge has settled. Gain errors of a gauge (some percent) stay: figures of one phone compare with each other, figures of
two phones only roughly.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from harness.measure.trace import PowerTrace
from harness.records import Quantity

#: Power of a phone with its screen on, W: outside, the unit is wrong.
_PLAUSIBLE_W = (0.3, 8.0)
#: Shortest window that a slow gauge follows, s (ten times a step response of one to two seconds).
MIN_WINDOW_S = 20.0
#: A gauge has settled after this long, s; no longer than a third of the idle window.
_SETTLE_S = 5.0
#: More than this share of samples with the other sign: something charges, or the sign is not what it seems.
_OTHER_SIGN = 0.05
SUPPLIES = ("battery", "bms", "maxfg")


def mean_power(trace: PowerTrace, start_s: float, end_s: float) -> Quantity:
    """Mean power drawn between two moments, mW, idle phone included.

    Args:
        trace: a source that may be used (see sources.py).
        start_s, end_s: CLOCK_BOOTTIME.
    """
    if end_s - start_s < MIN_WINDOW_S:
        return Quantity(reason=f"the run is shorter than the {MIN_WINDOW_S:.0f} s that a gauge needs")
    inside = [(t, v) for t, v in trace.points if start_s <= t <= end_s]
    if len(inside) < 5:
        return Quantity(reason=f"{trace.source} gave too few values")
    return Quantity(_time_mean(inside, start_s, end_s), source=trace.source)


def energy_per_inference(trace: PowerTrace, start_s: float, end_s: float, idle_s: float, runs: int) -> Quantity:
    """Energy of one inference over the idle phone, mJ: net of the mean of the idle windows on both sides.

    Args:
        start_s, end_s: of the process; CLOCK_BOOTTIME.
        idle_s: length of the idle window before and after.
        runs: all inferences of the process, warm-up included.
    """
    if idle_s < MIN_WINDOW_S:
        return Quantity(reason="no idle window was measured")
    if runs <= 0:
        return Quantity(reason="no inference ran")
    settled_s = end_s + min(_SETTLE_S, idle_s / 3)
    load = mean_power(trace, start_s, settled_s)
    before, after = mean_power(trace, start_s - idle_s, start_s), mean_power(trace, settled_s, end_s + idle_s)
    if load.value is None or before.value is None or after.value is None:
        return Quantity(reason=load.reason or before.reason or after.reason)
    net = load.value - statistics.fmean((before.value, after.value))
    if net <= 0:
        return Quantity(reason="the load does not rise above the idle phone")
    return Quantity(net * (settled_s - start_s) / runs, source=load.source)


def to_volts(value: float) -> float | None:
    """A cell's voltage from a node in V, mV or µV, whichever fits; None where none does."""
    return next((value / scale for scale in (1e6, 1e3, 1.0) if 2.5 <= value / scale <= 5.5), None)


def amps_per_unit(values: Sequence[float], volts: float | None) -> float | None:
    """The factor from a current node's unit to ampere drawn, sign included, from values on battery.

    None where no unit, or more than one, puts the power into the range of a phone.
    """
    if volts is None:
        return None
    middle = statistics.median(values)
    low, high = _PLAUSIBLE_W
    fitting = [scale for scale in (1e-6, 1e-3) if low <= abs(middle) * scale * volts <= high]
    if len(fitting) != 1:
        return None
    return fitting[0] if middle > 0 else -fitting[0]


def other_sign(values: Sequence[float], factor: float) -> bool:
    """Whether too many values have the other sign than `factor` says of discharging."""
    return sum(v * factor < 0 for v in values) > _OTHER_SIGN * len(values)


def _time_mean(points: Sequence[tuple[float, float]], start_s: float, end_s: float) -> float:
    """Mean over time with each value held until the next."""
    total = 0.0
    moments = [max(start_s, points[0][0]), *(t for t, _ in points[1:]), end_s]
    for (_, value), begin, end in zip(points, moments, moments[1:], strict=False):
        total += value * (end - begin)
    return total / (end_s - moments[0])
