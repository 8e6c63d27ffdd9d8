"""How the app compares with the shell: the same condition on the same phone, in rounds that hold both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.records import SessionRecord
from harness.report.row.outcome import settle
from harness.stats.ratio import compare

#: Differences up to this count as the same: below it, no choice between two delegates should hang on it.
MARGIN_PCT = 5.0


def app_ratio_part(sessions: Sequence[SessionRecord], shell: Sequence[SessionRecord]) -> dict[str, Any]:
    """The row's `app_ratio`: the app's time over the shell's, above 1 where the app is slower.

    Unpaired: sessions of one round lie minutes apart, and with three rounds a paired interval costs more than what they
    share gives back.

    Args:
        sessions: of the row, timed.
        shell: of its twin from the shell; empty where it has none.
    """
    if sessions[0].context != "app":
        return _none("a row of the shell; the ratio stands in that of the app")
    if not shell:
        return _none("the same condition was not run from the shell")
    if sessions[0].runtime.flavour != shell[0].runtime.flavour:
        what = f"{shell[0].runtime.flavour} program from the shell, {sessions[0].runtime.flavour} in the app"
        return _none(f"the two are different programs: {what}")
    (outcome, new), (twin, base) = settle(sessions), settle(shell)
    for name, ended in (("the app", outcome), ("the shell", twin)):
        if ended != "ok":
            return _none(f"there is no figure from {name}: {ended}")
    if other := _other_nodes(new, base):
        return _none(other)
    found = compare(_times(base), _times(new), paired=False, margin_pct=MARGIN_PCT)
    return {"value": found.ratio, "ci95": [found.lo, found.hi], "verdict": found.verdict, "reason": found.reason}


def _times(sessions: Sequence[SessionRecord]) -> list[float]:
    return [s.inference_avg_us for s in sessions if s.inference_avg_us]


def _other_nodes(app: Sequence[SessionRecord], shell: Sequence[SessionRecord]) -> str | None:
    if app[0].key.delegate == "cpu":
        return None
    counts = [{s.delegation.nodes_delegated for s in group} - {None} for group in (app, shell)]
    if all(counts) and counts[0] != counts[1]:
        told = [" or ".join(str(n) for n in sorted(c, key=str)) for c in counts]
        return f"the delegate took {told[0]} nodes in the app and {told[1]} from the shell"
    return None


def _none(reason: str) -> dict[str, Any]:
    return {"value": None, "ci95": [None, None], "verdict": None, "reason": reason}
