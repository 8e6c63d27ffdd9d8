"""The operator profile as the LiteRT program prints it: calls and sums are those of all runs together. Pure.

Its `count` of the last line is the number of operators, and rows of delegates carry `Delegate/` in their type, as in
the program of that name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.virtual.bench.profile_stats import Row

_ORDER = ("[start]", "[first]", "[avg ms]", "[%]", "[cdf%]", "[mem KB]")
_KINDS = ("[count]", "[avg ms]", "[avg %]", "[cdf %]", "[mem KB]")
_ORDER_HEAD = f"{'[node type]':>60}{''.join(f' {t:>10}' for t in _ORDER)} {'[times called]':>14}   [Name]\n"
_KINDS_HEAD = f"{'[Node type]':>60}{''.join(f' {t:>10}' for t in _KINDS)} {'[times called]':>14}\n"
_TOP_WIDTH, _KINDS_WIDTH, _STATS_WIDTH = 150, 130, 135


@dataclass(frozen=True)
class _Shown:
    kind: str
    name: str
    start_ms: float
    first_ms: float
    total_us: int
    calls: int


def litert_table(rows: Sequence[Row]) -> str:
    """What `--use_profiler=true` adds to the report."""
    shown = list(_shown(rows))
    total_us = sum(r.total_us for r in shown)
    ranked = sorted(shown, key=lambda r: -r.total_us)
    return (
        f"{_banner('Run Order', _TOP_WIDTH)}{_ORDER_HEAD}{_lines(shown, total_us)}\n"
        f"{_banner('Top by Computation Time', _TOP_WIDTH)}{_ORDER_HEAD}{_lines(ranked, total_us)}\n"
        f"Number of nodes executed: {len(shown)}\n\n"
        f"{_banner('Summary by node type', _KINDS_WIDTH)}{_KINDS_HEAD}{_kinds(ranked, total_us)}\n"
        f"{_delegates(ranked)}"
        f"Timings (microseconds): count={len(shown)} curr={total_us}\n"
        f"Memory (bytes): count=0\n{len(shown)} nodes observed\n"
    )


def _banner(title: str, width: int) -> str:
    return f"{f' {title} ':=^{width}}\n"


def _shown(rows: Sequence[Row]) -> Iterable[_Shown]:
    start_us = 0.0
    for row in rows:
        inner, index = row.name.startswith("Delegate/"), row.name.rpartition(":")[2]
        kind, name = (f"Delegate/{row.kind}", f"[Delegate]:{index}") if inner else (row.kind, f"[Builtin]:{index}")
        first_us = float(row.runs[0]) / row.calls if len(row.runs) else 0.0
        yield _Shown(kind, name, start_us / 1000, first_us / 1000, int(row.runs.sum()), row.calls * len(row.runs))
        start_us += first_us * row.calls


def _lines(rows: Sequence[_Shown], total_us: int) -> str:
    text, before = "", 0
    for r in rows:
        before += r.total_us
        text += (
            f"{r.kind:>60} {r.start_ms:10.3f} {r.first_ms:10.3f} {_ms(r.total_us, r.calls):10.3f}"
            f" {_pct(r.total_us, total_us):9.3f}% {_pct(before, total_us):9.3f}% {0:10.3f} {r.calls:14d}   {r.name}\n"
        )
    return text


def _kinds(rows: Sequence[_Shown], total_us: int) -> str:
    text, before = "", 0
    for kind in dict.fromkeys(r.kind for r in rows):
        group = [r for r in rows if r.kind == kind]
        spent, calls = sum(r.total_us for r in group), sum(r.calls for r in group)
        before += spent
        text += (
            f"{kind:>60} {len(group):10d} {_ms(spent, calls):10.3f} {_pct(spent, total_us):9.3f}%"
            f" {_pct(before, total_us):9.3f}% {0:10.3f} {calls:14d}\n"
        )
    return text


def _delegates(rows: Sequence[_Shown]) -> str:
    inner = sorted({r.kind for r in rows if r.kind.startswith("Delegate/")})
    if not inner:
        return ""
    text = f"{_banner('Delegate Statistics', _STATS_WIDTH)}{'Op Name':<80}"
    text += "".join(f" {t:>10}" for t in ("Count", "Avg(us)", "Min(us)", "Max(us)", "Total(us)")) + "\n"
    for kind in inner:
        group = [r for r in rows if r.kind == kind]
        spent, calls = sum(r.total_us for r in group), sum(r.calls for r in group)
        each = spent // max(calls, 1)
        text += f"{kind:<80} {calls:10d} {spent / max(calls, 1):10.2f} {each:10d} {each:10d} {spent:10d}\n"
    return text + "\n"


def _ms(microseconds: int, calls: int) -> float:
    return microseconds / max(calls, 1) / 1000


def _pct(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0
