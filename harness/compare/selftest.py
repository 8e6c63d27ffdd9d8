"""The self-test of a rack: what a phone says of equal artefacts, and so which differences it can show. Pure.

Each phone runs our own sample model against itself (A/A) on the CPU and, where it works, on the GPU, and against itself
with twice the runs a session: twice the work must give the same latency, and the same energy, per inference.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any

from harness.benchmark.work import ModelFile, Protocol
from harness.compare.arm import Arm
from harness.compare.document import meta_of
from harness.compare.metrics import ENERGY, LATENCY
from harness.compare.pairs import Paired
from harness.compare.standing import Standing, by_block, of_metric, standing
from harness.compare.trial import Trial
from harness.rack.noise import Noise
from harness.records import PhoneRecord, SessionRecord
from harness.report.words import device_name
from harness.results.folder import Run
from harness.stats.effect import METHOD, smallest_effect_pct
from harness.stats.ratio import compare

SCHEMA = 1
POWER, CONFIDENCE = 0.8, 0.95
#: The trial that doubles the work; the others are named by their delegate.
DOUBLE = "double"


def selftest_trials(
    model: ModelFile, protocol: Protocol, *, delegates: Sequence[str], rounds: int, seed: int
) -> list[Trial]:
    """A/A on each delegate, and once and twice the work on the CPU."""

    def arm(name: str, delegate: str, work: int = 1) -> Arm:
        return Arm(name, model, delegate, work=work)

    return [
        *(Trial(arm("A", d), arm("B", d), protocol, rounds, seed, name=d) for d in delegates),
        Trial(arm("A", "cpu"), arm("B", "cpu", work=2), protocol, rounds, seed, name=DOUBLE),
    ]


def selftest_document(trials: Sequence[Trial], run: Run) -> dict[str, Any]:
    """A row a phone and trial.

    `covers_1` is judged by an interval (`ci`) that is widened for the number of A/A rows (Bonferroni), so that a sound
    rack of any size fails one self-test in twenty; `ci95` is the plain one. It is None of the row with doubled work,
    whose `verdict` says the same.
    """
    run_id, blocks = str(run.meta["run_id"]), by_block(run.sessions)
    found = [
        (trial, phone, standing(trial, run_id, phone.phone_id, blocks))
        for phone in sorted(run.phones, key=lambda p: p.phone_id)
        for trial in trials
    ]
    tests = sum(trial.name != DOUBLE and bool(one.paired.whole) for trial, _, one in found)
    confidence = 1 - (1 - CONFIDENCE) / max(1, tests)
    skipped = {(s["phone_id"], s["what"]): s["reason"] for s in run.meta.get("skipped", [])}
    rows = [
        _row(trial, phone, one, confidence, skipped.get((phone.phone_id, trial.name))) for trial, phone, one in found
    ]
    failed = sorted({r["phone_id"] for r in rows if r["covers_1"] is False})
    return {"schema": SCHEMA, "run": meta_of(run), "rows": rows, "failed": failed}


def noises(document: dict[str, Any], model_sha256: str, at_epoch_s: float) -> list[Noise]:
    """What the rack is to remember of a self-test."""
    return [
        Noise(
            r["phone_id"],
            r["delegate"],
            r["smallest_effect_pct"],
            r["spread_pct"],
            r["covers_1"],
            r["pairs"],
            model_sha256,
            str(document["run"]["run_id"]),
            at_epoch_s,
        )
        for r in document["rows"]
        if r["covers_1"] is not None and r["smallest_effect_pct"] is not None
    ]


def _row(trial: Trial, phone: PhoneRecord, found: Standing, confidence: float, skipped: str | None) -> dict[str, Any]:
    paired = found.paired
    a, b = LATENCY.values(paired.whole)
    wide = compare(a, b, paired=True, margin_pct=trial.margin_pct, confidence=confidence)
    plain = of_metric(trial, LATENCY, [paired])
    covers = None if wide.lo is None or wide.hi is None else wide.lo <= 1 <= wide.hi
    device = device_name(phone)
    known = plain.ratio is not None
    why = None if known else skipped or _why_none(paired) or plain.reason
    sessions = [s for pair in paired.whole for s in (pair.a, pair.b)]
    return {
        "phone_id": phone.phone_id,
        "serial": phone.serial,
        "device": device,
        "device_reason": None if device else "the phone does not say what it is",
        "provenance": phone.provenance,
        "test": "doubled work" if trial.name == DOUBLE else "a/a",
        "delegate": trial.a.delegate,
        "ratio": plain.ratio,
        "ci95": [plain.lo, plain.hi],
        "ci": [wide.lo, wide.hi],
        "confidence": confidence,
        "covers_1": covers if trial.name != DOUBLE else None,
        "verdict": plain.verdict,
        "reason": why,
        "pairs": len(a),
        "pairs_dropped": len(paired.dropped),
        "dropped": paired.reasons(),
        "spread_pct": _spread_pct(a, b),
        "smallest_effect_pct": smallest_effect_pct(a, b, power=POWER, confidence=CONFIDENCE),
        "smallest_effect_method": f"{METHOD}, {POWER:.0%} power at {CONFIDENCE:.0%}",
        "energy": _energy(trial, paired),
        "flags": dict(sorted(Counter(f for s in sessions for f in s.flags).items())),
        "unlike": list(paired.unlike),
        "took_s": _took_s(sessions),
    }


def _why_none(paired: Paired) -> str | None:
    """What kept every pair from counting."""
    if paired.whole or not paired.dropped:
        return None
    return Counter(paired.dropped.values()).most_common(1)[0][0]


def _spread_pct(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Standard deviation between sessions as a share of their median, within each arm."""
    if len(a) < 3:
        return None
    spreads = [statistics.stdev(values) / statistics.median(values) for values in (a, b)]
    return 100 * statistics.fmean(spreads)


def _energy(trial: Trial, paired: Paired) -> dict[str, Any]:
    """Energy of one inference, B to A."""
    found = of_metric(trial, ENERGY, [paired])
    known = bool(ENERGY.values(paired.whole)[0]) or not paired.whole
    reason = found.reason if known else ENERGY.why(paired.whole)
    return {"ratio": found.ratio, "ci95": [found.lo, found.hi], "verdict": found.verdict, "reason": reason}


def _took_s(sessions: Sequence[SessionRecord]) -> float | None:
    """Seconds of the phone's clock from the first session's start to the last one's end; None over a reboot."""
    starts = [s.start_uptime_s for s in sessions if s.start_uptime_s is not None]
    ends = [s.end_uptime_s for s in sessions if s.end_uptime_s is not None]
    if not starts or not ends or len({s.boot_id for s in sessions}) > 1:
        return None
    return round(max(ends) - min(starts), 1)
