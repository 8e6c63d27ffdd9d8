"""Memory of a row."""

from __future__ import annotations

from collections.abc import Sequence

from harness.records import SessionRecord
from harness.report.row.numbers import middle


def memory(
    counted: Sequence[SessionRecord], sessions: Sequence[SessionRecord], reason: str | None
) -> dict[str, float | str | None]:
    """The row's `memory_mb`; reason: why it has none."""
    peak = middle(s.peak_rss_mb.value for s in counted)
    init = middle(s.memory.init_mb if s.memory else None for s in counted)
    overall = middle(s.memory.overall_mb if s.memory else None for s in counted)
    why = next((s.peak_rss_mb.reason for s in counted or sessions if s.peak_rss_mb.reason), reason)
    silent = reason or "the program printed none"
    return {
        "peak_rss": peak,
        "init": init,
        "init_reason": None if init is not None else silent,
        "overall": overall,
        "overall_reason": None if overall is not None else silent,
        "reason": (why or "not measured") if peak is None else None,
    }
