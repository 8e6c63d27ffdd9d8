"""The JSON document of a comparison: a row a phone and metric, and what they say together. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any

from harness.compare.metrics import LATENCY, METRICS, Metric
from harness.compare.pairs import Paired
from harness.compare.standing import Standing, by_block, of_metric, rounds_to_settle, standing
from harness.compare.trial import Trial
from harness.records import PhoneRecord
from harness.report.words import device_name
from harness.results.folder import Run
from harness.stats.ratio import Comparison

SCHEMA = 1


def compare_document(trial: Trial, run: Run) -> dict[str, Any]:
    """Verdicts of a trial on every phone of its run, and over all of them.

    `overall` has an entry a metric, over the pairs of all phones together: it is for these phones, where each has as
    much say as it has pairs that count, and phones that answer differently make its interval wide. A row's verdict is
    by its own interval; of many phones one in forty looks slower by chance, so `confirmed` says whether "slower by more
    than the margin" also holds at an interval that is widened for their number.
    """
    run_id, blocks = str(run.meta["run_id"]), by_block(run.sessions)
    found = {p.phone_id: standing(trial, run_id, p.phone_id, blocks) for p in run.phones}
    among = max(1, sum(bool(one.paired.whole) for one in found.values()))
    rows = [
        _row(trial, metric, phone, found[phone.phone_id], among)
        for phone in sorted(run.phones, key=lambda p: p.phone_id)
        for metric in METRICS
    ]
    pairs = [one.paired for one in found.values()]
    return {
        "schema": SCHEMA,
        "run": meta_of(run),
        "rows": rows,
        "overall": {metric.name: _overall(trial, metric, pairs, rows) for metric in METRICS},
    }


def meta_of(run: Run) -> dict[str, Any]:
    """What a document says of its run."""
    meta = {k: v for k, v in run.meta.items() if k not in ("schema", "accuracy")}
    return {**meta, "path": str(run.path), "damage": list(run.damage)}


def slower(document: dict[str, Any]) -> bool:
    """Whether B's latency is slower than A's by more than the margin, on a phone or over all of them."""
    latency = [r for r in document["rows"] if r["metric"] == LATENCY.name] + [document["overall"][LATENCY.name]]
    return any(r["confirmed"] for r in latency)


def _beyond(trial: Trial, found: Comparison) -> bool:
    """B takes more, by more than the margin."""
    return found.verdict == "slower" and (found.ratio or 0.0) > 1 + trial.margin_pct / 100


def _row(trial: Trial, metric: Metric, phone: PhoneRecord, found: Standing, among: int) -> dict[str, Any]:
    paired = found.paired
    device = device_name(phone)
    return {
        "phone_id": phone.phone_id,
        "serial": phone.serial,
        "device": device,
        "device_reason": None if device else "the phone does not say what it is",
        "tier": phone.tier,
        "tier_reason": phone.tier_reason or (None if phone.tier else "no tier rule holds for it"),
        "provenance": phone.provenance,
        **_figures(trial, metric, [paired]),
        "confirmed": _beyond(trial, of_metric(trial, metric, [paired], among)),
        "pairs_dropped": len(paired.dropped),
        "dropped": paired.reasons(),
        "unlike": list(paired.unlike),
        "rounds": found.rounds,
        "stopped": found.stopped,
    }


def _overall(trial: Trial, metric: Metric, pairs: Sequence[Paired], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    verdicts = Counter(r["verdict"] for r in rows if r["metric"] == metric.name)
    confirmed = _beyond(trial, of_metric(trial, metric, pairs))
    return {**_figures(trial, metric, pairs), "confirmed": confirmed, "phones": dict(sorted(verdicts.items()))}


def _figures(trial: Trial, metric: Metric, pairs: Sequence[Paired]) -> dict[str, Any]:
    """What one metric says over some pairs; `a` and `b` are medians in the metric's unit."""
    values = [metric.values(p.whole) for p in pairs]
    a, b = ([v for one in values for v in one[side]] for side in (0, 1))
    found = of_metric(trial, metric, pairs)
    reason = _reason(metric, pairs, found) if found.verdict == "undecided" else None
    more = rounds_to_settle(trial, metric, pairs) if found.verdict == "undecided" else 0
    return {
        "metric": metric.name,
        "a": statistics.median(a) if a else None,
        "b": statistics.median(b) if b else None,
        "ratio": found.ratio,
        "ci95": [found.lo, found.hi],
        "verdict": found.verdict,
        "reason": reason,
        "method": found.method,
        "pairs": len(a),
        "more_rounds": more,
        "more_rounds_reason": None if more is not None else "too many, or nothing to go by",
    }


def _reason(metric: Metric, pairs: Sequence[Paired], found: Comparison) -> str | None:
    """Why a verdict is not settled: first of all what keeps pairs from counting."""
    whole = [pair for p in pairs for pair in p.whole]
    if not whole:
        reasons: Counter[str] = sum((Counter(p.reasons()) for p in pairs), Counter())
        return f"no pair counts: {reasons.most_common(1)[0][0]}" if reasons else "nothing ran"
    return found.reason if metric.values(tuple(whole))[0] else metric.why(tuple(whole))
