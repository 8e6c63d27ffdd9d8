"""Whether a row's sessions agree, and what would help where they do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.records import SessionRecord
from harness.stats.intervals import Interval
from harness.stats.precision import STABLE_PCT, needed_sessions
from harness.stats.sequential import LOOKING, half_width_pct
from harness.stats.shape import LEAST_MODES, LEAST_TREND, outliers, spread_pct, trend_pct, two_speeds


def stability(sessions: Sequence[SessionRecord], interval: Interval, ended: str | None) -> dict[str, Any]:
    """The row's `latency_ms.stability`.

    Args:
        sessions: that count, each with a time.
        interval: of their median.
        ended: why sessions that went on by themselves ended; then nobody is told to run more.
    """
    ordered = sorted(sessions, key=lambda s: (s.repeat if s.repeat is not None else 0, s.session_id))
    values = [s.inference_avg_us / 1000 for s in ordered if s.inference_avg_us]
    width = half_width_pct(interval, values) if values else None
    stable = None if width is None else width <= STABLE_PCT
    # At the level of the interval that is shown: else a row would be unstable and need no more sessions.
    needs = needed_sessions(values, confidence=0.95 if ended is None else LOOKING) if values else None
    modes, trend, far = two_speeds(values), trend_pct(values), outliers(values)
    found = {
        "half_width_pct": width,
        "spread_pct": spread_pct(values),
        "stable": stable,
        "needs_sessions": needs,
        "modes": None
        if modes is None
        else {"medians_ms": list(modes.medians), "shares": list(modes.shares), "apart_pct": modes.apart_pct},
        "modes_reason": None if modes else _unseen(len(values), LEAST_MODES, "one speed"),
        "trend_pct": trend,
        "trend_pct_reason": None
        if trend is not None
        else _unseen(len(values), LEAST_TREND, "the sessions show no trend"),
        "outliers": [ordered[i].session_id for i in far],
        "reason": interval.reason,
    }
    return {**found, "words": _words(found, len(values), ended)}


def _unseen(count: int, least: int, found: str) -> str:
    return f"the sessions show {found}" if count >= least else f"fewer than {least} sessions show none"


def _words(found: dict[str, Any], count: int, ended: str | None) -> str:
    said = []
    if modes := found["modes"]:
        slower = round(modes["shares"][1] * count)
        said.append(f"two speeds: {slower} of {count} sessions are {modes['apart_pct']:.0f} % slower")
    if (trend := found["trend_pct"]) is not None:
        said.append(f"{abs(trend):.0f} % {'slower' if trend > 0 else 'faster'} from the first session to the last")
    if found["outliers"]:
        number = len(found["outliers"])
        said.append(f"{number} session{' is' if number == 1 else 's are'} far from the others, and counted")
    if found["stable"] is False and ended is None:
        needs = found["needs_sessions"]
        said.append(f"unstable: needs about {needs} more session{'' if needs == 1 else 's'} for ±{STABLE_PCT:g} %")
    return "; ".join(said)
