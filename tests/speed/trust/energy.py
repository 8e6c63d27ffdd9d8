"""How far energy figures can be trusted, over every kind of battery gauge: simulated phones against their own ledger.

On each phone two loads are measured in turn (A, B, B, A, …), through the functions that a run uses. Columns:

    figures   rows that got a figure, of all; the rest has a reason
    ratio     error of the ratio of both loads: median, and the largest
    covers    how often the ratio's own 95 % interval holds the truth
    absolute  largest error against the truth, and what of it this unit's gain explains
    wrong     figures with no flag that are further off than their interval and the unit's gain allow

Run by `python -m tests.speed.trust`; `python -m tests.speed.trust.energy [SEEDS]` prints this table alone.
"""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.measure.energy.session import SessionEnergy
from harness.report.row.energy import energy_entries
from tests.speed.trust.sampled import Load, Plan, phone_of

HEAD = ["gauge", "figures", "ratio, median", "ratio, largest", "covers", "absolute", "gain", "wrong", "else"]
SESSIONS = 5
SEEDS = 4
#: Bars: a ratio's error, and least coverage of its interval.
RATIO_BAR, COVER_BAR = 0.03, 0.93
_LOADS = (
    (Load("half the CPU", {"cpu": 0.5}, 40.0), Load("a quarter", {"cpu": 0.25}, 70.0)),
    (Load("all of the CPU", {"cpu": 1.0}, 12.0), Load("the GPU", {"gpu": 0.9}, 9.0)),
    (Load("the NPU", {"npu": 0.7}, 5.0), Load("three quarters", {"cpu": 0.75}, 30.0)),
)
_PLAIN = {"unit": "ua", "discharge_sign": -1, "refresh_s": 1.0, "lag_s": 1.5, "step": 1000, "noise": 0.01, "gain_spread": 0.03}  # fmt: skip
_USUAL = Plan()
_SLOW = Plan(load_s=900.0, idle_s=300.0)


@dataclass(frozen=True)
class GaugeKind:
    """One kind of gauge. figure: whether one must come (True), must not (False), or both are right (None).

    excused: why no phone of this kind can tell that its absolute value is wrong.
    """

    name: str
    gauge: Mapping[str, Any] = field(default_factory=dict)
    battery: Mapping[str, Any] = field(default_factory=dict)
    plan: Plan = _USUAL
    figure: bool | None = True
    hidden: frozenset[str] = frozenset()
    plugged: tuple[float, float] | None = None
    base: str = "redmi-6a"
    excused: str = ""


KINDS = (
    GaugeKind("plain, µA, -"),
    GaugeKind("lag 0.1 s, new every 0.1 s", {"refresh_s": 0.1, "lag_s": 0.1, "step": 150, "noise": 0.03}),
    GaugeKind("mA, +", {"unit": "ma", "discharge_sign": 1, "step": 1}),
    GaugeKind("mA, -, steps of 5", {"unit": "ma", "step": 5}, figure=None),
    GaugeKind("steps of 40 mA", {"step": 40_000}, figure=None),
    GaugeKind("noise 5 %", {"noise": 0.05}, plan=Plan(180, 120)),
    GaugeKind("lag 3 s", {"lag_s": 3.0}, plan=Plan(120, 60)),
    GaugeKind("lag 6 s, new every 3 s", {"lag_s": 6.0, "refresh_s": 3.0, "noise": 0.03}, plan=Plan(240, 75)),
    GaugeKind("lag 20 s, run of 75 s", {"lag_s": 20.0}, figure=False),
    GaugeKind("lag 20 s, run of 600 s", {"lag_s": 20.0}, plan=Plan(600, 120)),
    GaugeKind("new every 20 s, run of 75 s", {"refresh_s": 20.0}, figure=False),
    GaugeKind("new every 20 s, run of 900 s", {"refresh_s": 20.0}, plan=_SLOW),
    GaugeKind("mean over 40 s, run of 75 s", {"average_s": 40.0}, figure=False),
    GaugeKind("mean over 20 s, run of 600 s", {"average_s": 20.0}, plan=Plan(600, 120)),
    GaugeKind("gain off by 10 %", {"gain_spread": 0.10}),
    GaugeKind("gain off by 30 %", {"gain": 1.3, "gain_spread": 0.02}),
    GaugeKind("gain off by -30 %", {"gain": 0.7, "gain_spread": 0.02}),
    GaugeKind("all denied", {}, figure=False, hidden=frozenset({"current_now", "voltage_now", "charge_counter"})),
    GaugeKind("current denied, run of 75 s", {}, figure=False, hidden=frozenset({"current_now"})),
    GaugeKind("current denied, run of 900 s", {}, plan=_SLOW, hidden=frozenset({"current_now"})),
    GaugeKind("current and status denied, fine counter", {"counter_step_uah": 10}, hidden=frozenset({"current_now", "status"})),
    GaugeKind("counter denied", {}, hidden=frozenset({"charge_counter"})),
    GaugeKind("one of two packs", {"pack_share": 0.5}, figure=False),
    GaugeKind("one of two packs, coarse counter", {"pack_share": 0.5, "counter_step_uah": 45_000}),
    GaugeKind(
        "one of two packs, counter too", {"pack_share": 0.5, "counter_share": 0.5},
        excused="current and counter are of one pack: nothing on the phone tells",
    ),
    GaugeKind("stuck", {"stuck": [(0.0, 1e9)]}, figure=False),
    GaugeKind("stuck for 40 s, again and again", {"stuck": [(t, t + 40.0) for t in range(50, 20_000, 115)][:100]}, figure=None),
    GaugeKind("stuck for 8 s, again and again", {"stuck": [(t, t + 8.0) for t in range(50, 20_000, 53)][:100]}, figure=None),
    GaugeKind("charging over USB", {}, {"plugged": "usb"}, figure=False),
    GaugeKind("full, 0 mA", {}, {"plugged": "ac", "level": 100}, figure=False),
    GaugeKind("kept at 85 %, 0 mA", {}, {"plugged": "ac", "level": 88, "charge_limit": 85}, figure=False),
    GaugeKind("charger for 10 s", {}, figure=False, plugged=(30.0, 40.0)),
    GaugeKind("charger for 10 s, online denied", {}, figure=False, plugged=(30.0, 40.0), hidden=frozenset({"online"})),
    GaugeKind("clocks capped by heat", {}, base="galaxy-s23", plan=Plan(150, 60), figure=None),
)  # fmt: skip


@dataclass
class Tally:
    """What came of one kind of gauge."""

    rows: int = 0
    figures: int = 0
    pairs: int = 0
    covered: int = 0
    wrong: int = 0
    ratios: list[float] = field(default_factory=list)
    absolute: list[float] = field(default_factory=list)
    gains: list[float] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    reasons: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Row:
    """One condition: its figure with the half-width of its interval, and the truth."""

    value: float | None
    half: float
    true_mj: float
    flagged: bool


def simulate(kind: GaugeKind, seeds: Sequence[int]) -> Tally:
    """Measure two loads on one phone a seed; every other phone was probed before."""
    tally = Tally()
    for seed in seeds:
        phone = phone_of({**_PLAIN, **kind.gauge}, {"capacity_mah": 6000, "level": 80, **kind.battery}, seed, kind.hidden, kind.base)  # fmt: skip
        slow = kind.plan.load_s > 300
        known = phone.probed(300 if slow else 60, 300 if slow else 60) if seed % 2 else ()
        pair = _LOADS[seed % len(_LOADS)]
        found: list[list[tuple[SessionEnergy, float]]] = [[], []]
        for number in range(2 * SESSIONS):
            which = (number + number // 2) % 2
            found[which].append(phone.session(pair[which], kind.plan, known, kind.plugged))
        rows = [_row(sessions, tally) for sessions in found]
        _add(tally, rows, phone.machine.gauge.gain)
    return tally


def _row(sessions: Sequence[tuple[SessionEnergy, float]], tally: Tally) -> _Row:
    headline, entry = energy_entries([s.record for s, _ in sessions], None)
    true_mj = statistics.fmean(t for _, t in sessions)
    flags = {name for s, _ in sessions for name in ("stuck", "unchecked") if getattr(s, name)}
    tally.flags |= flags
    value = headline["value"]
    assert value is not None or headline["reason"], "nothing, and no reason"
    assert value is None or entry["absolute"] == "uncalibrated", "an absolute value without its label"
    if value is None:
        reason = headline["reason"]
        tally.reasons[reason] = tally.reasons.get(reason, 0) + 1
        return _Row(None, math.inf, true_mj, bool(flags))
    low, high = headline["ci95"]
    half = max(high - value, value - low) if low is not None else entry["u_mj"]
    return _Row(value, half, true_mj, bool(flags))


def _add(tally: Tally, rows: Sequence[_Row], gain: float) -> None:
    tally.gains.append(gain)
    for row in rows:
        tally.rows += 1
        if row.value is None:
            continue
        tally.figures += 1
        tally.absolute.append(row.value / row.true_mj - 1)
        beyond = abs(row.value / row.true_mj / gain - 1)
        tally.wrong += beyond > max(RATIO_BAR, row.half / row.value) and not row.flagged
    first, second = rows
    if first.value is None or second.value is None:
        return
    error = first.value / second.value / (first.true_mj / second.true_mj) - 1
    own = math.hypot(first.half / first.value, second.half / second.value)
    tally.pairs += 1
    tally.ratios.append(abs(error))
    tally.covered += abs(error) <= own
    tally.wrong += abs(error) > max(RATIO_BAR, own) and not (first.flagged or second.flagged)


def failures(kind: GaugeKind, tally: Tally) -> list[str]:
    """Which bars a kind of gauge misses, in words."""
    found = []
    if tally.ratios and max(tally.ratios) > RATIO_BAR:
        found.append(f"a ratio is off by {max(tally.ratios):.1%}")
    if tally.pairs and tally.covered < COVER_BAR * tally.pairs:
        found.append(f"the interval holds {tally.covered} of {tally.pairs} ratios")
    if tally.wrong and not kind.excused:
        found.append(f"{tally.wrong} wrong figures without a flag")
    if kind.figure is True and not tally.figures:
        found.append("no figure where one can be known")
    if kind.figure is False and tally.figures:
        found.append("a figure where none can be known")
    return found


def _line(kind: GaugeKind, tally: Tally) -> list[str]:
    gone = max(tally.reasons, key=lambda r: tally.reasons[r], default="")
    missed = [f"MISSED: {', '.join(failures(kind, tally))}"] if failures(kind, tally) else []
    said = [*missed, kind.excused, *sorted(tally.flags), gone]
    return [
        kind.name,
        f"{tally.figures} of {tally.rows}",
        f"{statistics.median(tally.ratios):.1%}" if tally.ratios else "–",
        f"{max(tally.ratios):.1%}" if tally.ratios else "–",
        f"{tally.covered} of {tally.pairs}" if tally.pairs else "–",
        f"{max(map(abs, tally.absolute)):.1%}" if tally.absolute else "–",
        f"{max(abs(g - 1) for g in tally.gains):.1%}" if tally.absolute else "–",
        f"({tally.wrong})" if kind.excused else str(tally.wrong),
        "; ".join(s for s in said if s),
    ]


def rows(seeds: int = SEEDS) -> list[list[str]]:
    """A line a kind of gauge; where a bar is missed its last column begins with MISSED."""
    return [_line(kind, simulate(kind, range(seeds))) for kind in KINDS]


def main() -> int:
    """Print the table; exit code 1 where a bar is missed."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    failed = False
    print(" | ".join(HEAD))
    for kind in KINDS:
        line = _line(kind, simulate(kind, range(seeds)))
        failed = failed or line[-1].startswith("MISSED")
        print(" | ".join(line), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
