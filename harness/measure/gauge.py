"""What a battery gauge is like, and which of it is proven: unit, sign, refresh, step, lag. Pure.

On battery the sign is that of the idle phone; the unit is the one that makes the idle draw that of a phone; a load must
raise it; and where the charge counter moved far enough, the integral of the current must be what the counter lost. A
value that holds for a time and then changes shows the refresh interval, the smallest change the step, the answer to the
load the lag.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.measure.energy.answer import LoadStep, hang, lag_of, refresh_of, rises
from harness.measure.energy.counter import CrossCheck, cross_check
from harness.measure.energy.steps import changes
from harness.measure.energy.units import amps_per_unit, other_sign, to_volts
from harness.measure.sampler import SamplerLog

UNPROVEN = "no load was seen to raise the gauge's current"


@dataclass(frozen=True)
class GaugeFacts:
    """One gauge. What could not be seen is None, with its reason.

    Attributes:
        node: name of the current's node.
        unit: "ua" or "ma"; discharge_sign: of a current that discharges.
        refresh_s: median time between two values; step: smallest change, in the node's unit.
        median: of the current as read, over the idle phone.
        lag_s: 90 % of the answer to a load step, refresh included.
        rises: whether a load raised the draw; None: no load was seen.
        counter_ratio: charge by the current over charge by the counter.
        stuck: why its value counts as one that does not move.
    """

    node: str
    median: float
    unit: str | None = None
    discharge_sign: int | None = None
    unit_reason: str | None = None
    refresh_s: float | None = None
    step: float | None = None
    refresh_reason: str | None = None
    lag_s: float | None = None
    lag_reason: str | None = None
    rises: bool | None = None
    counter_ratio: float | None = None
    counter_reason: str | None = None
    stuck: str | None = None

    @property
    def supply(self) -> str:
        """The power supply that the gauge is of."""
        return self.node.partition(".")[0]

    @property
    def amps(self) -> float | None:
        """From the node's unit to ampere drawn, sign included."""
        if self.unit is None or self.discharge_sign is None:
            return None
        return (1e-6 if self.unit == "ua" else 1e-3) * self.discharge_sign

    @property
    def doubt(self) -> str | None:
        """Why no energy follows from it; None where everything is proven."""
        if self.amps is None:
            return f"unit and sign of the battery gauge are unproven: {self.unit_reason}"
        if self.stuck:
            return self.stuck
        if self.refresh_s is None:
            return f"the battery gauge is unproven: {self.refresh_reason}"
        if self.rises is not True:
            why = "its current did not rise under load" if self.rises is False else self.lag_reason or UNPROVEN
            return f"the battery gauge is unproven: {why}"
        if self.lag_s is None:
            return f"the lag of the battery gauge is unproven: {self.lag_reason}"
        return CrossCheck(self.counter_ratio).contradiction


def describe_gauges(log: SamplerLog, charging: str | None, load: LoadStep | None = None) -> list[GaugeFacts]:
    """Every current gauge in a log of a phone that is idle but for one load.

    Args:
        log: of the gauge's nodes, sampled faster than the gauge is thought to be.
        charging: why the phone counts as charging, None on battery.
        load: when something ran; None: nothing did, so that neither lag nor the answer to a load is seen.
    """
    return [
        _describe(log, name, charging, load)
        for name, values in log.columns.items()
        if name.endswith(".current_now") and any(v is not None for v in values)
    ]


def _describe(log: SamplerLog, name: str, charging: str | None, load: LoadStep | None) -> GaugeFacts:
    points = [(t, v) for t, v in zip(log.times_s, log.columns[name], strict=True) if v is not None]
    idle = [v for t, v in points if load is None or load.start_s - load.idle_s <= t < load.start_s]
    middle = statistics.median(idle or [v for _, v in points])
    period = log.period_s
    unit, sign, why = _unit(log, name, idle, charging)
    refresh, slow = refresh_of(points, period)
    moves = changes(points)
    step = min((abs(b - a) for (_, a), (_, b) in itertools.pairwise(moves)), default=None) if refresh else None
    stuck = hang(points, refresh, log.times_s[-1]) if charging is None else None
    known = GaugeFacts(name, middle, unit, sign, why, refresh, step, slow, stuck=stuck)
    if known.amps is None or refresh is None:
        missing = why or slow
        return replace(known, lag_reason=missing, counter_reason=missing)
    drawn = [(t, v * known.amps) for t, v in moves]
    lag, late = (None, UNPROVEN) if load is None else lag_of(drawn, load, refresh, period)
    up = None if load is None else rises(drawn, load)
    check = cross_check(log, known.supply, known.amps, lag or refresh)
    return replace(
        known, lag_s=lag, lag_reason=late, rises=up, counter_ratio=check.ratio, counter_reason=check.reason
    )  # fmt: skip


def _unit(
    log: SamplerLog, name: str, idle: Sequence[float], charging: str | None
) -> tuple[str | None, int | None, str | None]:
    if charging is not None:
        return None, None, f"{charging}: unit and sign show only on battery"
    if not idle:
        return None, None, "the idle phone was not watched"
    voltages = [v for v in log.columns.get(name.replace("current_now", "voltage_now"), ()) if v is not None]
    volts = to_volts(statistics.median(voltages)) if voltages else None
    factor = amps_per_unit(idle, volts)
    if factor is None:
        return None, None, "no unit, or more than one, makes it the power of a phone"
    if other_sign(idle, factor):
        return None, None, "the current changes its sign"
    return "ua" if abs(factor) == 1e-6 else "ma", 1 if factor > 0 else -1, None
