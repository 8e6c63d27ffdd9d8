"""Reads every operator of a profile: tables as printed, tables with commas, and the message. Pure.

All times become those of one run. The TensorFlow Lite program gives the mean of a call and the calls of a run. The
LiteRT program gives the calls of all runs and not their number (`count` of its last line is that of the operators);
that is taken to be the fewest calls of any operator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from harness.benchmark.output.lines import read_lines
from harness.benchmark.output.numbers import number
from harness.benchmark.output.protos import ResultFileError, plan_delegates
from harness.benchmark.output.stream import cut_lines
from harness.benchmark.output.units import operator_unit
from harness.records import OperatorProfile, OperatorTime

_TITLES = re.compile(r"\[([^\]]*)\]")
_GAP = re.compile(r"\s{2,}")
_NODE = re.compile(r"\[.*\]:(\d+)$", re.DOTALL)
#: Operators of the initialisation, for excerpts that lack its heading.
_INITIAL = frozenset({"ModifyGraphWithDelegate", "AllocateTensors"})
#: How the LiteRT program names operators in its tables.
_OF_ALL_RUNS = ("[Builtin]:", "[Delegate]:")
_MOST, _LONGEST = 20_000, 200

Read = Callable[[str], bytes | None]


def read_operators(read: Read) -> OperatorProfile | None:
    """The profile that a session left, in the best form that it left it in; None where it left none.

    Args:
        read: gives the content of `profile.pb`, `profile.csv`, `out`, `err` and `runtime.pb`, None where it is missing.
    """
    data, runtime = read("profile.pb"), read("runtime.pb")
    found = operators_of_message(data) if data else ()
    source = "proto"
    if not found and (data := read("profile.csv")):
        found, source = operators_of_text(data.decode("utf-8", "replace")), "csv"
    if not found:
        printed = b"\n".join(part for name in ("out", "err") if (part := read(name)))
        if b"avg ms" in printed or b"avg_ms" in printed:
            found, source = operators_of_text(printed.decode("utf-8", "replace")), "table"
    if not found:
        return None
    delegates = None
    if runtime:
        try:
            delegates = plan_delegates(runtime)
        except ResultFileError:
            delegates = None  # the names alone then tell what they can
    return OperatorProfile(
        source, tuple(replace(op, unit=operator_unit(op.node_type, op.name, delegates)) for op in found)
    )


def operators_of_message(data: bytes) -> tuple[OperatorTime, ...]:
    """Operators of a BenchmarkProfilingData message; empty where it is damaged or holds none."""
    from google.protobuf.message import DecodeError

    from harness.protos.profiling_info_pb2 import BenchmarkProfilingData

    try:
        profile = BenchmarkProfilingData.FromString(data).runtime_profile
    except DecodeError:
        return ()
    graphs = sorted(profile.subgraph_profiles, key=lambda g: g.subgraph_index)
    parts = [("model" if n == 0 else "inside", graph.per_op_profiles) for n, graph in enumerate(graphs)]
    parts += [("inside", delegate.per_op_profiles) for delegate in profile.delegate_profiles]
    return tuple(
        _of_message(op, part) for part, ops in parts for op in sorted(ops, key=lambda o: o.run_order) if op.node_type
    )[:_MOST]


def _of_message(op: Any, part: str) -> OperatorTime:
    stat, calls = op.inference_microseconds, max(op.times_called, 1)
    # The mean is cut to whole microseconds; the sum is not.
    call_us = stat.sum / stat.count if stat.count else stat.avg
    memory_kb = float(op.mem_kb.avg) or None
    return OperatorTime(
        op.node_type[:_LONGEST], op.name[:_LONGEST], call_us * calls / 1000, calls, _node(op.name), memory_kb, part=part
    )


def operators_of_text(text: str | Iterable[str]) -> tuple[OperatorTime, ...]:
    """Operators of printed tables, with tabs, blanks or commas between their fields; damaged rows are passed over."""
    tables = _Tables()
    for line in read_lines(cut_lines([text]) if isinstance(text, str) else text):
        if not line.origin:
            tables.see(line.text)
    return tables.result()


class _Tables:
    def __init__(self) -> None:
        self._rows: list[OperatorTime] = []
        self._kinds: list[OperatorTime] = []
        self._of_all_runs = False
        self._part = "model"
        self._wanted = True
        self._end()

    def _end(self) -> None:
        self._target: list[OperatorTime] | None = None
        self._columns: list[str] = []
        self._commas = False

    def see(self, text: str) -> None:
        if "====" in text:
            self._end()
            if self._wanted and "Run Order" in text:
                self._target = self._rows
            elif self._wanted and "ummary by node type" in text and self._part == "model":
                self._target = self._kinds
        elif "Profiling Info for Benchmark Initialization" in text:
            self._wanted = False
        elif "Profiling Info for Regular" in text:
            self.__init__()  # type: ignore[misc]
        elif text.startswith("Delegate internal") or (text.startswith("Subgraph (index:") and "profile" in text):
            self._part = "inside"
        elif text.startswith("Primary graph"):
            self._part = "model"
        elif "Timings (micro" in text:
            self._end()
        elif not text or text.startswith("Number of nodes"):
            self._target = None
        elif self._target is not None and len(self._target) < _MOST:
            self._row(text)

    def _row(self, text: str) -> None:
        assert self._target is not None
        if not self._columns:
            titles = _TITLES.findall(text)
            self._commas = not titles
            titles = titles or text.split(",")
            self._columns = [" ".join(t.replace("_", " ").split()).lower() for t in titles]
            return
        cells = self._cells(text)
        by_name = dict(zip(self._columns, cells, strict=True)) if len(cells) == len(self._columns) else {}
        try:
            call_ms, calls = (number(by_name[k].rstrip("%")) for k in ("avg ms", "times called"))
            memory_kb = number(by_name["mem kb"])
        except (KeyError, ValueError):
            return
        if call_ms is None:
            return
        name = by_name.get("name")
        if name is None:  # the summary gives all calls of a run together
            made = OperatorTime(by_name["node type"][:_LONGEST], None, call_ms, calls or 1.0)
        else:
            name = name.replace("\t", ",") if self._commas else name
            node_type = by_name["node type"]
            if name.startswith(_OF_ALL_RUNS):
                node_type = node_type.removeprefix("Delegate/")
                name = name.replace("[Delegate]", f"Delegate/{node_type}")
                self._of_all_runs = True
            made = OperatorTime(node_type[:_LONGEST], name[:_LONGEST], call_ms, calls or 1.0, _node(name))
        self._target.append(replace(made, memory_kb=memory_kb or None, part=self._part))

    def _cells(self, text: str) -> list[str]:
        count = len(self._columns)
        if self._commas:
            # The type may hold commas; the name has tabs in place of its own.
            return [c.strip() for c in text.rsplit(",", count - 1)]
        cells = [c.strip() for c in (text.strip("\t").split("\t") if "\t" in text else _GAP.split(text.strip()))]
        return cells if len(cells) <= count else [*cells[: count - 1], " ".join(cells[count - 1 :])]

    def result(self) -> tuple[OperatorTime, ...]:
        rows = [op for op in self._rows if op.node_type not in _INITIAL]
        if not rows:
            return tuple(op for op in self._kinds if op.node_type not in _INITIAL)
        runs = min(op.calls for op in rows) if self._of_all_runs else 1.0
        return tuple(replace(op, ms=op.ms * op.calls / runs, calls=op.calls / runs) for op in rows)


def _node(name: str) -> int | None:
    found = _NODE.search(name)
    return int(found[1]) if found else None
