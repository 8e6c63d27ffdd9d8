"""What minutes of work without a rest leave of a row's speed."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from harness.measure.rules import counts
from harness.records import SessionRecord
from harness.report.row.numbers import figure

#: So much slower than the cool phone is throttled.
_SLOWER = 1.05


def sustained_part(sessions: Sequence[SessionRecord]) -> dict[str, Any] | None:
    """The row's `sustained`, over its whole chains; None where the protocol has no chains.

    `start_ms` is the first step of a chain, on the cool phone, `steady_ms` the median of its last third, `loss_pct`
    what is lost between the two; figures are medians over chains. `throttled_after_s` is from when
    on it is 5 % slower than at the start. `curve` has the median over chains of each step: [seconds, ms].
    """
    steps = [s for s in sessions if s.kind == "sustained"]
    if not steps:
        return None
    groups: dict[tuple[str, int | None], list[SessionRecord]] = defaultdict(list)
    for session in steps:
        groups[session.block_id, session.repeat].append(session)
    length = max((s.step or 0) for s in steps) + 1
    chains = [c for group in groups.values() if (c := _chain(group, length)) is not None]
    broken = len(groups) - len(chains)
    reason = None if chains else "no chain is whole: a step failed, is void, or the phone rested in between"
    curve = [
        (round(statistics.median(c[i][0] for c in chains), 1), statistics.median(c[i][1] for c in chains))
        for i in range(length if chains else 0)
    ]
    starts = [c[0][1] for c in chains]
    steadies = [statistics.median(ms for _, ms in c[-max(1, len(c) // 3) :]) for c in chains]
    return {
        "chains": len(chains),
        "broken": broken,
        "start_ms": figure(starts, reason),
        "steady_ms": figure(steadies, reason),
        "loss_pct": figure([100 * (b / a - 1) for a, b in zip(starts, steadies, strict=True)], reason),
        **_throttled(curve, reason),
        "curve": [list(point) for point in curve],
        "reason": reason,
    }


def _chain(group: Sequence[SessionRecord], length: int) -> list[tuple[float, float]] | None:
    """(seconds since the chain began, ms) a step; None where it is not whole."""
    ordered = sorted(group, key=lambda s: s.step or 0)
    if [s.step for s in ordered] != list(range(length)) or len({s.boot_id for s in ordered}) != 1:
        return None
    begin, found, last = ordered[0].start_uptime_s, [], None
    for session in ordered:
        start, end, average = session.start_uptime_s, session.end_uptime_s, session.inference_avg_us
        if not counts(session) or not average:
            return None
        if begin is None or start is None or end is None:
            return None
        # Between two steps of one chain lie the dumps; a minute is a rest, as after a crash of the host.
        if last is not None and start - last > max(10.0, end - start):
            return None
        last = end
        found.append((end - begin, average / 1000))
    return found


def _throttled(curve: Sequence[tuple[float, float]], reason: str | None) -> dict[str, Any]:
    """When it became slower for good: single steps differ by chance, so three neighbours must agree."""
    if not curve:
        return {"throttled_after_s": None, "throttled_after_s_reason": reason}
    calm = [statistics.median(ms for _, ms in curve[max(0, i - 1) : i + 2]) for i in range(len(curve))]
    slow = [ms > _SLOWER * curve[0][1] for ms in calm]
    first = next((i for i in range(len(slow)) if all(slow[i:])), len(slow))
    if len(slow) - first < max(2, len(slow) // 3):
        why = "it did not become 5 % slower for good"
        return {"throttled_after_s": None, "throttled_after_s_reason": why}
    return {"throttled_after_s": curve[first][0], "throttled_after_s_reason": None}
