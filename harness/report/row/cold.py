"""The first load of a row's condition, with caches cleared, against a later one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.records import SessionRecord
from harness.report.row.numbers import figure, middle, milliseconds


def cold_part(cold: Sequence[SessionRecord], warm: Sequence[SessionRecord]) -> dict[str, Any] | None:
    """The row's `cold`; None where the protocol has no cold starts.

    Args:
        cold, warm: sessions of one condition; those of one round are a pair, and ran one after the other.
    """
    if not cold:
        return None
    good = [s for s in cold if s.outcome == "ok"]
    cleared = dict.fromkeys(part for s in good for part in s.detail.get("cleared", "").split("; ") if part)
    pairs = {(s.block_id, s.repeat): s for s in warm}
    both = [(s, pairs[s.block_id, s.repeat]) for s in good if (s.block_id, s.repeat) in pairs]
    reason = None if good else f"no cold start gave a time: {cold[0].outcome_line or cold[0].outcome}"
    return {
        "sessions": len(good),
        "init_ms": middle(milliseconds(s.init_us) for s in good),
        "first_ms": middle(milliseconds(s.first_us) for s in good),
        "warm_init_ms": middle(milliseconds(s.init_us) for _, s in both),
        "warm_first_ms": middle(milliseconds(s.first_us) for _, s in both),
        "init_ratio": _ratio([(c.init_us, w.init_us) for c, w in both], reason),
        "first_ratio": _ratio([(c.first_us, w.first_us) for c, w in both], reason),
        "cleared": [part for part in cleared if not part.startswith("not ")],
        "not_cleared": [part.removeprefix("not ") for part in cleared if part.startswith("not ")],
        "reason": reason,
    }


def _ratio(pairs: Sequence[tuple[float | None, float | None]], reason: str | None) -> dict[str, Any]:
    """Cold over warm within a round: what the two share, as the phone's heat, cancels."""
    values = [cold / warm for cold, warm in pairs if cold and warm]
    return figure(values, reason or "no round has both a cold and a warm start")
