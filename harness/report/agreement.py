"""What a row says of its outputs: the checks of its condition on all inputs together. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from harness.records import Agreement, SessionRecord

NOT_ASKED = "outputs were not part of this run"


def agreement_entry(sessions: Sequence[SessionRecord]) -> dict[str, Any]:
    """The object `agreement` of a row.

    Keys: `verdict` (`agrees`, `wrong`; None where no input was checked), `inputs` (checked ones), `inputs_wrong`,
    `source`, and over the checked inputs `max_abs_error`, `error_pct`, `error_steps` (largest), `mean_abs_error`,
    `cosine_min`, `top1_agreement` (share, 0 to 1), `signs`, `tolerance`; `reason` says why it is wrong, or why an input
    was not checked.

    Args:
        sessions: of kind `outputs` and one condition.
    """
    found = [s.agreement for s in sorted(sessions, key=lambda s: s.session_id) if s.agreement is not None]
    checked = [a for a in found if a.verdict is not None]
    wrong = [a for a in checked if a.verdict == "wrong"]
    same = [a.top1 for a in checked if a.top1 is not None]
    return {
        "verdict": "wrong" if wrong else "agrees" if checked else None,
        "inputs": len(checked),
        "inputs_wrong": len(wrong),
        "source": found[0].source if found else None,
        "max_abs_error": _most(a.max_abs_error for a in checked),
        "mean_abs_error": _mean(a.mean_abs_error for a in checked),
        "error_pct": _most(a.error_pct for a in checked),
        "error_steps": _most(a.error_steps for a in checked),
        "cosine_min": min((a.cosine for a in checked if a.cosine is not None), default=None),
        "top1_agreement": sum(same) / len(same) if same else None,
        "signs": sorted({sign for a in checked for sign in a.signs}),
        "tolerance": next((a.tolerance for a in checked if a.tolerance), None),
        "reason": _reason(found, checked, wrong),
    }


def _reason(found: Sequence[Agreement], checked: Sequence[Agreement], wrong: Sequence[Agreement]) -> str | None:
    if wrong:
        more = f" ({len(wrong)} of {len(checked)} inputs are wrong)" if len(checked) > 1 else ""
        return f"input {wrong[0].input}: {wrong[0].reason}{more}"
    if len(checked) == len(found):
        return None if found else NOT_ASKED
    first = next(a for a in found if a.verdict is None)
    before = f"{len(found) - len(checked)} of {len(found)} inputs were not checked: " if checked else ""
    return f"{before}{first.reason}"


def _most(values: Iterable[float | None]) -> float | None:
    return max((v for v in values if v is not None), default=None)


def _mean(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return statistics.fmean(known) if known else None
