"""The report as data: the JSON document of the command-line contract. Every other format is made from it."""

from __future__ import annotations

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from harness.records import VOID_FLAGS, PhoneRecord, SessionRecord
from harness.results.folder import Run
from harness.stats.intervals import median_interval

SCHEMA = 1
_TIER_ORDER = {"high": 0, "mid": 1, "low": 2}


def build_document(run: Run) -> dict[str, Any]:
    """Rows, one per phone and condition, and tiers over them; sorted, so that two reports can be compared line by line.

    A row's latency is the median over its sessions of their mean run. Its outcome is `ok` where any session that counts
    is; otherwise the most frequent one. Sessions whose flags void them do not count.
    """
    phones = {p.phone_id: p for p in run.phones}
    groups: dict[tuple[Any, ...], list[SessionRecord]] = defaultdict(list)
    for session in run.sessions:
        key = session.key
        options = json.dumps(key.options, sort_keys=True)
        groups[(session.phone_id, key.model, key.variant, key.delegate, options, key.threads)].append(session)
    rows = [_row(group, phones.get(key[0])) for key, group in sorted(groups.items())]
    rows.sort(key=lambda r: (_TIER_ORDER.get(r["tier"] or "", 9), r["tier"] or "", r["phone_id"]))
    meta = {k: v for k, v in run.meta.items() if k != "schema"}
    return {
        "schema": SCHEMA,
        "run": {**meta, "path": str(run.path)},
        "rows": rows,
        "tiers": _tiers(rows),
    }


def _row(sessions: Sequence[SessionRecord], phone: PhoneRecord | None) -> dict[str, Any]:
    first = sessions[0]
    good = [s for s in sessions if s.outcome == "ok" and not VOID_FLAGS & set(s.flags)]
    # A fallback ran, on the CPU: its time is real and is shown as what it is, under its outcome.
    counted = good or [s for s in sessions if s.outcome == "fallback" and not VOID_FLAGS & set(s.flags)]
    outcome = "ok" if good else Counter(s.outcome for s in sessions).most_common(1)[0][0]
    if outcome == "ok" and not good:
        outcome = "other"
    line = next((s.outcome_line for s in sessions if s.outcome == outcome and s.outcome_line), None)
    reason = None if counted else line or f"no session ended well: {outcome}"
    last = counted[-1] if counted else sessions[-1]
    return {
        "phone_id": first.phone_id,
        "serial": first.serial,
        "device": _device(phone),
        "tier": phone.tier if phone else None,
        "provenance": first.provenance,
        "context": first.context,
        "model": first.key.model,
        "variant": first.key.variant,
        "delegate": first.key.delegate,
        "options": dict(sorted(first.key.options.items())),
        "threads": first.key.threads,
        "runtime": {
            "flavour": first.runtime.flavour,
            "version": first.runtime.version,
            "version_reason": None if first.runtime.version else "the program has no version flag",
            "sha256": first.runtime.sha256,
        },
        "outcome": outcome,
        "outcome_line": line,
        "sessions": len(counted),
        "sessions_run": len(sessions),
        "latency_ms": _latency(counted, reason),
        "init_ms": _middle(_ms(s.init_us) for s in counted),
        "first_ms": _middle(_ms(s.first_us) for s in counted),
        "memory_mb": _memory(counted, sessions, reason),
        "power_mw": _quantity([s.power_mw for s in counted], reason),
        "energy_mj": _quantity([s.energy_mj for s in counted], reason),
        "thermal": _thermal(counted),
        "delegation": {
            "extent": last.delegation.extent,
            "nodes_delegated": last.delegation.nodes_delegated,
            "nodes_total": last.delegation.nodes_total,
            "partitions": last.delegation.partitions,
            "source": last.delegation.source,
        },
        "accuracy": {"value": None, "reason": "accuracy was not part of this run"},
        "flags": sorted({f for s in sessions for f in s.flags}),
        "evidence": last.evidence,
    }


def _latency(sessions: Sequence[SessionRecord], reason: str | None) -> dict[str, Any]:
    values = [s.inference_avg_us / 1000 for s in sessions if s.inference_avg_us]
    interval = median_interval(values)
    p95 = _middle(_ms(s.timed_run.p95_us if s.timed_run else None) for s in sessions)
    return {
        "median": statistics.median(values) if values else None,
        "ci95": [interval.lo, interval.hi],
        "p95": p95,
        "min": min((s.timed_run.min_us / 1000 for s in sessions if s.timed_run and s.timed_run.min_us), default=None),
        "reason": reason if not values else interval.reason,
    }


def _memory(
    counted: Sequence[SessionRecord], sessions: Sequence[SessionRecord], reason: str | None
) -> dict[str, float | str | None]:
    peak = _middle(s.peak_rss_mb.value for s in counted)
    why = next((s.peak_rss_mb.reason for s in counted or sessions if s.peak_rss_mb.reason), reason)
    return {
        "peak_rss": peak,
        "init": _middle(s.memory.init_mb if s.memory else None for s in counted),
        "overall": _middle(s.memory.overall_mb if s.memory else None for s in counted),
        "reason": why if peak is None else None,
    }


def _quantity(quantities: Sequence[Any], reason: str | None) -> dict[str, Any]:
    values = [q.value for q in quantities if q.value is not None]
    if not values:
        why = next((q.reason for q in quantities if q.reason), reason)
        return {"value": None, "ci95": [None, None], "reason": why or "not measured"}
    interval = median_interval(values)
    return {"value": statistics.median(values), "ci95": [interval.lo, interval.hi], "reason": interval.reason}


def _thermal(sessions: Sequence[SessionRecord]) -> dict[str, Any]:
    return {
        "battery_before_c": _middle(s.thermal.battery_before_c for s in sessions),
        "battery_after_c": max(
            (s.thermal.battery_after_c for s in sessions if s.thermal.battery_after_c), default=None
        ),
        "skin_after_c": max((s.thermal.skin_after_c for s in sessions if s.thermal.skin_after_c), default=None),
        "min_cap_pct": min((s.frequency.min_cap_pct for s in sessions if s.frequency.min_cap_pct), default=None),
    }


def _tiers(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        options = json.dumps(row["options"], sort_keys=True)
        groups[(row["tier"], row["model"], row["variant"], row["delegate"], options, row["threads"])].append(row)
    found = []
    for (tier, model, variant, delegate, options, threads), group in groups.items():
        good = [r for r in group if r["outcome"] == "ok" and r["latency_ms"]["median"] is not None]
        worst = max(good, key=lambda r: r["latency_ms"]["median"], default=None)
        medians = [r["latency_ms"]["median"] for r in good]
        interval = median_interval(medians)
        found.append(
            {
                "tier": tier,
                "model": model,
                "variant": variant,
                "delegate": delegate,
                "options": json.loads(options),
                "threads": threads,
                "phones": len(group),
                "phones_ok": len(good),
                "median_ms": statistics.median(medians) if medians else None,
                "median_ci95_ms": [interval.lo, interval.hi],
                "median_reason": interval.reason,
                "worst_ms": worst["latency_ms"]["median"] if worst else None,
                "worst_ci95_ms": worst["latency_ms"]["ci95"] if worst else [None, None],
                "worst_phone": worst["device"] if worst else None,
                "outcomes": dict(sorted(Counter(r["outcome"] for r in group).items())),
                "provenance": sorted({r["provenance"] for r in group}),
            }
        )
    found.sort(
        key=lambda t: (
            _TIER_ORDER.get(t["tier"] or "", 9),
            t["model"],
            t["variant"],
            t["delegate"],
            json.dumps(t["options"], sort_keys=True),
            t["threads"],
        )
    )
    return found


def _device(phone: PhoneRecord | None) -> str | None:
    if phone is None or phone.model is None:
        return None
    maker = (phone.manufacturer or "").strip()
    return phone.model if phone.model.lower().startswith(maker.lower()) else f"{maker} {phone.model}"


def _ms(microseconds: float | None) -> float | None:
    return None if microseconds is None else microseconds / 1000


def _middle(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return statistics.median(known) if known else None
