"""Energy of one inference from a power trace and the idle windows on both sides, with the budget of its errors. Pure.

A lagging source loses no energy but shows it late, so the load is integrated until its lag L after the end; the idle
draw, interpolated linearly from both sides, is taken off over the same span.

    net = (∫ P dt over [t0, t1 + L] - P_idle · (T + L)) / N          gross = net + P_idle · T / N

N are all inferences of the process, warm-up included, and the process's own start counts in. Errors of `net`, each half
of a 95 % interval; they are summed in squares:

    idle    2 · u_idle · (T + L) / N: standard error of the idle mean, and the drift between both sides over √12
    noise   2 · u_load · (T + L) / N: standard error of the mean under load
    edges   2 · L · ΔP / (N · √12): where the load began and ended within the lag
    step    2 · LSB · (T + L) / (N · √6): the source's smallest step, in both means

Least lengths: a load of max(60 s, 40 refreshes, 20 · L) for energy, so that edges stay below 3 %; idle windows that
leave max(20 s, 10 refreshes) after 2 · L. Mean power alone, which forms no difference, takes max(20 s, 10 refreshes,
10 · L): that is what a protocol without idle windows can have, and only of a gauge that `harness probe` has calibrated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from harness.measure.energy.steps import Points, integral, mean, standard_error
from harness.measure.trace import PowerTrace
from harness.records import EnergyRecord, Quantity

_LOAD_S, _LOAD_REFRESHES, _LOAD_LAGS = 60.0, 40.0, 20.0
_POWER_S, _POWER_REFRESHES, _POWER_LAGS = 20.0, 10.0, 10.0
_IDLE_S, _IDLE_REFRESHES, _SETTLED_LAGS = 20.0, 10.0, 2.0
#: A process is some hundredths of a second shorter than it was asked to be.
_SLACK = 0.98
NO_IDLE = "no idle window was measured"


@dataclass(frozen=True)
class Window:
    """When a load ran, CLOCK_BOOTTIME, the idle time on both sides, and what came of it.

    Attributes:
        start_s, end_s: of the process.
        timed_s: when its timed runs began.
        inferences: all of the process, warm-up included.
    """

    start_s: float
    end_s: float
    timed_s: float
    idle_s: float
    inferences: int


def measure(trace: PowerTrace, window: Window) -> EnergyRecord:
    """Energy of one inference; without figures, and with the reason, where the source cannot tell it."""
    missing = _short(trace, window)
    if missing is not None:
        return EnergyRecord(source=trace.source, reason=missing)
    hold, length = _hold(trace), window.end_s - window.start_s
    settled = window.end_s + _SETTLED_LAGS * hold
    before, after = (window.start_s - window.idle_s, window.start_s), (settled, window.end_s + window.idle_s)
    points, span = trace.points, length + hold
    middle = (window.start_s + window.end_s + hold) / 2
    idle, unsure, drift = _idle(points, before, after, middle)
    drawn = integral(points, window.start_s, window.end_s + hold)
    runs = window.inferences
    net = (drawn - idle * span) / runs
    gross = net + idle * length / runs
    errors = {
        "idle": 2 * math.hypot(unsure, drift) * span / runs,
        "noise": 2 * standard_error(points, window.start_s + hold, window.end_s) * span / runs,
        "edges": 2 * hold * abs(net * runs / span) / (runs * math.sqrt(12)),
        "step": 2 * trace.step_mw * span / (runs * math.sqrt(6)),
    }
    known = EnergyRecord(
        source=trace.source,
        u_mj=math.hypot(*errors.values()),
        errors_mj=errors,
        idle_mw=idle,
        window_s=span,
        inferences=runs,
        absolute=trace.absolute,
    )
    return _judged(known, net, gross)


def mean_power(trace: PowerTrace, window: Window) -> Quantity:
    """Mean power over the timed runs, mW, idle phone included; from when the source has settled."""
    hold, length = _hold(trace), window.end_s - window.timed_s
    least = max(_POWER_S, _POWER_REFRESHES * trace.refresh_s, _POWER_LAGS * trace.lag_s)
    if length < _SLACK * least:
        return Quantity(reason=_too_short("the timed runs are", length, least, trace))
    if not _covers(trace, window.timed_s, window.end_s):
        return Quantity(reason=f"the {trace.source} was not watched over the whole run")
    return Quantity(mean(trace.points, window.timed_s + hold, window.end_s), source=trace.source)


def hopeless(window: Window) -> tuple[str | None, str | None]:
    """Why no battery gauge whatever could tell the mean power, and the energy, of a window of this length."""
    timed, whole = window.end_s - window.timed_s, window.end_s - window.start_s
    no_power = None if timed >= _SLACK * _POWER_S else f"the run is shorter than the {_POWER_S:g} s that a gauge needs"
    if window.idle_s <= 0:
        return no_power, NO_IDLE
    short = f"the run is {whole:.0f} s long, and energy needs {_LOAD_S:g} s"
    return no_power, None if whole >= _SLACK * _LOAD_S else short


def _judged(known: EnergyRecord, net: float, gross: float) -> EnergyRecord:
    unsure = known.u_mj or 0.0
    if not math.isfinite(unsure):
        return replace(known, u_mj=None, errors_mj={}, reason="too few values came in the idle windows or under load")
    if net <= 2 * unsure:
        seen = f"{net:.3g} mJ with an error of {unsure:.3g} mJ"
        reason = f"the load does not rise above what the {known.source} can tell: {seen}"
        return replace(known, reason=reason)
    return replace(known, net_mj=net, gross_mj=gross)


def _hold(trace: PowerTrace) -> float:
    return max(trace.lag_s, trace.refresh_s)


def _short(trace: PowerTrace, window: Window) -> str | None:
    if window.inferences <= 0:
        return "no inference ran"
    if window.idle_s <= 0:
        return NO_IDLE
    hold, length = _hold(trace), window.end_s - window.start_s
    least = max(_LOAD_S, _LOAD_REFRESHES * trace.refresh_s, _LOAD_LAGS * trace.lag_s)
    if length < _SLACK * least:
        return _too_short("the run is", length, least, trace)
    idle_least = _SETTLED_LAGS * hold + max(_IDLE_S, _IDLE_REFRESHES * trace.refresh_s)
    if window.idle_s < _SLACK * idle_least:
        return _too_short("the idle window is", window.idle_s, idle_least, trace)
    if not _covers(trace, window.start_s - window.idle_s, window.end_s + window.idle_s):
        return f"the {trace.source} was not watched over the whole run and its idle windows"
    return None


def _too_short(what: str, length_s: float, least_s: float, trace: PowerTrace) -> str:
    needs = f"a {trace.source} with a new value every {trace.refresh_s:.2g} s and {trace.lag_s:.2g} s of lag"
    return f"{what} {length_s:.0f} s long, and {needs} needs {least_s:.0f} s"


def _covers(trace: PowerTrace, start_s: float, end_s: float) -> bool:
    room = 2 * _hold(trace) + 1.0
    return bool(trace.points) and trace.points[0][0] <= start_s + room and trace.until_s >= end_s - room


def _idle(
    points: Points, before: tuple[float, float], after: tuple[float, float], middle_s: float
) -> tuple[float, float, float]:
    """Idle power at a moment between both windows, its standard error, and what it may have drifted off the line."""
    first, last = mean(points, *before), mean(points, *after)
    begin, end = sum(before) / 2, sum(after) / 2
    share = (middle_s - begin) / (end - begin)
    unsure = math.hypot((1 - share) * standard_error(points, *before), share * standard_error(points, *after))
    return first + share * (last - first), unsure, abs(last - first) / math.sqrt(12)
