"""The holds of one phone as a file keeps them, and what has become of them by now. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from harness.rack.holds import HOLD_STATES, Hold
from harness.rack.status import RackState

#: A clock that is corrected by so little was not set back.
_CLOCK_S = 2.0


@dataclass(frozen=True)
class _File:
    phone_id: str
    holds: tuple[Hold, ...] = ()
    schema: int = 1


_FILE = TypeAdapter(_File)


class Settled(NamedTuple):
    """Holds that count now, and what became of the others: (kind of event, sentence about the phone)."""

    holds: tuple[Hold, ...]
    told: tuple[tuple[str, str], ...] = ()


def write_holds(phone_id: str, holds: Iterable[Hold]) -> str:
    """The content of the file."""
    return _FILE.dump_json(_File(phone_id, tuple(holds)), indent=2).decode() + "\n"


def read_holds(data: bytes) -> tuple[Hold, ...] | None:
    """The holds in a file; None where it is damaged."""
    try:
        holds = _FILE.validate_json(data).holds
    except ValidationError:
        return None
    sound = all(
        h.state in HOLD_STATES and math.isfinite(h.since_epoch_s) and (h.for_s is None or math.isfinite(h.for_s))
        for h in holds
    )
    return holds if sound else None


def settle(holds: Iterable[Hold], now_epoch_s: float) -> Settled:
    """Leave out what has expired; what began in the future (the clock was set back) counts from now."""
    kept, told = [], []
    for hold in holds:
        until = hold.until_epoch_s
        if hold.since_epoch_s > now_epoch_s + _CLOCK_S:
            text = f"this machine's clock was set back since it was {hold.state}, which now counts from now"
            told.append(("clock_set_back", text))
            kept.append(replace(hold, since_epoch_s=now_epoch_s))
        elif until is not None and until <= now_epoch_s:
            told.append(("hold_expired", f"it is no longer {hold.state}: {hold.reason}"))
        else:
            kept.append(hold)
    return Settled(tuple(kept), tuple(told))


def unreadable(file: str, now_epoch_s: float) -> Hold:
    """The hold of a phone whose own could not be read."""
    return Hold(
        RackState.NEEDS_PERSON,
        f"its hold could not be read; {file}",
        "see to what it was held for, then run harness rack release",
        "harness",
        now_epoch_s,
    )
