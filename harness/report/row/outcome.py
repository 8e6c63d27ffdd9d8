"""A row's outcome, and the sessions that give its figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.measure.rules import VOID_FLAGS
from harness.records import OUTCOMES, SessionRecord

#: Outcomes with a time; that of a fallback is real too, and is shown under its outcome.
_TIMED = ("ok", "fallback")


def is_void(session: SessionRecord) -> bool:
    return session.outcome in _TIMED and bool(VOID_FLAGS & set(session.flags))


def settle(sessions: Sequence[SessionRecord]) -> tuple[str, list[SessionRecord]]:
    """The row's outcome, and the sessions that give its figures."""
    if any("wrong_output" in s.flags for s in sessions):
        return "wrong_output", []
    valid = [s for s in sessions if not is_void(s)]
    if not valid:
        return "other", []
    votes = Counter(s.outcome for s in valid)
    most = max(votes.values())
    # A condition that fails as often as it works is not one that works.
    outcome = max((o for o, n in votes.items() if n == most), key=lambda o: (o != "ok", -_rank(o), o))
    return outcome, [s for s in valid if s.outcome == outcome] if outcome in _TIMED else []


def _rank(outcome: str) -> int:
    return OUTCOMES.index(outcome) if outcome in OUTCOMES else len(OUTCOMES)
