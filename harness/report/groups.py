"""Which sessions a row of the report is made of, and the short name by which a row is asked for. Pure."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from harness.records import SessionRecord
from harness.report.row.state import held_key
from harness.results.verdicts import Condition, condition_of

#: phone_id, model, variant, delegate, options (JSON), threads (0: unknown), context, the program's flavour and sha256,
#: and the state that the phone was held at (JSON).
RowKey = tuple[str, str, str, str, str, int, str, str, str, str]
#: Where the context stands in it; what is before says which condition of which phone.
CONTEXT = 6
#: Digits of a row's name; more where two rows of one report would share them.
_DIGITS = 6


def key_of_session(session: SessionRecord) -> RowKey:
    """The row that a session belongs to."""
    key, runtime = session.key, session.runtime
    return (
        session.phone_id,
        key.model,
        key.variant,
        key.delegate,
        json.dumps(key.options, sort_keys=True),
        key.threads or 0,
        session.context,
        runtime.flavour,
        runtime.sha256 or "",
        held_key(session),
    )


def row_names(keys: Iterable[RowKey]) -> dict[RowKey, str]:
    """Each row's name: `r` and the first digits of its key's SHA-256.

    The same phone, model, delegate, options, threads, context and program have the same name in every run, but for the
    rare case that two rows of one run share their first digits; those have more.
    """
    digests = {key: hashlib.sha256(json.dumps(key).encode()).hexdigest() for key in keys}
    return {key: "r" + digest[: _needed(digest, digests.values())] for key, digest in digests.items()}


def _needed(digest: str, all_digests: Iterable[str]) -> int:
    alike = [d for d in all_digests if d != digest and d[:_DIGITS] == digest[:_DIGITS]]
    digits = _DIGITS
    while any(d[:digits] == digest[:digits] for d in alike):
        digits += 1
    return digits


class SessionIndex:
    """The sessions of a run by the names of their rows, in the order in which they ran."""

    def __init__(self, sessions: Iterable[SessionRecord]) -> None:
        own: dict[RowKey, list[SessionRecord]] = defaultdict(list)
        self._checks: dict[Condition, list[SessionRecord]] = defaultdict(list)
        for session in in_order(sessions):
            if session.kind == "outputs":
                self._checks[condition_of(session)].append(session)
            else:
                own[key_of_session(session)].append(session)
        names = row_names(key for key, group in own.items() if any(s.gives_latency for s in group))
        self._own = {name: own[key] for key, name in names.items()}

    def own(self, row: dict[str, Any]) -> list[SessionRecord]:
        """All of a row of the document but those that checked its outputs."""
        return self._own.get(row["row"], [])

    def checks(self, row: dict[str, Any]) -> list[SessionRecord]:
        """Those that checked its outputs; rows that differ in their threads share them."""
        return [s for c in sorted({condition_of(s) for s in self.own(row)}) for s in self._checks.get(c, [])]


def in_order(sessions: Iterable[SessionRecord]) -> Sequence[SessionRecord]:
    """Sessions as they ran: by their blocks as these came, and by their place in each."""
    known = list(sessions)
    blocks = {block: n for n, block in enumerate(dict.fromkeys(s.block_id for s in known))}
    return sorted(known, key=lambda s: (blocks[s.block_id], place(s)))


def place(session: SessionRecord) -> int:
    """Its place in the order of its block, from 0."""
    tail = session.session_id.rpartition("/")[2]
    return int(tail) if tail.isdecimal() else 0
