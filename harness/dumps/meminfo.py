"""`dumpsys meminfo PID` or NAME, Android 4 to 17: memory of processes, kB.

Keys: `pid`, `package`, `total_pss_kb`, `total_rss_kb` (Android 11 on), `total_private_dirty_kb`,
`total_private_clean_kb`, `total_swap_pss_kb` (Android 8 on), `native_heap_pss_kb`, `dalvik_heap_pss_kb`, `graphics_kb`,
`summary_java_heap_kb`, `summary_native_heap_kb`, `summary_code_kb`, … (App Summary, Android 6 on). Of several
processes those of the first, and all of them under `processes`. No process: all null, and `reason`. Columns differ
between versions (5 to 10 of them), so they go by the two lines of their heading.
"""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines_of

_START = re.compile(r"\*\* MEMINFO in pid ([0-9]{1,10})(?: \[(.*?)\])?")
_HEADING = re.compile(r"^[A-Za-z]+(?:\s+[A-Za-z]+)+$")
_ROW = re.compile(r"^\s*([.A-Za-z][\w .()/-]*?)((?:\s+[0-9]{1,15})+)\s*$")
_TOTALS = re.compile(r"TOTAL(?: (PSS|RSS|SWAP PSS|SWAP))?(?: ?\(KB\))?:\s+([0-9]{1,15})")
_SUMMARY = re.compile(r"^\s*(Java Heap|Native Heap|Code|Stack|Graphics|Private Other|System|Unknown):\s+([0-9]{1,15})")
_NONE = re.compile(r"No process found for:?.*")
_VALUES = (
    "total_pss_kb",
    "total_rss_kb",
    "total_private_dirty_kb",
    "total_private_clean_kb",
    "total_swap_pss_kb",
    "native_heap_pss_kb",
    "dalvik_heap_pss_kb",
    "graphics_kb",
    "summary_java_heap_kb",
    "summary_native_heap_kb",
)
#: Column of the TOTAL row by its heading, read downwards.
_TOTAL_COLUMNS = {
    "pss total": "total_pss_kb",
    "pss": "total_pss_kb",
    "rss total": "total_rss_kb",
    "private dirty": "total_private_dirty_kb",
    "private clean": "total_private_clean_kb",
    "swappss dirty": "total_swap_pss_kb",
    "swapped dirty": "total_swap_kb",
    "swap dirty": "total_swap_kb",
}
#: Android 4 calls the heaps "Native" and "Dalvik".
_HEAPS = {
    "native heap": "native_heap_pss_kb",
    "native": "native_heap_pss_kb",
    "dalvik heap": "dalvik_heap_pss_kb",
    "dalvik": "dalvik_heap_pss_kb",
}
_SUMMARY_TOTALS = {"": "total_pss_kb", "PSS": "total_pss_kb", "RSS": "total_rss_kb", "SWAP PSS": "total_swap_pss_kb"}


def meminfo(text: str) -> dict[str, Any]:
    """Read `dumpsys meminfo` of one process or several."""
    blocks: list[tuple[re.Match[str] | None, list[str]]] = [(None, [])]
    for line in lines_of(text):
        if start := _START.search(line):
            blocks.append((start, []))
        else:
            blocks[-1][1].append(line)
    # What stands before the first heading counts only where there is no heading: an excerpt.
    processes = [_process(start, lines) for start, lines in blocks[1:] or blocks]
    found = {**processes[0], "processes": processes if len(blocks) > 1 else []}
    missing = _NONE.search(text)
    if missing and len(blocks) == 1:
        found["reason"] = missing[0].strip()
    return found


def _process(start: re.Match[str] | None, lines: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "pid": int(start[1]) if start else None,
        "package": (start[2] or None) if start else None,
        **dict.fromkeys(_VALUES),
    }
    columns: list[str] = []
    above: list[str] = []
    table = True
    for line in lines:
        words = line.strip()
        if words.startswith("App Summary"):
            table = False
        elif summary := _SUMMARY.match(line):
            name = summary[1].lower().replace(" ", "_")
            found[f"summary_{name}_kb"] = int(summary[2])
            if name == "graphics":
                found["graphics_kb"] = int(summary[2])
        elif totals := _TOTALS.findall(line):
            for name, value in totals:
                key = _SUMMARY_TOTALS.get(name, "total_swap_kb")
                if found.get(key) is None:
                    found[key] = int(value)
        elif table and _HEADING.match(words):
            below = words.lower().split()
            # The upper line may be shorter: Android 4 prints "Pss" on the lower line alone.
            upper = [""] * (len(below) - len(above)) + above
            columns = [f"{a} {b}".strip() for a, b in zip(upper, below, strict=False)]
            above = below
        elif table and (row := _ROW.match(line)):
            _table_row(found, columns, row[1].strip().lower(), [int(v) for v in row[2].split()])
    return found


def _table_row(found: dict[str, Any], columns: list[str], label: str, values: list[int]) -> None:
    by_column = dict(zip(columns, values, strict=False))
    if label == "total":
        for column, value in by_column.items():
            if column in _TOTAL_COLUMNS:
                found[_TOTAL_COLUMNS[column]] = value
    elif label in _HEAPS and found[_HEAPS[label]] is None:
        found[_HEAPS[label]] = by_column.get("pss total", by_column.get("pss"))
