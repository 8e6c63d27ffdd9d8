"""Sources of power that are better than the battery's own nodes, best first. Pure.

The ladder (facts on the sampler, 2): external meter, power rails, perfetto's battery counters, the gauge's own nodes,
the charge counter. harness/measure/trace.py names them, and harness/measure/energy takes the first that gives a figure
and never mixes two. A meter's recording comes later than its run (see harness/benchmark/metered.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from harness.measure.energy.answer import LoadStep
from harness.measure.energy.battery import battery_trace
from harness.measure.gauge import GaugeFacts, describe_gauges
from harness.measure.perfetto import PerfettoPower, Rail, battery_log
from harness.measure.trace import PowerTrace

NO_PERFETTO = "this phone has no perfetto that traces power"


def better_sources(
    power: PerfettoPower | None,
    volts: float | None,
    load: LoadStep | None,
    known: Sequence[GaugeFacts] = (),
    charging: str | None = None,
) -> tuple[PowerTrace | str, ...]:
    """Power rails and battery counters of one session: each a trace, or why there is none.

    Args:
        power: of the session's perfetto trace; None where there is none.
        volts: the battery's, as Android said, for builds that trace none.
        load: when the program ran.
        known: what is known of the gauges of such phones.
        charging: why the phone counts as charging: then a gauge's unit and sign cannot be told.
    """
    if power is None:
        return (NO_PERFETTO, NO_PERFETTO)
    return (_rails(power), charging or _counters(power, volts, load, known))


def _rails(power: PerfettoPower) -> PowerTrace | str:
    if not power.rails:
        return "this phone meters no power rails"
    return rails_trace(power.rails) or "a power rail's counter ran backwards, or has one value only"


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
    drawn = np.diff(total) / np.diff(moments)
    step_s = float(np.median(np.diff(moments)))
    return PowerTrace(
        f"power rails ({len(usable)}, not the whole phone)",
        tuple(zip(moments[:-1].tolist(), drawn.tolist(), strict=True)),
        step_s,
        step_mw=0.001 / step_s,  # of a counter in µWs
        while_charging=True,
        whole=False,
        until_s=float(moments[-1]),
    )


def _counters(
    power: PerfettoPower, volts: float | None, load: LoadStep | None, known: Sequence[GaugeFacts]
) -> PowerTrace | str:
    """The counters are the same gauge's by another way, so they are proven as its nodes are."""
    log = battery_log(power, volts)
    if not power.current:
        return "this phone's perfetto traces no battery current"
    trace = battery_trace(log, describe_gauges(log, None, load), known)
    return replace(trace, source="perfetto battery counters") if isinstance(trace, PowerTrace) else trace
