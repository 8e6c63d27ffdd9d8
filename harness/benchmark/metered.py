"""Energy of a run's sessions by an external meter, whose recording is put on the phone's clock. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.measure.align import Alignment, align
from harness.measure.energy.session import session_energy, unknown
from harness.measure.energy.window import Window
from harness.measure.meter import MeterLog
from harness.measure.trace import PowerTrace
from harness.records import EnergyRecord, Quantity, SessionRecord

CALIBRATED = "calibrated: external meter"
#: Rest around the first and last load that every run has.
_LEAST_REST_S = 1.0


@dataclass(frozen=True)
class Metered:
    """A session's figures by a meter."""

    power_mw: Quantity
    energy_mj: Quantity
    energy: EnergyRecord


@dataclass(frozen=True)
class MeteredRun:
    """A phone's sessions by a meter. sessions: by id, of every session of the phone, those without a figure too."""

    alignment: Alignment
    sessions: dict[str, Metered]


def meter_run(
    sessions: Sequence[SessionRecord], idle_s: Mapping[str, float], log: MeterLog, name: str, *, whole_supply: bool
) -> MeteredRun:
    """Align a recording with one phone's sessions, and take their energy from it.

    Args:
        sessions: of one phone.
        idle_s: session id to the idle time on both sides of it.
        name: of the meter's file, for people.
        whole_supply: all that the phone draws goes through the meter, plugged in or not; False: the meter sits on the
            battery's line, so that it shows nothing while USB feeds the phone.
    """
    boots = Counter(s.boot_id for s in sessions if s.start_uptime_s is not None and s.end_uptime_s is not None)
    boot = boots.most_common(1)[0][0] if boots else None
    here = [s for s in sessions if s.boot_id == boot and s.start_uptime_s is not None and s.end_uptime_s is not None]
    loads = sorted((s.start_uptime_s or 0.0, s.end_uptime_s or 0.0) for s in here)
    rest_s = min((idle_s.get(s.session_id, 0.0) for s in here), default=0.0)
    found = align(log.times_s, log.power_mw, loads, max(_LEAST_REST_S, rest_s))
    if found.reason is not None:
        missing = _missing(f"the meter is not aligned: {found.reason}")
        return MeteredRun(found, {s.session_id: missing for s in sessions})
    points = tuple(zip(found.to_phone(log.times_s).tolist(), log.power_mw.tolist(), strict=True))
    refresh_s = float(log.times_s[1] - log.times_s[0])
    # An edge is known as well as the recording is aligned.
    trace = PowerTrace(
        f"meter {name}",
        points,
        refresh_s,
        found.residual_s,
        while_charging=whole_supply,
        absolute=CALIBRATED,
        until_s=points[-1][0],
    )
    ids = {s.session_id for s in here}
    return MeteredRun(
        found,
        {
            s.session_id: _figures(trace, s, idle_s.get(s.session_id, 0.0))
            if s.session_id in ids
            else _missing("the phone had booted since the recording was aligned")
            for s in sessions
        },
    )


def _figures(trace: PowerTrace, session: SessionRecord, idle_s: float) -> Metered:
    timed = session.timed_run
    start, end = session.start_uptime_s, session.end_uptime_s
    if timed is None or start is None or end is None:
        return _missing("the timed runs did not finish")
    charging = session.flag_reasons.get("charging")
    if charging is not None and not trace.while_charging:
        return _missing(f"{charging}: a meter on the battery's line sees only what the battery gives")
    average = session.inference_avg_us or timed.avg_us
    timed_s = max(start, end - timed.count * average / 1e6) if average else start
    runs = timed.count + (session.warmup_run.count if session.warmup_run else 0)
    window = Window(start, end, timed_s, idle_s, runs)
    found = session_energy(None, window, charging=charging, throttled=session.energy.throttled, others=(trace,))
    return Metered(found.power_mw, found.energy_mj, found.record)


def _missing(reason: str) -> Metered:
    found = unknown(reason)
    return Metered(found.power_mw, found.energy_mj, found.record)


def idle_of(markers: str) -> dict[int, float]:
    """Seconds of idle on both sides of each session of a block, from the markers that run.sh writes."""
    seen: dict[tuple[str, int], float] = {}
    for line in markers.splitlines():
        words = line.split()
        if len(words) >= 3 and words[2].isdecimal():
            try:
                seen[words[1], int(words[2])] = float(words[0])
            except ValueError:
                continue
    return {
        index: max(0.0, min(seen["start", index] - begin, seen["idle-end", index] - seen["stop", index]))
        for (word, index), begin in seen.items()
        if word == "idle" and all((other, index) in seen for other in ("start", "stop", "idle-end"))
    }
