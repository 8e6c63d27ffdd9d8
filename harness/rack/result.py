"""What came of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.records import SessionRecord


@dataclass
class RunResult:
    """What came of a run. `failures` maps a phone_id, or a job's name where it had none, to why it did not finish."""

    folder: Path
    sessions: list[SessionRecord] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    bytes_pushed: int = 0
    wall_s: float = 0.0
    ideal_s: float = 0.0
    interrupted: bool = False


def ideal_seconds(sessions: Sequence[SessionRecord]) -> float:
    """What the phones had to spend, seconds of their clock: the longest sum of session times over the phones."""
    spent: dict[str, float] = {}
    for session in sessions:
        spent[session.phone_id] = spent.get(session.phone_id, 0.0) + (session.wall_s or 0.0)
    return max(spent.values(), default=0.0)
