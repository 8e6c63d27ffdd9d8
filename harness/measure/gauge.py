"""What a battery gauge is like: its unit and sign, how often it has a new value, its step. Pure.

Method: a value that holds for a time and then changes shows the refresh interval; the smallest change shows the step.
Unit and sign can be told only while the phone runs from its battery (see power.py).
"""

from __future__ import annotations

import itertools
import statistics
from dataclasses import dataclass

from harness.measure.power import amps_per_unit, to_volts
from harness.measure.sampler import SamplerLog

#: Changes that must have been seen before an interval is believed.
_LEAST_CHANGES = 4


@dataclass(frozen=True)
class GaugeFacts:
    """One gauge. What could not be seen is None, with its reason.

    Attributes:
        node: name of the current's node.
        unit: "ua" or "ma"; discharge_sign: of a current that discharges.
        refresh_s: median time between two values; step: smallest change, in the node's unit.
        median: of the current as read.
    """

    node: str
    median: float
    unit: str | None = None
    discharge_sign: int | None = None
    unit_reason: str | None = None
    refresh_s: float | None = None
    step: float | None = None
    refresh_reason: str | None = None


def describe_gauges(log: SamplerLog, charging: str | None) -> list[GaugeFacts]:
    """Every current gauge in a log of an otherwise idle phone.

    Args:
        log: of the gauge's nodes, sampled faster than the gauge is thought to be.
        charging: why the phone counts as charging, None on battery.
    """
    return [
        _describe(log, name, charging)
        for name, values in log.columns.items()
        if name.endswith(".current_now") and any(v is not None for v in values)
    ]


def _describe(log: SamplerLog, name: str, charging: str | None) -> GaugeFacts:
    points = [(t, v) for t, v in zip(log.times_s, log.columns[name], strict=True) if v is not None]
    middle = statistics.median(v for _, v in points)
    unit, sign, why = _unit(log, name, middle, charging)
    changes = [t for (_, before), (t, after) in itertools.pairwise(points) if before != after]
    if len(changes) < _LEAST_CHANGES:
        reason = f"its value changed {len(changes)} times in {points[-1][0] - points[0][0]:.0f} s"
        return GaugeFacts(name, middle, unit, sign, why, None, None, reason)
    held = [b - a for a, b in itertools.pairwise(changes)]
    steps = [abs(b - a) for (_, a), (_, b) in itertools.pairwise(points) if a != b]
    return GaugeFacts(name, middle, unit, sign, why, statistics.median(held), min(steps), None)


def _unit(log: SamplerLog, name: str, middle: float, charging: str | None) -> tuple[str | None, int | None, str | None]:
    if charging is not None:
        return None, None, f"{charging}: unit and sign show only on battery"
    voltages = [v for v in log.columns.get(name.replace("current_now", "voltage_now"), ()) if v is not None]
    volts = to_volts(statistics.median(voltages)) if voltages else None
    factor = amps_per_unit([middle], volts)
    if factor is None:
        return None, None, "no unit, or more than one, makes it the power of a phone"
    return "ua" if abs(factor) == 1e-6 else "ma", 1 if middle > 0 else -1, None
