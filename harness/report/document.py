"""The report as data: the JSON document of the command-line contract. Every other format is made from it.

Pure. A value that is missing is None, with its reason in `reason` of the same object or in `KEY_reason` beside it.
"""

from __future__ import annotations

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from harness.records import OUTCOMES, VOID_FLAGS, PhoneRecord, Quantity, SessionRecord
from harness.report.agreement import agreement_entry
from harness.report.tiers import tier_entries, tier_rank
from harness.results.folder import Run
from harness.results.verdicts import Condition, condition_of
from harness.stats.intervals import median_interval

SCHEMA = 1
#: Outcomes with a time; that of a fallback is real too, and is shown under its outcome.
_TIMED = ("ok", "fallback")


def build_document(run: Run) -> dict[str, Any]:
    """Rows, one per phone and condition, and tiers over them; sorted, so that two reports can be compared line by line.

    A row's latency is the median over its sessions of their mean run, with an interval over sessions; its p95 is the
    median of the printed ones. Sessions that ran and are void (`VOID_FLAGS`) do not count. Where sessions ended
    differently, the row's outcome is the most frequent one, and of equally frequent ones the one that is not `ok`;
    `outcomes` holds the count of each, void ones under `void`. Only sessions that ended as the row did give figures.
    Sessions that ran for their outputs give no figures but `agreement`; where the outputs are wrong, that is the row's
    outcome, and it has no figures.
    """
    phones = {p.phone_id: p for p in run.phones}
    groups: dict[tuple[Any, ...], list[SessionRecord]] = defaultdict(list)
    checks: dict[Condition, list[SessionRecord]] = defaultdict(list)
    for session in run.sessions:
        if session.kind == "outputs":
            checks[condition_of(session)].append(session)
            continue
        key, runtime = session.key, session.runtime
        options = json.dumps(key.options, sort_keys=True)
        condition = (key.model, key.variant, key.delegate, options, key.threads or 0)
        groups[(session.phone_id, *condition, session.context, runtime.flavour, runtime.sha256 or "")].append(session)
    accuracy = run.meta.get("accuracy") or {}
    rows = [
        _row(group, phones.get(key[0]), accuracy, agreement_entry(checks[condition_of(group[0])]))
        for key, group in sorted(groups.items())
    ]
    rows.sort(key=lambda r: (tier_rank(r["tier"]), r["phone_id"]))
    meta = {k: v for k, v in run.meta.items() if k not in ("schema", "accuracy")}  # that stands in the rows
    return {
        "schema": SCHEMA,
        "run": {**meta, "path": str(run.path), "damage": list(run.damage)},
        "rows": rows,
        "tiers": tier_entries(rows),
    }


def _row(
    sessions: Sequence[SessionRecord], phone: PhoneRecord | None, accuracy: dict[str, Any], agreement: dict[str, Any]
) -> dict[str, Any]:
    first = sessions[0]
    outcome, counted = _settle(sessions)
    line = next((s.outcome_line for s in sessions if s.outcome == outcome and s.outcome_line), None)
    if outcome == "other" and not line:
        void = sorted({f for s in sessions for f in VOID_FLAGS & set(s.flags)})
        line = f"every session is void: {', '.join(void)}" if void else None
    if outcome == "wrong_output":
        line = agreement["reason"]
    reason = None if counted else line or f"no session gave a time: {outcome}"
    last = counted[-1] if counted else sessions[-1]
    init, begin = (_middle(_ms(v) for v in values) for values in _starts(counted))
    device, tier = _device(phone), phone.tier if phone else None
    return {
        "phone_id": first.phone_id,
        "serial": first.serial,
        "device": device,
        "device_reason": None if device else "the phone does not say what it is",
        "tier": tier,
        "tier_reason": (phone.tier_reason if phone else None) or (None if tier else "no tier rule holds for it"),
        "provenance": first.provenance,
        "context": first.context,
        "model": first.key.model,
        "variant": first.key.variant,
        "delegate": first.key.delegate,
        "options": dict(sorted(first.key.options.items())),
        "threads": first.key.threads,
        "threads_reason": None if first.key.threads else first.detail.get("threads_reason", "not known"),
        "runtime": {
            "flavour": first.runtime.flavour,
            "version": first.runtime.version,
            "version_reason": None if first.runtime.version else "the program has no version flag",
            "sha256": first.runtime.sha256,
            "sha256_reason": None if first.runtime.sha256 else "the program was not at hand",
        },
        "outcome": outcome,
        "outcome_line": line,
        "outcomes": dict(sorted(Counter("void" if _void(s) else s.outcome for s in sessions).items())),
        "sessions": len(counted),
        "sessions_run": len(sessions),
        "latency_ms": _latency(counted, reason),
        "init_ms": init,
        "init_ms_reason": None if init is not None else reason or "the program printed none",
        "first_ms": begin,
        "first_ms_reason": None if begin is not None else reason or "the program printed none",
        "memory_mb": _memory(counted, sessions, reason),
        "power_mw": _quantity([s.power_mw for s in counted], reason),
        "energy_mj": _quantity([s.energy_mj for s in counted], reason),
        "thermal": _thermal(counted, reason),
        "delegation": {
            "extent": last.delegation.extent,
            "nodes_delegated": last.delegation.nodes_delegated,
            "nodes_total": last.delegation.nodes_total,
            "partitions": last.delegation.partitions,
            "source": last.delegation.source,
            "reason": None if last.delegation.extent else reason or "the program left no proof",
        },
        "agreement": agreement,
        "accuracy": _accuracy(first.model_sha256, accuracy),
        "flags": sorted({f for s in sessions for f in s.flags}),
        "evidence": last.evidence,
    }


def _accuracy(sha256: str | None, known: dict[str, Any]) -> dict[str, Any]:
    """A model's accuracy on the host, as it was known when the run began."""
    found = known.get(sha256) if sha256 is not None else None
    if found is None:
        return {"value": None, "reason": "accuracy was not part of this run"}
    return dict(found)


def _void(session: SessionRecord) -> bool:
    return session.outcome in _TIMED and bool(VOID_FLAGS & set(session.flags))


def _settle(sessions: Sequence[SessionRecord]) -> tuple[str, list[SessionRecord]]:
    """The row's outcome, and the sessions that give its figures."""
    if any("wrong_output" in s.flags for s in sessions):
        return "wrong_output", []
    valid = [s for s in sessions if not _void(s)]
    if not valid:
        return "other", []
    votes = Counter(s.outcome for s in valid)
    most = max(votes.values())
    # A condition that fails as often as it works is not one that works.
    outcome = max((o for o, n in votes.items() if n == most), key=lambda o: (o != "ok", -_rank(o), o))
    return outcome, [s for s in valid if s.outcome == outcome] if outcome in _TIMED else []


def _rank(outcome: str) -> int:
    return OUTCOMES.index(outcome) if outcome in OUTCOMES else len(OUTCOMES)


def _starts(sessions: Sequence[SessionRecord]) -> tuple[list[float | None], list[float | None]]:
    return [s.init_us for s in sessions], [s.first_us for s in sessions]


def _latency(sessions: Sequence[SessionRecord], reason: str | None) -> dict[str, Any]:
    values = [s.inference_avg_us / 1000 for s in sessions if s.inference_avg_us]
    interval = median_interval(values)
    p95 = _middle(_ms(s.timed_run.p95_us if s.timed_run else None) for s in sessions)
    shortest = [s.timed_run.min_us / 1000 for s in sessions if s.timed_run and s.timed_run.min_us]
    return {
        "median": statistics.median(values) if values else None,
        "ci95": [interval.lo, interval.hi],
        "p95": p95,
        "p95_reason": None if p95 is not None else reason or "this program prints no 95th percentile",
        "min": min(shortest, default=None),
        "min_reason": None if shortest else reason or "this program prints no fastest run",
        "reason": interval.reason if values else reason or "the program printed no time",
    }


def _memory(
    counted: Sequence[SessionRecord], sessions: Sequence[SessionRecord], reason: str | None
) -> dict[str, float | str | None]:
    peak = _middle(s.peak_rss_mb.value for s in counted)
    init = _middle(s.memory.init_mb if s.memory else None for s in counted)
    overall = _middle(s.memory.overall_mb if s.memory else None for s in counted)
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


def _quantity(quantities: Sequence[Quantity], reason: str | None) -> dict[str, Any]:
    values = [q.value for q in quantities if q.value is not None]
    if not values:
        why = next((q.reason for q in quantities if q.reason), reason)
        return {"value": None, "ci95": [None, None], "reason": why or "not measured"}
    interval = median_interval(values)
    return {"value": statistics.median(values), "ci95": [interval.lo, interval.hi], "reason": interval.reason}


def _thermal(sessions: Sequence[SessionRecord], reason: str | None) -> dict[str, Any]:
    after = [s.thermal.battery_after_c for s in sessions if s.thermal.battery_after_c is not None]
    skin = [s.thermal.skin_after_c for s in sessions if s.thermal.skin_after_c is not None]
    caps = [s.frequency.min_cap_pct for s in sessions if s.frequency.min_cap_pct is not None]
    why = next((s.thermal.reason for s in sessions if s.thermal.reason), None)
    found = {
        "battery_before_c": _middle(s.thermal.battery_before_c for s in sessions),
        "battery_after_c": max(after, default=None),
        "skin_after_c": max(skin, default=None),
        "min_cap_pct": min(caps, default=None),
    }
    missing = reason or why or "the phone does not let the shell user read it"
    return {**found, "reason": missing if None in found.values() else None}


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
