"""Where to look when a run failed."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.records import SessionRecord
    from harness.results.folder import Run

_MOST = 5


def evidence_lines(run: Run) -> list[str]:
    """A line a failed job, with the folder that holds what the program printed; a delegate's refusal is no failure.

    Of the inputs for which a condition's outputs are wrong, the first stands for all.
    """
    from harness.records import RESULT_OUTCOMES
    from harness.results.verdicts import condition_of

    failed: dict[object, SessionRecord] = {}
    for session in (s for s in run.sessions if s.outcome not in RESULT_OUTCOMES):
        shared = session.kind == "outputs" and session.outcome == "wrong_output"
        failed.setdefault(condition_of(session) if shared else session.session_id, session)
    lines = [_line(run, session) for session in list(failed.values())[:_MOST]]
    if len(failed) > _MOST:
        lines.append(f"{len(failed) - _MOST} more failed; all raw files lie in {run.path / 'raw'}")
    return lines


def _line(run: Run, session: SessionRecord) -> str:
    from harness.report.words import OUTCOMES

    key = session.key
    name = f"{key.model} {key.variant}".strip()
    what = OUTCOMES.get(session.outcome, session.outcome)
    why = f" ({session.outcome_line})" if session.outcome_line else ""
    text = f"{session.serial}: {name} on {key.delegate.upper()}: {what}{why}"
    files = sorted(PurePosixPath(p) for p in session.evidence.values())
    return f"{text}; see {run.path / files[0].parent}" if files else text
