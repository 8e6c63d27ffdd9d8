"""Each session of a row: what it gave, what was seen, and whether it counts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.measure.rules import VOID_FLAGS
from harness.records import SessionRecord, to_json
from harness.report.groups import place
from harness.report.raw import Raw
from harness.report.row.outcome import is_void, settle
from harness.report.words import OUTCOMES, flag_words

#: What sessions that give no latency ran for.
_FOR = {"cold": "the first load", "sustained": "speed without a rest", "operators": "operators", "memory": "memory"}


def session_entries(
    sessions: Sequence[SessionRecord], raw: Mapping[str, Raw], outliers: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    """An entry a session, in the order given.

    Args:
        sessions: all of one row but those for its outputs.
        raw: by session_id; may be empty.
        outliers: ids of sessions far from the others.
    """
    outcome, counted = settle([s for s in sessions if s.gives_latency])
    ids = {s.session_id for s in counted if s.inference_avg_us}
    return [
        _entry(s, raw.get(s.session_id, Raw()), s.session_id in ids, outcome, s.session_id in outliers)
        for s in sessions
    ]


def _entry(session: SessionRecord, raw: Raw, counted: bool, row_outcome: str, outlier: bool) -> dict[str, Any]:
    timed, heat, clocks = session.timed_run, session.thermal, session.frequency
    return {
        "session_id": session.session_id,
        "index": place(session),
        "repeat": session.repeat,
        "kind": session.kind,
        "outcome": session.outcome,
        "outcome_line": session.outcome_line,
        "exit_code": session.exit_code,
        "signal": session.signal,
        "start_uptime_s": session.start_uptime_s,
        "wall_s": session.wall_s,
        "boot_id": session.boot_id,
        "mean_ms": _ms(session.inference_avg_us),
        "min_ms": _ms(timed.min_us if timed else None),
        "median_ms": _ms(timed.median_us if timed else None),
        "p95_ms": _ms(timed.p95_us if timed else None),
        "max_ms": _ms(timed.max_us if timed else None),
        "runs": timed.count if timed else None,
        "init_ms": _ms(session.init_us),
        "first_ms": _ms(session.first_us),
        "gives_latency": session.gives_latency,
        "counted": counted,
        "counted_reason": None if counted else _why_not(session, row_outcome),
        "void": is_void(session),
        "outlier": outlier,
        "flags": [_flag(session, name) for name in session.flags],
        "battery_pct": raw.battery_pct,
        "thermal": to_json(heat),
        "frequency": to_json(clocks),
        "peak_rss_mb": to_json(session.peak_rss_mb),
        "power_mw": to_json(session.power_mw),
        "energy_mj": to_json(session.energy_mj),
        "energy": to_json(session.energy),
        "memory": to_json(session.memory_detail),
        "activity": to_json(session.activity),
        "state": to_json(session.state),
        "agreement": to_json(session.agreement) if session.agreement else None,
        "detail": dict(session.detail),
    }


def _flag(session: SessionRecord, name: str) -> dict[str, Any]:
    told = flag_words(name)
    return {
        "rule": name,
        "voids": told["voids"],
        "seen": session.flag_reasons.get(name),
        "meaning": told["meaning"],
        "threshold": told["threshold"],
        "why": told["why"],
    }


def _why_not(session: SessionRecord, row_outcome: str) -> str:
    if not session.gives_latency:
        return f"it ran for another figure: {_FOR.get(session.kind, session.kind)}"
    if is_void(session) or row_outcome == "wrong_output":
        broken = sorted(VOID_FLAGS & set(session.flags))
        return f"void: {', '.join(broken)}" if broken else "the row's outputs are wrong"
    if session.outcome == row_outcome and session.outcome in ("ok", "fallback"):
        return "the program printed no time"
    return OUTCOMES.get(session.outcome, session.outcome)


def _ms(microseconds: float | None) -> float | None:
    return None if microseconds is None else microseconds / 1000
