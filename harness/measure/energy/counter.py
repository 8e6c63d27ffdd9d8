"""The battery's charge counter: a second source for long runs, and a check of the current. Pure.

Between two of its steps exactly that charge flowed, whatever the current did, so energy follows from it with no lag;
its step makes it blind for short windows.
"""

from __future__ import annotations

import itertools
import statistics
from dataclasses import dataclass

from harness.measure.energy.steps import changes, integral
from harness.measure.energy.units import SUPPLIES, amps_per_unit, to_volts
from harness.measure.sampler import SamplerLog
from harness.measure.trace import PowerTrace

SOURCE = "charge counter"
#: Steps that a counter must have made before it is believed, and seconds that it is compared over at least.
_LEAST_STEPS, _LEAST_S = 3, 30.0
#: A current whose integral is further than this from what the counter lost is another pack's, or in another unit.
_AGREES = (0.67, 1.5)


@dataclass(frozen=True)
class CrossCheck:
    """Charge by the current over charge by the counter; None with the reason where they cannot be compared."""

    ratio: float | None = None
    reason: str | None = None

    @property
    def contradiction(self) -> str | None:
        """Why the current is not believed; None where the counter agrees or says nothing."""
        if self.ratio is None or _AGREES[0] <= self.ratio <= _AGREES[1]:
            return None
        return (
            f"the gauge's current gives {self.ratio:.2f} times the charge that the counter lost: "
            "another unit, or one of two battery packs"
        )


def cross_check(log: SamplerLog, supply: str, amps: float, lag_s: float) -> CrossCheck:
    """Compare the current of a supply with its charge counter, between the counter's first and last step.

    Args:
        amps: from the current's unit to ampere drawn.
        lag_s: of the gauge.
    """
    steps = _steps(log, supply)
    if not steps:
        return CrossCheck(reason="this phone lets nobody read its charge counter")
    moved = steps[1:]
    if len(moved) < _LEAST_STEPS + 1:
        return CrossCheck(
            reason=f"the charge counter moved {max(0, len(moved) - 1)} steps, too few to check the current"
        )
    (start, first), (end, last) = moved[0], moved[-1]
    if end - start < max(_LEAST_S, 5 * lag_s):
        return CrossCheck(reason="the charge counter was seen for too short a time to check the current")
    factor, reason = _factor(log, supply)
    if factor is None:
        return CrossCheck(reason=reason)
    current = log.window(f"{supply}.current_now", start - 1, end + 1)
    if not current:
        return CrossCheck(reason="the shell user may not read this phone's battery current")
    return CrossCheck(integral(current, start, end) * amps / ((last - first) * factor))


def counter_trace(log: SamplerLog | None) -> PowerTrace | str:
    """Power from the charge counter, or why there is none."""
    if log is None or not log.times_s:
        return "the sampler wrote nothing"
    reason = "the shell user may not read this phone's charge counter"
    for supply in SUPPLIES:
        steps = _steps(log, supply)
        if not steps:
            continue
        moved = steps[1:]
        if len(moved) < _LEAST_STEPS + 1:
            reason = f"the charge counter moved {max(0, len(moved) - 1)} steps, too few for energy"
            continue
        factor, why = _factor(log, supply)
        if factor is None:
            reason = why or reason
            continue
        if any((b - a) * factor < 0 for (_, a), (_, b) in itertools.pairwise(moved)):
            return "the charge counter rose: something charges"
        points, spans = [], []
        for (start, before), (end, after) in itertools.pairwise(moved):
            volts = _volts(log, supply, start, end)
            if volts is None:
                return "the battery's voltage is not known"
            points.append((start, (after - before) * factor / (end - start) * volts * 1000))
            spans.append(end - start)
        # What flows between two steps is spread evenly, so an edge of the load lies within the longest such time.
        return PowerTrace(
            SOURCE, tuple(points), statistics.median(spans), lag_s=max(spans), until_s=moved[-1][0]
        )  # fmt: skip
    return reason


def _steps(log: SamplerLog, supply: str) -> tuple[tuple[float, float], ...]:
    name = f"{supply}.charge_counter"
    return changes(log.window(name, log.times_s[0], log.times_s[-1])) if log.times_s else ()


def _factor(log: SamplerLog, supply: str) -> tuple[float | None, str | None]:
    """From the counter's unit to ampere seconds drawn."""
    moved = _steps(log, supply)[1:]
    (start, first), (end, last) = moved[0], moved[-1]
    amps = amps_per_unit([(last - first) * 3600 / (end - start)], _volts(log, supply, start, end))
    if amps is None:
        return None, "no unit of the charge counter makes it the power of a phone"
    if amps > 0:
        return None, "the charge counter rises while the phone runs from its battery"
    return amps * 3600, None


def _volts(log: SamplerLog, supply: str, start_s: float, end_s: float) -> float | None:
    values = [v for _, v in log.window(f"{supply}.voltage_now", start_s, end_s)]
    return to_volts(statistics.fmean(values)) if values else None
