"""Who used the cores in a row's sessions. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from harness.records import SessionRecord
from harness.report.row.numbers import middle


def activity_part(sessions: Sequence[SessionRecord], reason: str | None) -> dict[str, Any]:
    """The row's `activity`; reason: why it has no figures.

    `last_cpus_pct` is where the program's threads were seen, a share of the samples a core; `others_busy_pct` a share
    of all cores, `sampler_cpu_pct` one of one core.
    """
    seen: Counter[str] = Counter()
    for session in sessions:
        seen.update(session.activity.last_cpus)
    total = sum(seen.values())
    others = [s.activity.others_busy_pct for s in sessions if s.activity.others_busy_pct is not None]
    allowed = sorted({s.activity.allowed_cpus for s in sessions if s.activity.allowed_cpus is not None})
    why = next((s.activity.reason for s in sessions if s.activity.reason), None)
    found = {
        "own_cpu_s": middle(s.activity.own_cpu_s for s in sessions),
        "others_busy_pct": middle(others),
        "others_busy_max_pct": max(others, default=None),
        "last_cpus_pct": {cpu: round(100 * n / total, 1) for cpu, n in sorted(seen.items(), key=lambda i: int(i[0]))},
        "allowed_cpus": allowed[0] if len(allowed) == 1 else None,
        "sampler_cpu_pct": middle(_sampler_pct(s) for s in sessions),
    }
    missing = None in found.values() or not found["last_cpus_pct"]
    if len(allowed) > 1:
        why = f"the cores that it may run on changed: {'; '.join(allowed)}"
    return {**found, "reason": reason or why or "the phone does not say" if missing else None}


def _sampler_pct(session: SessionRecord) -> float | None:
    cost_s, wall_s = session.activity.sampler_cpu_s, session.wall_s
    return 100 * cost_s / wall_s if cost_s is not None and wall_s else None
