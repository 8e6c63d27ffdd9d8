"""Heat and clocks of each phone over a run, from what its sessions left in the run folder."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.measure.sampler import SamplerLog, parse_sampler
from harness.records import SessionRecord
from harness.results.folder import Run

#: More points than a plot of this size can show are thinned out.
_MOST_POINTS = 240
Points = list[tuple[float, float]]


@dataclass(frozen=True)
class PhoneSeries:
    """One phone over a run; times are minutes since its first session, NaN values separate sessions.

    Attributes:
        battery_c, skin_c: read before and after each session.
        sensor_c: the hottest sensor that the shell may read, sampled.
        clock_pct: clock of the fastest CPU cluster as a share of the highest seen or allowed, sampled.
        cap_pct: the lowest cap on any cluster, sampled.
    """

    phone_id: str
    battery_c: Points = field(default_factory=list)
    skin_c: Points = field(default_factory=list)
    sensor_c: Points = field(default_factory=list)
    clock_pct: Points = field(default_factory=list)
    cap_pct: Points = field(default_factory=list)


def read_series(run: Run) -> dict[str, PhoneSeries]:
    """phone_id to its series; phones whose sessions have no times are left out."""
    by_phone: dict[str, list[SessionRecord]] = defaultdict(list)
    for session in run.sessions:
        if session.start_uptime_s is not None and session.end_uptime_s is not None:
            by_phone[session.phone_id].append(session)
    return {phone: _series(phone, group, run.path) for phone, group in sorted(by_phone.items())}


def _series(phone: str, sessions: list[SessionRecord], folder: Path) -> PhoneSeries:
    series = PhoneSeries(phone)
    # The uptime begins anew at each boot: what ran on the first boot comes first, without a gap.
    boots = list(dict.fromkeys(s.boot_id for s in sessions))
    sessions.sort(key=lambda s: (boots.index(s.boot_id), s.start_uptime_s or 0.0))
    shift, previous = -(sessions[0].start_uptime_s or 0.0), sessions[0]
    logs = [_log(s, folder) for s in sessions]
    full = _full_clocks(logs)
    for session, log in zip(sessions, logs, strict=True):
        if session.boot_id != previous.boot_id:
            shift += (previous.end_uptime_s or 0.0) - (session.start_uptime_s or 0.0)
        previous = session
        begin, end = (((t or 0.0) + shift) / 60 for t in (session.start_uptime_s, session.end_uptime_s))
        heat = session.thermal
        _pair(series.battery_c, begin, heat.battery_before_c, end, heat.battery_after_c)
        _pair(series.skin_c, begin, heat.skin_before_c, end, heat.skin_after_c)
        if log is not None:
            _sampled(series, log, shift, full)
    for points in (series.sensor_c, series.clock_pct, series.cap_pct):
        points[:] = _thin(points)
    return series


def _log(session: SessionRecord, folder: Path) -> SamplerLog | None:
    name = session.evidence.get("sampler.tsv")
    if name is None:
        return None
    try:
        return parse_sampler((folder / name).read_bytes().decode("utf-8", "replace"))
    except OSError:
        return None


def _full_clocks(logs: Iterable[SamplerLog | None]) -> dict[str, float]:
    """Policy to the highest clock that was seen or allowed, kHz."""
    full: dict[str, float] = {}
    for log in logs:
        for name, values in (log.columns if log else {}).items():
            policy, _, kind = name.partition(".")
            if kind in ("cur", "cap") and policy.startswith("policy"):
                full[policy] = max([full.get(policy, 0.0), *(v for v in values if v is not None)])
    return {policy: khz for policy, khz in full.items() if khz > 0}


def _sampled(series: PhoneSeries, log: SamplerLog, shift: float, full: dict[str, float]) -> None:
    fastest = max(full, key=lambda p: (full[p], p), default=None)
    zones = [name for name in log.columns if name.startswith("zone.")]
    for index, moment in enumerate(log.times_s):
        minute = (moment + shift) / 60
        celsius = [c for c in (_celsius(log.columns[z][index]) for z in zones) if c is not None]
        if celsius:
            series.sensor_c.append((minute, max(celsius)))
        clock = _at(log, f"{fastest}.cur", index)
        if fastest and clock:
            series.clock_pct.append((minute, 100 * clock / full[fastest]))
        caps = [100 * cap / khz for p, khz in full.items() if (cap := _at(log, f"{p}.cap", index))]
        if caps:
            series.cap_pct.append((minute, min(caps)))
    for points in (series.sensor_c, series.clock_pct, series.cap_pct):
        if points:
            points.append((points[-1][0], math.nan))


def _at(log: SamplerLog, name: str, index: int) -> float | None:
    values = log.columns.get(name)
    return values[index] if values else None


def _celsius(value: float | None) -> float | None:
    """Zones give milli, deci or whole degrees; a zone that is off gives nonsense."""
    if value is None:
        return None
    return next((value / scale for scale in (1000.0, 10.0, 1.0) if 5 <= value / scale < 150), None)


def _pair(points: Points, begin: float, before: float | None, end: float, after: float | None) -> None:
    points += [(t, v) for t, v in ((begin, before), (end, after)) if v is not None]


def _thin(points: Sequence[tuple[float, float]]) -> Points:
    """At most as many points as can be told apart: of each stretch its lowest and its highest, so that peaks stay."""
    if len(points) <= _MOST_POINTS:
        return list(points)
    size = math.ceil(2 * len(points) / _MOST_POINTS)
    kept: Points = []
    for start in range(0, len(points), size):
        known = [p for p in points[start : start + size] if not math.isnan(p[1])]
        if known:
            kept += sorted({min(known, key=lambda p: p[1]), max(known, key=lambda p: p[1])})
    return kept
