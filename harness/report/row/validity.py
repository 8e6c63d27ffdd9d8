"""Which rules the sessions of a row broke, and the same over a run. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from harness.measure.rules import RULES
from harness.records import SessionRecord
from harness.report.row.outcome import is_void

#: As many different things that were seen are told in a row; `harness explain` tells those of each session.
_MOST_SEEN = 3


def validity(sessions: Sequence[SessionRecord]) -> list[dict[str, Any]]:
    """An entry a rule that a session broke; what voids first, then what most sessions broke.

    Keys: `rule`, `voids`, `sessions` (that broke it), `of` (all of the row), `seen` (at most three different ones, the
    most frequent first), `threshold` (None, with `threshold_reason`, of a rule of another harness).
    """
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    count: Counter[str] = Counter()
    for session in sessions:
        for flag in session.flags:
            count[flag] += 1
            if words := session.flag_reasons.get(flag):
                seen[flag][words] += 1
    found = [_entry(flag, n, len(sessions), seen[flag]) for flag, n in count.items()]
    return sorted(found, key=lambda e: (not e["voids"], -e["sessions"], e["rule"]))


def _entry(flag: str, count: int, total: int, seen: Counter[str]) -> dict[str, Any]:
    rule = RULES.get(flag)
    return {
        "rule": flag,
        "voids": rule is not None and rule.voids,
        "sessions": count,
        "of": total,
        "seen": [words for words, _ in sorted(seen.items(), key=lambda item: (-item[1], item[0]))[:_MOST_SEEN]],
        "threshold": rule.threshold if rule else None,
        "threshold_reason": None if rule else "a rule of another harness",
    }


def run_validity(groups: Iterable[Sequence[SessionRecord]]) -> dict[str, Any]:
    """Over the sessions of all rows: `sessions`, `void`, and `rules`, each with its `sessions` and `voided` ones.

    A session that broke two voiding rules is void once and stands under both, so that `voided` may add up to more than
    `void`. One that failed is not void: its outcome says what became of it.
    """
    sessions = [s for group in groups for s in group]
    broken = Counter(flag for s in sessions for flag in s.flags)
    voided = Counter(flag for s in sessions if is_void(s) for flag in s.flags if flag in RULES and RULES[flag].voids)
    return {
        "sessions": len(sessions),
        "void": sum(is_void(s) for s in sessions),
        "rules": {flag: {"sessions": n, "voided": voided[flag]} for flag, n in sorted(broken.items())},
    }
