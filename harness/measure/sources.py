"""Every source of power that a session left, best first, and which of them counts. Pure.

The ladder (facts on the sampler, 2): external meter, power rails, perfetto's battery counters, the gauge's own nodes,
the charge counter. The best one that can be used is used alone: sources are never mixed within a figure, and which it
was stands beside the figure.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.measure.perfetto import SUPPLY, PerfettoPower, Points, Rail, battery_log
from harness.measure.power import SUPPLIES, amps_per_unit, other_sign, to_volts
from harness.measure.sampler import SamplerLog
from harness.measure.trace import PowerTrace

METER, RAILS, PERFETTO, GAUGE, COUNTER = "meter", "power rails", "perfetto", "battery gauge", "charge counter"
#: Best first.
LADDER = (METER, RAILS, PERFETTO, GAUGE, COUNTER)
#: A charge counter's step is coarse: below so many of them in a session its energy is a guess.
_LEAST_STEPS = 20
_MJ_PER_UAH_V = 3.6
#: Battery of a phone, Ah: where a counter in µAh or mAh must lie.
_PLAUSIBLE_AH = (0.2, 20.0)


@dataclass(frozen=True)
class Source:
    """A rung of the ladder. reason: why it cannot be used; None where `trace` can."""

    rung: str
    trace: PowerTrace | None
    reason: str | None = None

    def usable(self, charging: str | None) -> str | None:
        """Why it cannot be used for a phone that charges for that reason, or does not (None)."""
        if self.reason is not None:
            return self.reason
        if charging is not None and not (self.trace and self.trace.while_charging):
            return charging
        return None


def find_sources(
    log: SamplerLog | None,
    power: PerfettoPower | None,
    *,
    volts: float | None = None,
    charging: str | None = None,
) -> tuple[Source, ...]:
    """What the files of one session hold, best first.

    Args:
        log: the sampler's.
        power: of the session's perfetto trace; None where there is none.
        volts: the battery's, as Android said before the session.
        charging: why the phone counts as charging: then a gauge's unit and sign cannot be told.
    """
    found = [_rails(power)]
    if power is None:
        found.append(Source(PERFETTO, None, "this phone has no perfetto that traces power"))
    else:
        found.append(_gauge(battery_log(power, volts), (SUPPLY,), PERFETTO, "perfetto battery counters", charging))
    found.append(_gauge(log, SUPPLIES, GAUGE, "", charging))
    found.append(_counter(log, power, volts))
    return tuple(found)


def best(sources: Sequence[Source], charging: str | None) -> Source:
    """The first source that can be used; without a trace and with the reason where none can.

    The reason is that of the best source that the phone has at all.
    """
    if not sources:
        return Source(GAUGE, None, charging or "nothing measured power")
    for source in sources:
        if source.trace is not None and source.usable(charging) is None:
            return source
    if charging is not None:
        return Source(GAUGE, None, charging)
    told = next((s for s in sources if s.rung == GAUGE), sources[0])
    having = next((s for s in sources if s.trace is not None), told)
    return Source(having.rung, None, having.usable(charging) or told.reason or "nothing measured power")


def _rails(power: PerfettoPower | None) -> Source:
    if power is None or not power.rails:
        return Source(RAILS, None, "this phone meters no power rails")
    trace = rails_trace(power.rails)
    return Source(RAILS, trace, None if trace else "a rail's counter ran backwards, or has one value only")


def rails_trace(rails: Sequence[Rail]) -> PowerTrace | None:
    """The sum of rails: exact between two readings, since each counts energy. None where one of them does not grow."""
    usable = [r.points for r in rails if len(r.points) >= 2]
    if not usable or any(b < a for points in usable for (_, a), (_, b) in itertools.pairwise(points)):
        return None
    import numpy as np

    begin, end = max(p[0][0] for p in usable), min(p[-1][0] for p in usable)
    moments = np.array(sorted({t for points in usable for t, _ in points if begin <= t <= end}))
    if len(moments) < 2:
        return None
    total = np.zeros(len(moments))
    for points in usable:
        total += np.interp(moments, [t for t, _ in points], [mj for _, mj in points])
    watts = np.diff(total) / np.diff(moments)
    # The last reading ends the last interval: beyond it nothing is known.
    drawn = tuple(zip(moments.tolist(), [*watts.tolist(), float(watts[-1])], strict=True))
    step_s = float(np.median(np.diff(moments)))
    name = f"power rails ({len(usable)}, not the whole phone)"
    return PowerTrace(name, drawn, step_s, step_mw=0.001 / step_s, while_charging=True, whole=False)


def _gauge(log: SamplerLog | None, supplies: Sequence[str], rung: str, name: str, charging: str | None) -> Source:
    if log is None or not log.times_s:
        return Source(
            rung, None, "the sampler wrote nothing" if rung == GAUGE else "the trace holds no battery counters"
        )
    for supply in supplies:
        current, voltage = _column(log, f"{supply}.current_now"), _column(log, f"{supply}.voltage_now")
        if len(current) < 5:
            continue
        if charging is not None:
            return Source(rung, None, charging)
        if not voltage:
            return Source(rung, None, "the current is known and the voltage is not")
        return _proven(rung, name or f"{supply} gauge", current, voltage)
    return Source(rung, None, "the shell user may not read this phone's battery gauge")


def _proven(rung: str, name: str, current: Points, voltage: Points) -> Source:
    volts = to_volts(statistics.median(v for _, v in voltage))
    values = [v for _, v in current]
    factor = amps_per_unit(values, volts)
    if volts is None or factor is None:
        return Source(rung, None, "the gauge's unit cannot be told from its values")
    if other_sign(values, factor):
        return Source(rung, None, "the gauge's current changes its sign, so it is not the load alone")
    scale = volts / statistics.median(v for _, v in voltage)
    held = dict(_distinct(current))
    # Repeated values stay, so that it shows where nothing was read.
    points = tuple((t, v * factor * _held(voltage, t) * scale * 1000) for t, v in current)
    gaps = [b - a for a, b in itertools.pairwise(held)]
    steps = [abs(b - a) for a, b in itertools.pairwise(held.values())]
    step_mw = min(steps, default=0.0) * abs(factor) * volts * 1000
    return Source(rung, PowerTrace(name, points, statistics.median(gaps) if gaps else 0.0, step_mw=step_mw))


def _counter(log: SamplerLog | None, power: PerfettoPower | None, volts: float | None) -> Source:
    """ΔQ·V between two steps of the counter."""
    for name, points, voltage in _counters(log, power):
        volt = to_volts(statistics.median(v for _, v in voltage)) if voltage else volts
        steps = _distinct(points)
        if len(steps) <= _LEAST_STEPS:
            return Source(COUNTER, None, f"the charge counter moved {max(0, len(steps) - 1)} times only")
        unit = next((u for u in (1.0, 1000.0) if _PLAUSIBLE_AH[0] <= steps[0][1] * u / 1e6 <= _PLAUSIBLE_AH[1]), None)
        if unit is None or volt is None:
            return Source(COUNTER, None, "the charge counter's unit cannot be told from its values")
        drawn = [(t, (a - b) * unit * _MJ_PER_UAH_V * volt / (u - t)) for (t, a), (u, b) in itertools.pairwise(steps)]
        if any(mw < 0 for _, mw in drawn):
            return Source(COUNTER, None, "the charge counter rises, so something charges")
        gap = statistics.median(u - t for (t, _), (u, _) in itertools.pairwise(steps))
        return Source(COUNTER, PowerTrace(name, (*drawn, (steps[-1][0], drawn[-1][1])), gap, lag_s=gap))
    return Source(COUNTER, None, "this phone shows no charge counter")


def _counters(log: SamplerLog | None, power: PerfettoPower | None) -> Iterator[tuple[str, Points, Points]]:
    if power is not None and power.charge:
        yield "charge counter by perfetto", power.charge, power.voltage
    for supply in SUPPLIES if log is not None else ():
        assert log is not None
        points = _column(log, f"{supply}.charge_counter")
        if points:
            yield f"{supply} charge counter", points, _column(log, f"{supply}.voltage_now")


def _column(log: SamplerLog, name: str) -> Points:
    return tuple((t, v) for t, v in zip(log.times_s, log.columns.get(name, ()), strict=False) if v is not None)


def _distinct(points: Points) -> Points:
    """Each value when it was first seen, and the last moment's."""
    changes = [p for i, p in enumerate(points) if i == 0 or points[i - 1][1] != p[1]]
    return tuple(changes)


def _held(points: Points, now_s: float) -> float:
    from bisect import bisect_right

    return points[max(0, bisect_right(points, (now_s, float("inf"))) - 1)][1]
