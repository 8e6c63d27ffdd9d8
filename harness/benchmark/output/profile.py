"""Reads the operator profile: tables by their header, so that old and new column sets both work."""

from __future__ import annotations

import re
from typing import Any

from harness.benchmark.output.numbers import number, phase

_NODES = re.compile(r"Number of nodes executed: (\d{1,9})")
_TIMINGS = re.compile(r"Timings \(microseconds\): (count=.*)")
_BLANKS = re.compile(r"\t|\s{2,}")
_TITLES = re.compile(r"\[([^\]]*)\]")
#: Operators of the initialisation's tables, for excerpts that lack its heading; no run consists of them alone.
_INITIAL = frozenset({"ModifyGraphWithDelegate", "AllocateTensors"})
_MOST_TYPES = 1000
_LONGEST_NAME = 300


class ProfileReader:
    """Fed line by line; keeps the model's own tables of the regular runs.

    Those of the initialisation, of further subgraphs and of a delegate's inside are passed over.
    """

    def __init__(self) -> None:
        self._in_summary = False
        self._columns: list[str] = []
        self._wanted = True
        self._forget()

    def _forget(self) -> None:
        self.run_nodes_executed: int | None = None
        self.run_timings: dict[str, Any] | None = None
        self.summary_avg_ms: dict[str, float] = {}

    def see(self, text: str) -> None:
        """Take notice of one line."""
        if text.startswith("====") or "=====" in text:
            self._in_summary = "ummary by node type" in text
            self._columns = []
        elif "rofil" in text and self._heading(text):
            self._in_summary = False
        elif text.startswith("Delegate internal"):
            self._wanted = self._in_summary = False
        elif not self._wanted:
            return
        elif "Number of nodes" in text and (found := _NODES.search(text)):
            if self.run_nodes_executed is None:
                self.run_nodes_executed = int(found[1])
        elif "Timings (micro" in text and (found := _TIMINGS.search(text)):
            self._in_summary = False
            if self.run_timings is None and not text.startswith("Subgraph"):
                self.run_timings = phase(found[1])
        elif self._in_summary and text:
            self._row(text)

    def _heading(self, text: str) -> bool:
        if "Profiling Info for Benchmark Initialization" in text:
            self._wanted = False
        elif "Profiling Info for Regular" in text:
            self._wanted = True
            self._forget()
        elif text.startswith("Subgraph (index:") and "profile" in text:
            self._wanted = False
        else:
            return text.startswith("Primary graph")
        return True

    def _row(self, text: str) -> None:
        if not self._columns:
            titles = _TITLES.findall(text) or [c for c in text.split(",") if c.strip()]
            self._columns = [" ".join(t.replace("_", " ").split()).lower() for t in titles]
            return
        cells = _cells(text, len(self._columns))
        try:
            name, value = cells[0], number(cells[self._columns.index("avg ms")].rstrip("%"))
        except (ValueError, IndexError):
            return
        if value is not None and len(self.summary_avg_ms) < _MOST_TYPES:
            self.summary_avg_ms.setdefault(name[:_LONGEST_NAME], value)

    def result(self) -> dict[str, Any] | None:
        """The contract's `profile` object, or None where nothing was profiled."""
        if self.summary_avg_ms and self.summary_avg_ms.keys() <= _INITIAL:
            return None
        if self.run_nodes_executed is None and not self.summary_avg_ms and self.run_timings is None:
            return None
        return {
            "run_timings": self.run_timings,
            "run_nodes_executed": self.run_nodes_executed,
            "summary_avg_ms": self.summary_avg_ms,
        }


def _cells(text: str, count: int) -> list[str]:
    """The fields of a row; the first, an operator's name, may hold blanks and commas, the others never do."""
    cells = [c.strip() for c in _BLANKS.split(text) if c.strip()]
    if len(cells) != count:
        if "," in text and "\t" not in text:
            cells = [c.strip() for c in text.rsplit(",", count - 1)]
        if len(cells) != count:
            cells = text.rsplit(None, count - 1)
    return [] if len(cells) != count else cells
