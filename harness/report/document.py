"""The report as data: the JSON document of the command-line contract. Every other format is made from it.

Pure. A value that is missing is None, with its reason in `reason` of the same object or in `KEY_reason` beside it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from harness.measure.rules import VOID_FLAGS
from harness.records import DETAIL_KINDS, PhoneRecord, SessionRecord
from harness.report.agreement import agreement_entry
from harness.report.groups import CONTEXT, RowKey, key_of_session, row_names
from harness.report.row.activity import activity_part
from harness.report.row.app_ratio import app_ratio_part
from harness.report.row.cold import cold_part
from harness.report.row.energy import energy_entries, energy_of, power_entry
from harness.report.row.frequency import frequency_part
from harness.report.row.latency import latency
from harness.report.row.memory import memory
from harness.report.row.numbers import middle, milliseconds
from harness.report.row.operators import operators
from harness.report.row.outcome import is_void, settle
from harness.report.row.repeats import repeats_part
from harness.report.row.state import state_part
from harness.report.row.sustained import sustained_part
from harness.report.row.thermal import thermal_part
from harness.report.row.validity import run_validity, validity
from harness.report.tiers import tier_entries, tier_rank
from harness.report.words import device_name
from harness.results.folder import Run
from harness.results.verdicts import Condition, condition_of

SCHEMA = 1


def build_document(run: Run) -> dict[str, Any]:
    """Rows, one per phone and condition, and tiers over them; sorted, so that two reports can be compared line by line.

    A row's latency is the median over its sessions of their mean run, with an interval over sessions; its p95 is the
    median of the printed ones. Sessions that ran and are void (`VOID_FLAGS`) do not count. Where sessions ended
    differently, the row's outcome is the most frequent one, and of equally frequent ones the one that is not `ok`;
    `outcomes` holds the count of each, void ones under `void`. Only sessions that ended as the row did give figures.
    Sessions under different held state are different rows. Sessions that ran for details give `memory_mb` its parts,
    and `operators`. Sessions that ran for their outputs give no figures but `agreement`; where the outputs are wrong,
    that is the row's outcome, and it has no figures.
    """
    phones = {p.phone_id: p for p in run.phones}
    groups: dict[RowKey, list[SessionRecord]] = defaultdict(list)
    checks: dict[Condition, list[SessionRecord]] = defaultdict(list)
    for session in run.sessions:
        if session.kind == "outputs":
            checks[condition_of(session)].append(session)
            continue
        groups[key_of_session(session)].append(session)
    accuracy, suite = run.meta.get("accuracy") or {}, run.meta.get("suite") or {}
    of_latency = {key: timed for key, group in groups.items() if (timed := [s for s in group if s.gives_latency])}
    names = row_names(of_latency)
    # A twin differs in its context and its program; the last of a key is the state in which the phone was held.
    shell = {(*key[:CONTEXT], key[-1]): some for key, some in of_latency.items() if key[CONTEXT] == "shell"}
    rows = [
        {"row": names[key]}
        | _row(timed, groups[key], phones.get(key[0]), accuracy, suite, agreement_entry(checks[condition_of(timed[0])]))
        | {"app_ratio": app_ratio_part(timed, shell.get((*key[:CONTEXT], key[-1]), ()))}
        for key, timed in sorted(of_latency.items())
    ]
    rows.sort(key=lambda r: (tier_rank(r["tier"]), r["phone_id"]))
    meta = {k: v for k, v in run.meta.items() if k not in ("schema", "accuracy")}  # that stands in the rows
    return {
        "schema": SCHEMA,
        "run": {
            **meta,
            "path": str(run.path),
            "damage": list(run.damage),
            "validity": run_validity(of_latency.values()),
        },
        "rows": rows,
        "tiers": tier_entries(rows),
    }


def _row(
    sessions: Sequence[SessionRecord],
    every: Sequence[SessionRecord],
    phone: PhoneRecord | None,
    accuracy: dict[str, Any],
    suite: dict[str, Any],
    agreement: dict[str, Any],
) -> dict[str, Any]:
    """A row of `sessions`, which give its latency; `every` has all of its condition."""
    first = sessions[0]
    details = [s for s in every if s.kind in DETAIL_KINDS]
    looked, profiled = ([s for s in details if s.kind == kind] for kind in ("memory", "operators"))
    outcome, counted = settle(sessions)
    line = next((s.outcome_line for s in sessions if s.outcome == outcome and s.outcome_line), None)
    if outcome == "other" and not line:
        void = sorted({f for s in sessions for f in VOID_FLAGS & set(s.flags)})
        line = f"every session is void: {', '.join(void)}" if void else None
    if outcome == "wrong_output":
        line = agreement["reason"]
    reason = None if counted else line or f"no session gave a time: {outcome}"
    last = counted[-1] if counted else sessions[-1]
    init, begin = (middle(milliseconds(v) for v in values) for values in _starts(counted))
    energy_mj, energy = energy_entries([energy_of(s) for s in counted], reason)
    cold, sustained = cold_part([s for s in every if s.kind == "cold"], counted), sustained_part(every)
    repeats = repeats_part(counted, sessions, suite)
    speed = latency(counted, reason, repeats["why"] if repeats else None)
    device, tier = device_name(phone), phone.tier if phone else None
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
        "outcomes": dict(sorted(Counter("void" if is_void(s) else s.outcome for s in sessions).items())),
        "sessions": len(counted),
        "sessions_run": len(sessions),
        "latency_ms": speed,
        "init_ms": init,
        "init_ms_reason": None if init is not None else reason or "the program printed none",
        "first_ms": begin,
        "first_ms_reason": None if begin is not None else reason or "the program printed none",
        "power_mw": power_entry([s.power_mw for s in counted], reason),
        "energy_mj": energy_mj,
        "energy": energy,
        "memory_mb": memory(counted, sessions, reason, looked),
        "operators": operators(profiled or [s for s in sessions if s.operators is not None], speed["median"]),
        "thermal": thermal_part(counted, reason),
        "state": state_part(sessions),
        "activity": activity_part(counted, reason),
        "frequency": frequency_part(counted, reason),
        "delegation": {
            "extent": last.delegation.extent,
            "nodes_delegated": last.delegation.nodes_delegated,
            "nodes_total": last.delegation.nodes_total,
            "partitions": last.delegation.partitions,
            "source": last.delegation.source,
            "reason": None if last.delegation.extent else reason or "the program left no proof",
        },
        "repeats": repeats,
        "repeats_reason": None if repeats else "the number of sessions was fixed",
        "cold": cold,
        "cold_reason": None if cold else "the protocol has no cold starts",
        "sustained": sustained,
        "sustained_reason": None if sustained else "the protocol has no chains",
        "agreement": agreement,
        "accuracy": _accuracy(first.model_sha256, accuracy),
        "validity": validity(sessions),
        "flags": sorted({f for s in (*sessions, *details) for f in s.flags}),
        "evidence": last.evidence,
    }


def _accuracy(sha256: str | None, known: dict[str, Any]) -> dict[str, Any]:
    """A model's accuracy on the host, as it was known when the run began."""
    found = known.get(sha256) if sha256 is not None else None
    if found is None:
        return {"value": None, "reason": "accuracy was not part of this run"}
    return dict(found)


def _starts(sessions: Sequence[SessionRecord]) -> tuple[list[float | None], list[float | None]]:
    return [s.init_us for s in sessions], [s.first_us for s in sessions]
