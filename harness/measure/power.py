"""Power and energy from a battery gauge, and when they cannot be known. Pure.

A gauge is believed only on battery: while a phone is plugged in, its current is charge minus load. Unit and sign
differ by maker: the sign follows from discharging, the unit is the one that puts the power into the range of a phone
(0.3 to 8 W); where both or none fit, nothing is reported.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from harness.measure.sampler import SamplerLog
from harness.records import Quantity

#: Power of a phone with its screen on, W: outside, the unit is wrong.
_PLAUSIBLE_W = (0.3, 8.0)
#: Shortest window that a slow gauge follows, s (ten times a step response of one to two seconds).
MIN_WINDOW_S = 20.0
_SUPPLIES = ("battery", "bms", "maxfg")


def mean_power(log: SamplerLog | None, start_s: float, end_s: float, charging: str | None) -> Quantity:
    """Mean power drawn from the battery between two moments, mW.

    Args:
        log: what was sampled, None where nothing was.
        start_s, end_s: CLOCK_BOOTTIME.
        charging: why the phone counts as charging, None where it runs from its battery.
    """
    reason = _refusal(log, start_s, end_s, charging)
    if reason is not None or log is None:
        return Quantity(reason=reason)
    for supply in _SUPPLIES:
        current = log.window(f"{supply}.current_now", start_s, end_s)
        voltage = log.window(f"{supply}.voltage_now", start_s, end_s)
        if len(current) < 5 or not voltage:
            continue
        volts = _volts(statistics.median(v for _, v in voltage))
        amps = _amps([v for _, v in current], volts)
        if volts is None or amps is None:
            return Quantity(reason="the gauge's unit cannot be told from its values")
        return Quantity(_time_mean(current, start_s, end_s) * amps * volts * 1000, source=f"{supply} gauge")
    return Quantity(reason="the shell user may not read this phone's battery gauge")


def energy_per_inference(
    log: SamplerLog | None, start_s: float, end_s: float, idle_s: float, runs: int, charging: str | None
) -> Quantity:
    """Energy of one inference over the idle phone, mJ; needs an idle window of `idle_s` on both sides."""
    gross = mean_power(log, start_s, end_s, charging)
    if gross.value is None:
        return Quantity(reason=gross.reason)
    if idle_s < MIN_WINDOW_S:
        return Quantity(reason="no idle window was measured")
    idle = [
        mean_power(log, start_s - idle_s, start_s - 1, charging),
        mean_power(log, end_s + 1, end_s + idle_s, charging),
    ]
    values = [q.value for q in idle if q.value is not None]
    if len(values) < 2 or runs <= 0:
        return Quantity(reason="the idle windows could not be read")
    net = gross.value - statistics.fmean(values)
    if net <= 0:
        return Quantity(reason="the load does not rise above the idle phone")
    return Quantity(net * (end_s - start_s) / runs, source=gross.source)


def _refusal(log: SamplerLog | None, start_s: float, end_s: float, charging: str | None) -> str | None:
    if charging is not None:
        return charging
    if log is None or not log.times_s:
        return "the sampler wrote nothing"
    if end_s - start_s < MIN_WINDOW_S:
        return f"the run is shorter than the {MIN_WINDOW_S:.0f} s that a gauge needs"
    return None


def _volts(value: float) -> float | None:
    return next((value / scale for scale in (1e6, 1e3, 1.0) if 2.5 <= value / scale <= 5.5), None)


def _amps(values: Sequence[float], volts: float | None) -> float | None:
    """The factor from the node's unit to ampere drawn, sign included."""
    if volts is None:
        return None
    middle = statistics.median(values)
    low, high = _PLAUSIBLE_W
    fitting = [scale for scale in (1e-6, 1e-3) if low <= abs(middle) * scale * volts <= high]
    if len(fitting) != 1:
        return None
    return fitting[0] if middle > 0 else -fitting[0]


def _time_mean(points: Sequence[tuple[float, float]], start_s: float, end_s: float) -> float:
    """Mean over time with each value held until the next."""
    total = 0.0
    moments = [max(start_s, points[0][0]), *(t for t, _ in points[1:]), end_s]
    for (_, value), begin, end in zip(points, moments, moments[1:], strict=False):
        total += value * (end - begin)
    return total / (end_s - moments[0])
