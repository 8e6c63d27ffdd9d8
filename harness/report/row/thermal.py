"""Heat of a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.records import SessionRecord
from harness.report.row.numbers import middle


def thermal_part(sessions: Sequence[SessionRecord], reason: str | None) -> dict[str, Any]:
    """The row's `thermal`; reason: why it has none."""
    after = [s.thermal.battery_after_c for s in sessions if s.thermal.battery_after_c is not None]
    skin = [s.thermal.skin_after_c for s in sessions if s.thermal.skin_after_c is not None]
    caps = [s.frequency.min_cap_pct for s in sessions if s.frequency.min_cap_pct is not None]
    why = next((s.thermal.reason for s in sessions if s.thermal.reason), None)
    found = {
        "battery_before_c": middle(s.thermal.battery_before_c for s in sessions),
        "battery_after_c": max(after, default=None),
        "skin_after_c": max(skin, default=None),
        "min_cap_pct": min(caps, default=None),
    }
    missing = reason or why or "the phone does not let the shell user read it"
    return {**found, "reason": missing if None in found.values() else None}
