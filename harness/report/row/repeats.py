"""Why a row has as many sessions as it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.records import SessionRecord
from harness.stats.sequential import Repeats, decide


def repeats_part(
    counted: Sequence[SessionRecord], ran: Sequence[SessionRecord], suite: dict[str, Any]
) -> dict[str, Any] | None:
    """The row's `repeats`; None where the number of sessions was fixed.

    Args:
        counted: sessions that give figures; ran: all of them.
        suite: as run.json has it.
    """
    asked = suite.get("repeats")
    if not asked:
        return None
    repeats = Repeats(asked["within_pct"], suite["sessions"], asked["most"])
    ordered = sorted(counted, key=lambda s: s.repeat or 0)
    found = decide([s.inference_avg_us for s in ordered if s.inference_avg_us], repeats, len(ran))
    why = found.why
    if not counted:
        why = "no session gave a figure, so it was not tried on"
    elif not found.done:
        why = f"the run ended before: {why}"
    return {
        "within_pct": repeats.within_pct,
        "least": repeats.least,
        "most": repeats.most,
        "half_width_pct": found.half_width_pct,
        "narrow": bool(found.done and found.half_width_pct is not None and found.half_width_pct <= repeats.within_pct),
        "why": why,
    }
