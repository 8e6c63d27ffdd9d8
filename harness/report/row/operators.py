"""Operators of a row: where one run spends its time, and on which unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from harness.records import OperatorProfile, SessionRecord
from harness.report.families import family

NOT_ASKED = "operators were not profiled in this run: ask for --details operators"
_TOP = 10


def operators(profiled: Sequence[SessionRecord], median_ms: float | None) -> dict[str, Any]:
    """The row's `operators`: times of one run, of the last session that was profiled.

    Keys: `total_ms` of the model's operators, `count`, `source` (proto, csv or table), `units` (`unit`, `ms`,
    `share_pct`; unit None with `unit_reason` where nothing says what ran them), `families` (the same by unit and family
    of operators, see families.py), `top` (the slowest), `slowdown` (of the
    profiled session's mean run over the row's median: what profiling costs), `reason`.

    Args:
        profiled: sessions of kind operators, or that were profiled by their flags.
        median_ms: the row's latency.
    """
    session = next((s for s in reversed(profiled) if s.operators is not None and s.operators.ops), None)
    found = session.operators if session is not None else None
    if session is None or found is None:
        said = next((s.operators.reason for s in reversed(profiled) if s.operators and s.operators.reason), None)
        line = profiled[-1].outcome_line if profiled else None
        nothing: dict[str, Any] = {
            "total_ms": None,
            "count": 0,
            "source": None,
            "units": [],
            "families": [],
            "top": [],
            "slowdown": None,
        }
        return {**nothing, "reason": said or line or NOT_ASKED}
    total_ms = found.total_ms
    ops = sorted((op for op in found.ops if op.part == "model"), key=lambda op: -op.ms)
    mean_us = session.inference_avg_us
    return {
        "total_ms": total_ms,
        "count": len(ops),
        "source": found.source,
        "units": units(found),
        "families": families(found),
        "top": [
            {
                "node_type": op.node_type,
                "name": op.name,
                "node_index": op.node,
                "unit": op.unit,
                "ms": op.ms,
                "share_pct": _share(op.ms, total_ms),
                "calls": op.calls,
            }
            for op in ops[:_TOP]
        ],
        "slowdown": mean_us / 1000 / median_ms if mean_us and median_ms else None,
        "reason": None,
    }


def units(found: OperatorProfile) -> list[dict[str, Any]]:
    """Time of one run by unit, the longest first."""
    sums: dict[str | None, float] = defaultdict(float)
    for op in found.ops:
        if op.part == "model":
            sums[op.unit] += op.ms
    return [
        {
            "unit": unit,
            "ms": ms,
            "share_pct": _share(ms, found.total_ms),
            "unit_reason": None if unit else "neither the names nor the runtime info file say what ran them",
        }
        for unit, ms in sorted(sums.items(), key=lambda item: -item[1])
    ]


def families(found: OperatorProfile) -> list[dict[str, Any]]:
    """Time of one run by unit and family of operators, those of a unit together, the longest first."""
    order = [entry["unit"] for entry in units(found)]
    sums: dict[tuple[str | None, str], float] = defaultdict(float)
    for op in found.ops:
        if op.part == "model":
            sums[op.unit, family(op.node_type)] += op.ms
    ranked = sorted(sums.items(), key=lambda item: (order.index(item[0][0]), -item[1]))
    return [
        {"unit": unit, "family": name, "ms": ms, "share_pct": _share(ms, found.total_ms)} for (unit, name), ms in ranked
    ]


def _share(ms: float, total_ms: float) -> float | None:
    return 100 * ms / total_ms if total_ms else None
