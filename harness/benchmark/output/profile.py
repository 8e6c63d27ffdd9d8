"""Reads the operator profile: tables by their header, so that old and new column sets both work."""

from __future__ import annotations

import re
from typing import Any

from harness.benchmark.output.numbers import number, phase

_NODES = re.compile(r"Number of nodes executed: (\d+)")
_TIMINGS = re.compile(r"Timings \(microseconds\): (count=.*)")
#: Node types that are kept, however long a log is.
_MOST = 10_000
_ROW = re.compile(r"[\t]|\s{2,}")


class ProfileReader:
    """Fed line by line; the regular runs' section wins over the initialisation's."""

    def __init__(self) -> None:
        self._in_summary = False
        self._columns: list[str] = []
        self._regular = True
        self.run_nodes_executed: int | None = None
        self.run_timings: dict[str, Any] | None = None
        self.summary_avg_ms: dict[str, float] = {}

    def see(self, text: str) -> None:
        """Take notice of one line."""
        if "Profiling Info for Benchmark Initialization" in text:
            self._regular = False
        elif "Profiling Info for Regular" in text or ("Run Order" in text and self._regular):
            self._regular = True
        if "====" in text:
            self._in_summary = "Summary by node type" in text
            self._columns = []
            return
        if not self._regular:
            return
        if found := _NODES.search(text):
            if self.run_nodes_executed is None:
                self.run_nodes_executed = int(found[1])
        elif found := _TIMINGS.search(text):
            self._in_summary = False
            if self.run_timings is None:
                self.run_timings = phase(found[1])
        elif self._in_summary:
            self._row(text)

    def _row(self, text: str) -> None:
        cells = [c.strip() for c in _ROW.split(text.strip()) if c.strip()]
        if len(cells) == 1 and "," in text:  # CSV: names may hold commas, the last six fields never do
            parts = [p.strip() for p in text.split(",")]
            cells = [",".join(parts[:-6]), *parts[-6:]] if len(parts) > 6 else parts
        if not cells:
            return
        if not self._columns:
            self._columns = [c.strip("[]").lower().replace("_", " ") for c in cells]
            return
        try:
            place = self._columns.index("avg ms")
            name, value = cells[0], number(cells[place])
        except (ValueError, IndexError):
            return
        if value is not None and len(self.summary_avg_ms) < _MOST:
            self.summary_avg_ms.setdefault(name, value)

    def result(self) -> dict[str, Any] | None:
        """The contract's `profile` object, or None where nothing was profiled."""
        if self.run_nodes_executed is None and not self.summary_avg_ms and self.run_timings is None:
            return None
        return {
            "run_timings": self.run_timings,
            "run_nodes_executed": self.run_nodes_executed,
            "summary_avg_ms": self.summary_avg_ms,
        }
