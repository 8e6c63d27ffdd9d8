"""What the rows of a report say of each device tier. Pure."""

from __future__ import annotations

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from harness.report.state import held_of, held_words

_ORDER = {"high": 0, "mid": 1, "low": 2}


def tier_rank(tier: str | None) -> tuple[int, str]:
    """Sorts high, mid, low, then tiers of other names, then phones without one."""
    return (9, "") if tier is None else (_ORDER.get(tier, 8), tier)


def tier_entries(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry per tier, condition, context and held phone state, over the phones of that tier.

    Only rows that are `ok` give its figures.
    `median_ci95_ms` is for the median of the phones that were measured: the median of their lower and that of their
    upper limits. If every phone's true latency lies within its own interval, the true median lies within this one; it
    says nothing of phones that were not measured.
    """
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        options = json.dumps(row["options"], sort_keys=True)
        condition = (row["model"], row["variant"], row["delegate"], options, row["threads"] or 0)
        groups[(row["tier"], *condition, row["context"], held_words(row))].append(row)
    order = sorted(groups, key=lambda key: (tier_rank(key[0]), *key[1:]))
    return [_entry(groups[key]) for key in order]


def _entry(group: list[dict[str, Any]]) -> dict[str, Any]:
    first = group[0]
    good = [r for r in group if r["outcome"] == "ok" and r["latency_ms"]["median"] is not None]
    worst = max(good, key=lambda r: r["latency_ms"]["median"], default=None)
    medians = [r["latency_ms"]["median"] for r in good]
    limits = [r["latency_ms"]["ci95"] for r in good]
    interval, reason = [None, None], None
    if not good:
        reason = "no phone of this tier gave a figure"
    elif any(low is None for low, _ in limits):
        reason = next(r["latency_ms"]["reason"] for r in good if r["latency_ms"]["ci95"][0] is None)
    else:
        interval = [statistics.median(low for low, _ in limits), statistics.median(high for _, high in limits)]
    return {
        "tier": first["tier"],
        "model": first["model"],
        "variant": first["variant"],
        "delegate": first["delegate"],
        "options": first["options"],
        "threads": first["threads"],
        "context": first["context"],
        "state": {"held": held_of(first)},
        "phones": len({r["phone_id"] for r in group}),
        "phones_ok": len({r["phone_id"] for r in good}),
        "median_ms": statistics.median(medians) if medians else None,
        "median_ci95_ms": interval,
        "median_reason": reason,
        "worst_ms": worst["latency_ms"]["median"] if worst else None,
        "worst_ci95_ms": worst["latency_ms"]["ci95"] if worst else [None, None],
        "worst_reason": worst["latency_ms"]["reason"] if worst else reason,
        "worst_phone_id": worst["phone_id"] if worst else None,
        "worst_phone": worst["device"] if worst else None,
        "accuracy": first["accuracy"],
        "outcomes": dict(sorted(Counter(r["outcome"] for r in group).items())),
        "provenance": sorted({r["provenance"] for r in group}),
    }
