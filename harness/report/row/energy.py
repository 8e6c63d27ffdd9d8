"""Power and energy of a row: of its best source only, with the budget of its errors."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from harness.measure.trace import rank
from harness.records import EnergyRecord, Quantity, SessionRecord
from harness.report.row.numbers import figure, middle
from harness.stats.intervals import LEAST, median_interval

#: An interval wider than this share on either side says too little to be shown as a figure.
WIDEST = 0.15
#: Errors of a session that its other sessions share, so that their spread does not show them.
_SHARED = ("idle", "edges", "step")
_T = TypeVar("_T")


def energy_of(session: SessionRecord) -> EnergyRecord:
    """What a session's energy rests on; of sessions that kept no more than the figure or its reason, that."""
    record, figure = session.energy, session.energy_mj
    if record.source is not None or record.reason is not None:
        return record
    return EnergyRecord(source=figure.source, net_mj=figure.value, reason=figure.reason)


def power_entry(quantities: Sequence[Quantity], reason: str | None) -> dict[str, Any]:
    """The row's `power_mw`, over the sessions of the best source; reason: why it has none."""
    values = [q.value for q in _best((q, q.source) for q in quantities if q.value is not None) if q.value is not None]
    if not values:
        return _nothing(next((q.reason for q in quantities if q.reason), reason))
    return figure(values, reason)


def energy_entries(records: Sequence[EnergyRecord], reason: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The row's `energy_mj` and `energy`; reason: why it has none.

    The interval is over sessions, each limit widened by what all sessions share: √(CI² + budget²), the budget being the
    median over sessions of their errors of the idle windows, of the edges and of the source's step.

    Returns:
        The headline (`value`, `ci95`, `reason`), and what it rests on. Both lack figures where the interval is wider
        than ±15 %, or where clocks were capped: those stand under `throttled`.
    """
    figures = [r for r in records if r.net_mj is not None]
    free, capped = [r for r in figures if r.throttled is None], [r for r in figures if r.throttled is not None]
    used = _best((r, r.source) for r in free)
    why = next((r.reason for r in records if r.reason), reason)
    if not used and capped:
        why = f"{capped[0].throttled} in every session: see energy.throttled"
    headline = _headline(used) if used else _nothing(why)
    sources = sorted({r.source for r in free if r.source}, key=rank)
    entry = {
        "source": used[0].source if used else None,
        "other_sources": [s for s in sources if s != used[0].source] if used else sources,
        "sessions": len(used),
        **_parts(used),
        "absolute": used[0].absolute if used else None,
        "throttled": {**_parts(capped), "sessions": len(capped)} if capped else None,
        "reason": headline["reason"] if headline["value"] is None else None,
    }
    if headline["value"] is None:
        entry |= {"gross_mj": None, "net_mj": None}
    return headline, entry


def _best(found: Iterable[tuple[_T, str | None]]) -> list[_T]:
    """Those of the best source that gave enough for an interval, else of the best one that gave any."""
    by_source: dict[str | None, list[_T]] = defaultdict(list)
    for item, source in found:
        by_source[source].append(item)
    if not by_source:
        return []
    return by_source[min(by_source, key=lambda s: (len(by_source[s]) < LEAST, rank(s), s or ""))]


def _headline(used: Sequence[EnergyRecord]) -> dict[str, Any]:
    values = [r.net_mj for r in used if r.net_mj is not None]
    value, budget = statistics.median(values), statistics.median(_budget(r) for r in used)
    found = median_interval(values)
    limits: list[float | None] = [None, None]
    wide = (middle(r.u_mj for r in used) or 0.0) / value
    if found.lo is not None and found.hi is not None:
        low, high = math.hypot(value - found.lo, budget), math.hypot(found.hi - value, budget)
        limits, wide = [value - low, value + high], max(low, high) / value
    if wide > WIDEST:
        return _nothing(
            f"its interval is ±{100 * wide:.0f} %, wider than ±{100 * WIDEST:.0f} %: {value:.3g} mJ at best"
        )
    return {"value": value, "ci95": limits, "reason": found.reason}


def _budget(record: EnergyRecord) -> float:
    return math.hypot(*(record.errors_mj.get(name, 0.0) for name in _SHARED))


def _parts(used: Sequence[EnergyRecord]) -> dict[str, Any]:
    names = sorted({name for r in used for name in r.errors_mj})
    return {
        "gross_mj": middle(r.gross_mj for r in used),
        "net_mj": middle(r.net_mj for r in used),
        "idle_mw": middle(r.idle_mw for r in used),
        "u_mj": middle(r.u_mj for r in used),
        "errors_mj": {name: middle(r.errors_mj.get(name) for r in used) for name in names},
        "window_s": middle(r.window_s for r in used),
        "counter_ratio": middle(r.counter_ratio for r in used),
    }


def _nothing(reason: str | None) -> dict[str, Any]:
    return {"value": None, "ci95": [None, None], "reason": reason or "not measured"}
