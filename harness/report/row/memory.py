"""Memory of a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.records import MEMORY_PARTS, MEMORY_PHASES, SessionRecord
from harness.report.row.numbers import middle

NOT_ASKED = "memory was not looked at in this run: ask for --details memory"


def memory(
    counted: Sequence[SessionRecord],
    sessions: Sequence[SessionRecord],
    reason: str | None,
    looked: Sequence[SessionRecord],
) -> dict[str, Any]:
    """The row's `memory_mb`, MiB: medians over sessions. docs/memory.md says what each part counts.

    Args:
        counted, sessions: those that give the row's figures, and all of it.
        reason: why it has none.
        looked: its sessions of kind memory.
    """
    peak = middle(s.peak_rss_mb.value for s in counted)
    init = middle(s.memory.init_mb if s.memory else None for s in counted)
    overall = middle(s.memory.overall_mb if s.memory else None for s in counted)
    why = next((s.peak_rss_mb.reason for s in counted or sessions if s.peak_rss_mb.reason), reason)
    silent = reason or "the program printed none"
    ran = [s for s in looked if s.outcome in ("ok", "fallback")]
    missing = NOT_ASKED if not looked else (looked[-1].outcome_line or looked[-1].outcome)
    return {
        "peak_rss": peak,
        "init": init,
        "init_reason": None if init is not None else silent,
        "overall": overall,
        "overall_reason": None if overall is not None else silent,
        "reason": (why or "not measured") if peak is None else None,
        **_parts(ran, missing),
        "phases": _phases(ran or counted, missing),
    }


def _parts(ran: Sequence[SessionRecord], missing: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for part in MEMORY_PARTS:
        quantities = [getattr(s.memory_detail, f"{part}_mb") for s in ran]
        value = middle(q.value for q in quantities)
        found[part] = value
        why = next((q.reason for q in quantities if q.reason), missing)
        found[f"{part}_reason"] = None if value is not None else why
        source = next((q.source for q in quantities if q.source), None)
        if value is not None and source:
            sources[part] = source
    return {**found, "sources": sources}


def _phases(sessions: Sequence[SessionRecord], missing: str) -> dict[str, Any]:
    """Growth of the peak in each phase; without a session that was looked at, that of the runs alone is known."""
    found: dict[str, Any] = {}
    for phase in MEMORY_PHASES:
        value = middle(s.memory_detail.phases_mb.get(phase) for s in sessions)
        said = (s.memory_detail.phases_reason.get(phase) for s in sessions)
        found[phase] = value
        found[f"{phase}_reason"] = None if value is not None else next((r for r in said if r), missing)
    return found
