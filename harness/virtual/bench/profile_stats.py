"""Statistics of an operator profile, as three forms: tables, tables with commas, and a proto. Pure.

The layout (titles, widths, empty lines) is that of the official program; see facts about it in the tests.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.virtual.bench.kernels import Kernel
from harness.virtual.bench.stats import Runs, Summary, stat_line, summary

if TYPE_CHECKING:
    from harness.protos.profiling_info_pb2 import ModelProfilingData

_TOP = 10
_INIT_TITLE = "Profiling Info for Benchmark Initialization:\n"
_RUNS_TITLE = "Operator-wise Profiling Info for Regular Benchmark Runs:\n"


@dataclass(frozen=True)
class Row:
    """One operator: microseconds of all its calls in each run, calls a run, and memory in kB."""

    kind: str
    name: str
    runs: Runs
    calls: int = 1
    memory_kb: float = 0.0


@dataclass(frozen=True)
class OpProfile:
    """Initialisation and timed runs, in running order."""

    init: Sequence[Row]
    timed: Sequence[Row]


def timed_rows(parts: Sequence[Kernel], timed: Runs, rng: random.Random) -> list[Row]:
    """Share out each run among its kernels, with a little noise and whole microseconds."""
    whole, noise = sum(part.ms for part in parts) or 1.0, np.random.default_rng(rng.getrandbits(64))
    rows = []
    for part in parts:
        lengths = timed * (part.ms / whole) * np.exp(noise.standard_normal(len(timed)) * 0.02)
        shown = np.floor(lengths + noise.random(len(timed))).astype(np.int64)
        rows.append(Row(part.kind, part.name, shown, part.calls))
    return rows


def tables(profile: OpProfile, *, commas: bool) -> tuple[str, str]:
    """Two messages: initialisation and runs."""
    return _INIT_TITLE + _section(profile.init, commas=commas), _RUNS_TITLE + _section(profile.timed, commas=commas)


def _section(rows: Sequence[Row], *, commas: bool) -> str:
    total = sum(_sum(r) for r in rows)
    top = sorted(rows, key=_sum, reverse=True)[:_TOP]
    whole = summary(np.sum([r.runs for r in rows], axis=0)) if rows else summary(np.zeros(0, np.int64))
    return (
        f"{_banner('Run Order')}{_operators(rows, total, commas=commas)}\n"
        f"{_banner('Top by Computation Time')}{_operators(top, total, commas=commas)}\n"
        f"Number of nodes executed: {len(rows)}\n"
        f"{_banner('Summary by node type')}{_kinds(rows, commas=commas)}\n"
        f"Timings (microseconds): {stat_line(whole, percentiles=False)}\n"
        f"Memory (bytes): count=0\n{len(rows)} nodes observed\n\n\n"
    )


def _banner(title: str) -> str:
    return f"{'=' * 30} {title} {'=' * 30}\n"


def _sum(row: Row) -> int:
    return int(row.runs.sum())


def _operators(rows: Sequence[Row], total: int, *, commas: bool) -> str:
    text = (
        "node type, first, avg_ms, %, cdf%, mem KB, times called, name\n"
        if commas
        else f"\t{'[node type]':>40}\t  [first]\t [avg ms]\t     [%]\t  [cdf%]\t  [mem KB]\t[times called]\t[Name]\n"
    )
    before = 0
    for row in rows:
        before += _sum(row)
        first = row.runs[0] / row.calls / 1000
        average = _sum(row) / (len(row.runs) * row.calls) / 1000
        share, cdf = (100 * part / total if total else 0.0 for part in (_sum(row), before))
        if commas:
            name = row.name.replace(",", "\t")
            text += (
                f"{row.kind}, {first:g}, {average:g}, {share:g}%, {cdf:g}%, {row.memory_kb:g}, {row.calls}, {name}\n"
            )
        else:
            text += (
                f"\t{row.kind:>40}\t{first:9.3f}\t{average:9.3f}\t{share:7.3f}%\t{cdf:7.3f}%\t{row.memory_kb:10.3f}"
                f"\t{row.calls:9d}\t{row.name}\n"
            )
    return text


def _kinds(rows: Sequence[Row], *, commas: bool) -> str:
    text = (
        "node type, count, avg_ms, avg %, cdf %, mem KB, times called\n"
        if commas
        else f"\t{'[Node type]':>40}\t  [count]\t  [avg ms]\t    [avg %]\t    [cdf %]\t  [mem KB]\t[times called]\n"
    )
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.kind, []).append(row)
    # Whole microseconds a run, cut, are what the program adds up here.
    times = {kind: sum(_sum(r) for r in group) // len(group[0].runs) for kind, group in groups.items()}
    total, before = sum(times.values()), 0
    for kind in sorted(groups, key=times.__getitem__, reverse=True):
        group, average = groups[kind], times[kind] / 1000
        before += times[kind]
        share, cdf = (100 * part / total if total else 0.0 for part in (times[kind], before))
        memory, calls = sum(r.memory_kb for r in group), sum(r.calls for r in group)
        if commas:
            text += f"{kind}, {len(group)}, {average:g}, {share:g}%, {cdf:g}%, {memory:g}, {calls}\n"
        else:
            text += (
                f"\t{kind:>40}\t{len(group):9d}\t{average:10.3f}\t{share:10.3f}%\t{cdf:10.3f}%\t{memory:10.3f}"
                f"\t{calls:9d}\n"
            )
    return text


def proto(profile: OpProfile) -> bytes:
    """The BenchmarkProfilingData message."""
    from harness.protos.profiling_info_pb2 import BenchmarkProfilingData

    message = BenchmarkProfilingData()
    for target, rows in ((message.init_profile, profile.init), (message.runtime_profile, profile.timed)):
        _fill(target, rows)
    return message.SerializeToString()


def _fill(target: ModelProfilingData, rows: Sequence[Row]) -> None:
    graph = target.subgraph_profiles.add(subgraph_name="main", subgraph_index=0)
    for order, row in enumerate(rows):
        made = graph.per_op_profiles.add(node_type=row.kind, times_called=row.calls, name=row.name, run_order=order)
        memory = np.full(len(row.runs), round(row.memory_kb), np.int64)
        for stat, values in ((made.inference_microseconds, row.runs), (made.mem_kb, memory)):
            found: Summary = summary(values)
            stat.first, stat.last, stat.avg = found.first, found.last, int(found.average)
            stat.stddev, stat.variance = found.std, int(float(values.var()))
            stat.min, stat.max, stat.sum, stat.count = found.least, found.most, int(values.sum()), found.count
