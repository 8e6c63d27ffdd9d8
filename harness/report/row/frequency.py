"""Clocks in a row's sessions. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.records import FrequencyRecord, SessionRecord
from harness.report.row.numbers import middle


def frequency_part(sessions: Sequence[SessionRecord], reason: str | None) -> dict[str, Any]:
    """The row's `frequency`; reason: why it has none.

    By cluster the mean clock (median over sessions), the share of the time at the lowest cap or above, the share of the
    time at each clock (mean over sessions, kHz to percent), and every cap that was seen.
    """
    records = [s.frequency for s in sessions]
    policies = sorted({p for r in records for p in (*r.mean_khz, *r.caps_khz)}, key=lambda p: (len(p), p))
    clusters = {policy: _cluster(policy, records) for policy in policies}
    known = any(c["mean_khz"] is not None for c in clusters.values())
    why = reason or next((r.reason for r in records if r.reason), None) or "nothing was read of its clocks"
    allowed = [r.cap_of_allowed_pct for r in records if r.cap_of_allowed_pct is not None]
    return {"clusters": clusters, "cap_of_allowed_pct": min(allowed, default=None), "reason": None if known else why}


def _cluster(policy: str, records: Sequence[FrequencyRecord]) -> dict[str, Any]:
    shares = [r.share_pct[policy] for r in records if policy in r.share_pct]
    clocks = sorted({khz for share in shares for khz in share}, key=int)
    return {
        "mean_khz": middle(r.mean_khz.get(policy) for r in records),
        "at_cap_pct": middle(r.at_cap_pct.get(policy) for r in records),
        "share_pct": {khz: round(sum(s.get(khz, 0.0) for s in shares) / len(shares), 2) for khz in clocks},
        "caps_khz": sorted({khz for r in records for khz in r.caps_khz.get(policy, ())}),
    }
