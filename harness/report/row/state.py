"""The state that a row's phone was held at. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from harness.records import SessionRecord

_NOT_ASKED = "the run did not ask for any"
_REFUSED = "the phone refused all that was asked for"


def held_key(session: SessionRecord) -> str:
    """What its phone was held at, as text to group by: sessions under different state are different measurements."""
    return json.dumps(session.state.held, sort_keys=True)


def state_part(sessions: Sequence[SessionRecord]) -> dict[str, Any]:
    """The row's `state`: `held` is the same for all of its sessions; `lost` counts those where it did not stay."""
    refused: dict[str, str] = {}
    for session in sessions:
        refused |= session.state.refused
    held = dict(sorted(sessions[0].state.held.items()))
    return {
        "held": held,
        "refused": dict(sorted(refused.items())),
        "lost": sum(bool(s.state.lost) for s in sessions),
        "reason": None if held else _REFUSED if set(refused) - {"awake"} else _NOT_ASKED,
    }
