"""Carries what was found on a condition's outputs to its timed sessions: the speed of a wrong result is void. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from harness.records import SessionRecord

Condition = tuple[str, ...]


def condition_of(session: SessionRecord) -> Condition:
    """What shares its outputs: the phone, the program, the model, the delegate and its options. Not the threads: they
    share out the same arithmetic."""
    key, options = session.key, json.dumps(session.key.options, sort_keys=True)
    return (session.phone_id, session.runtime.sha256 or "", key.model, key.variant, key.delegate, options)


def void_wrong(sessions: Sequence[SessionRecord]) -> tuple[SessionRecord, ...]:
    """The sessions, with the flag `wrong_output` on all timed ones of a condition whose outputs are wrong."""
    wrong: dict[Condition, str] = {}
    for s in sessions:
        if s.agreement is not None and s.agreement.verdict == "wrong":
            wrong.setdefault(condition_of(s), f"input {s.agreement.input}: {s.agreement.reason}")
    return tuple(
        _void(s, wrong[condition_of(s)]) if s.gives_latency and condition_of(s) in wrong else s for s in sessions
    )


def _void(session: SessionRecord, seen: str) -> SessionRecord:
    flags = tuple(sorted({*session.flags, "wrong_output"}))
    return replace(session, flags=flags, flag_reasons={**session.flag_reasons, "wrong_output": seen})
