"""The battery gauge as a power trace: current times voltage, where the gauge is proven. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace

from harness.measure.energy.steps import changes
from harness.measure.energy.units import other_sign, to_volts
from harness.measure.gauge import GaugeFacts
from harness.measure.sampler import SamplerLog
from harness.measure.trace import PowerTrace

SOURCE = "battery gauge"
DENIED = "the shell user may not read this phone's battery current"


def battery_trace(log: SamplerLog | None, seen: Sequence[GaugeFacts], known: Sequence[GaugeFacts]) -> PowerTrace | str:
    """Power from the first gauge that is proven, or why there is none.

    Args:
        log: of a session.
        seen: what the session itself shows of the gauges.
        known: what `harness probe` found of gauges of this kind of phone and build.
    """
    if log is None or not log.times_s:
        return "the sampler wrote nothing"
    doubts = []
    for facts in seen:
        proven = merged(facts, next((k for k in known if k.node == facts.node), None))
        if isinstance(proven, str):
            doubts.append(proven)
            continue
        found = _trace(log, proven)
        if isinstance(found, PowerTrace):
            return found
        doubts.append(found)
    return doubts[0] if doubts else DENIED


def merged(seen: GaugeFacts, known: GaugeFacts | None) -> GaugeFacts | str:
    """What holds of a gauge in a session: refresh, lag and step as they were calibrated, the rest as it shows itself.

    A calibration never outvotes what the session shows: another sign or unit than before, a value that does not move,
    or a counter that contradicts is a doubt.
    """
    if known is None or known.doubt is not None:
        return seen.doubt or seen
    if seen.amps is None:
        return f"unit and sign of the battery gauge are unproven: {seen.unit_reason}"
    if seen.amps != known.amps:
        return "the battery gauge has another unit or sign than when it was calibrated"
    rises = known.rises if seen.rises is None else seen.rises
    held = replace(seen, refresh_s=known.refresh_s, step=known.step, lag_s=known.lag_s, rises=rises)
    return held.doubt or held


def _trace(log: SamplerLog, facts: GaugeFacts) -> PowerTrace | str:
    assert facts.amps is not None and facts.refresh_s is not None and facts.lag_s is not None
    current = log.window(facts.node, log.times_s[0], log.times_s[-1])
    if other_sign([v for _, v in current], facts.amps):
        return "the gauge's current changes its sign, so it is not the load alone"
    voltage = dict(log.window(f"{facts.supply}.voltage_now", log.times_s[0], log.times_s[-1]))
    if not voltage:
        return "the battery's voltage is not known"
    volts, points = to_volts(statistics.median(voltage.values())), []
    if volts is None:
        return "the battery's voltage is in no unit that makes it that of a cell"
    middle = volts
    for time, value in changes(current):
        volts = to_volts(voltage[time]) if time in voltage else volts
        points.append((time, value * facts.amps * (volts or middle) * 1000))
    step_mw = (facts.step or 0.0) * abs(facts.amps) * middle * 1000
    refresh, lag = max(facts.refresh_s, log.period_s), max(facts.lag_s, log.period_s)
    return PowerTrace(SOURCE, tuple(points), refresh, lag, step_mw, until_s=log.times_s[-1])
