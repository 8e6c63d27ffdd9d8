"""Two runs held against each other, row by row. Pure.

What ran on another day differs by more than its sessions show (heat, updates, the room), and an unpaired interval knows
nothing of that: a row that looks slower is a suspicion, which an A/B in turns confirms (see trial.py).
"""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from harness.compare.document import meta_of
from harness.records import SessionRecord
from harness.report.row.outcome import settle
from harness.report.words import OUTCOMES, device_name
from harness.results.folder import Run
from harness.stats.ratio import compare

SCHEMA = 1
#: phone_id, model, variant, delegate, options as JSON, threads, context.
Key = tuple[str, str, str, str, str, int, str]


def runs_document(base: Run, new: Run, margin_pct: float) -> dict[str, Any]:
    """A row a key that both runs have: ratio new to base of the latency, Welch's t over sessions, and a verdict.

    The program is no part of the key, since it may be what changed; `differs` says what else is not the same, so that
    rows measured under different state are never compared without saying so. `unmatched` lists keys of one run alone.
    """
    old, late = _by_key(base), _by_key(new)
    names = {p.phone_id: device_name(p) for p in (*base.phones, *new.phones)}
    rows = [_row(key, old[key], late[key], names.get(key[0]), margin_pct) for key in sorted(old.keys() & late.keys())]
    alone = [{**_key(key), "only_in": "base" if key in old else "new"} for key in sorted(old.keys() ^ late.keys())]
    runs = {"base": meta_of(base), "new": meta_of(new)}
    return {"schema": SCHEMA, **runs, "margin_pct": margin_pct, "rows": rows, "unmatched": alone}


def slower_rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows that are slower by more than the margin."""
    over = 1 + document["margin_pct"] / 100
    return [r for r in document["rows"] if r["verdict"] == "slower" and r["ratio"] > over]


def _by_key(run: Run) -> dict[Key, list[SessionRecord]]:
    found: dict[Key, list[SessionRecord]] = defaultdict(list)
    for s in run.sessions:
        if s.gives_latency:
            key, options = s.key, json.dumps(s.key.options, sort_keys=True)
            found[s.phone_id, key.model, key.variant, key.delegate, options, key.threads or 0, s.context].append(s)
    return dict(found)


def _key(key: Key) -> dict[str, Any]:
    phone_id, model, variant, delegate, options, threads, context = key
    return {
        "phone_id": phone_id,
        "model": model,
        "variant": variant,
        "delegate": delegate,
        "options": json.loads(options),
        "threads": threads or None,
        "context": context,
    }


def _row(
    key: Key, old: list[SessionRecord], late: list[SessionRecord], device: str | None, margin_pct: float
) -> dict[str, Any]:
    sides = [settle(old), settle(late)]
    values = [[s.inference_avg_us / 1000 for s in counted if s.inference_avg_us] for _, counted in sides]
    outcomes = [outcome for outcome, _ in sides]
    found = compare(values[0], values[1], paired=False, margin_pct=margin_pct)
    ratio, limits, verdict, reason = found.ratio, [found.lo, found.hi], found.verdict, found.reason
    if outcomes != ["ok", "ok"]:
        said = " and ".join(f"{name}: {OUTCOMES.get(o, o)}" for name, o in zip(("base", "new"), outcomes, strict=True))
        ratio, limits, verdict, reason = None, [None, None], "undecided", said
    return {
        **_key(key),
        "device": device,
        "device_reason": None if device else "the phone does not say what it is",
        "provenance": late[0].provenance,
        "metric": "latency_ms",
        "a": statistics.median(values[0]) if values[0] else None,
        "b": statistics.median(values[1]) if values[1] else None,
        "ratio": ratio,
        "ci95": limits,
        "verdict": verdict,
        "reason": reason,
        "method": found.method if ratio is not None else None,
        "sessions": [len(values[0]), len(values[1])],
        "differs": _differs(old, late),
    }


def _differs(old: list[SessionRecord], late: list[SessionRecord]) -> list[str]:
    """What is not the same on both sides beside the key, in words."""
    facts: dict[str, Callable[[SessionRecord], object]] = {
        "model": lambda s: s.model_sha256,
        "program": lambda s: s.runtime.sha256,
        "flags": lambda s: tuple(a for a in s.args if not a.startswith(("--result_file", "--model_runtime_info"))),
        "state": lambda s: json.dumps([s.state.held, s.state.refused], sort_keys=True),
    }
    words = [name for name, of in facts.items() if {of(s) for s in old} != {of(s) for s in late}]
    shares = [{f: sum(f in s.flags for s in side) / len(side) for s in side for f in s.flags} for side in (old, late)]
    for flag in sorted(set(shares[0]) | set(shares[1])):
        a, b = (share.get(flag, 0.0) for share in shares)
        if a != b:
            words.append(f"{flag} ({a:.0%} of base, {b:.0%} of new)")
    return words
