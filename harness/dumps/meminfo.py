"""`dumpsys meminfo PID`: six to nine columns by version, told by their two heading lines. Pure."""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines

_TITLE = re.compile(r"\*\* MEMINFO in pid (\d+) \[(.*?)\] \*\*")
_ROW = re.compile(r"^\s*(?P<name>[A-Za-z.][\w ./()-]*?):?\s{1,}(?P<numbers>\d+(?:\s+\d+)*)\s*$")
_SUMMARY = re.compile(r"^\s*(?P<name>[A-Za-z][A-Za-z ]*?):\s+(?P<pss>\d+)(?:\s+(?P<rss>\d+))?\s*$")
_TOTAL = re.compile(r"TOTAL(?P<kind> PSS| RSS| SWAP PSS| SWAP \(KB\)| SWAP)?:\s+(?P<value>\d+)")
#: Rows of the table and the key of what they say first, proportional set size.
_PSS = {"Native Heap": "native_heap_pss_kb", "Native": "native_heap_pss_kb", "Dalvik Heap": "dalvik_heap_pss_kb",
        "Dalvik": "dalvik_heap_pss_kb"}  # fmt: skip
_GRAPHICS = ("GL mtrack", "EGL mtrack", "Gfx dev", "GL", "Graphics")
_PARTS = ("Java Heap", "Native Heap", "Code", "Stack", "Graphics", "Private Other", "System", "Unknown")


def looks_like(text: str) -> bool:
    """Its title."""
    return "** MEMINFO in pid" in text or "Applications Memory Usage" in text or "No process found for" in text


def parse(text: str, name: str = "") -> dict[str, Any]:
    """Of the first process: pid, package, total_pss_kb, total_rss_kb, total_private_dirty_kb, total_private_clean_kb,
    total_swap_pss_kb, native_heap_pss_kb, dalvik_heap_pss_kb, graphics_kb, and the summary's parts as
    summary_java_heap_kb, summary_native_heap_kb and so on (private memory, other than the table's).
    """
    title = _TITLE.search(text)
    found: dict[str, Any] = {
        "pid": int(title[1]) if title else None,
        "package": title[2] if title else None,
        **dict.fromkeys(("total_pss_kb", "total_rss_kb", "total_private_dirty_kb", "total_private_clean_kb")),
        **dict.fromkeys(("total_swap_pss_kb", "native_heap_pss_kb", "dalvik_heap_pss_kb", "graphics_kb")),
        **{_summary_key(part): None for part in _PARTS},
    }
    body = text[title.end() :] if title else text
    following = _TITLE.search(body)
    _read(found, body[: following.start()] if following else body)
    return found


def _summary_key(part: str) -> str:
    return f"summary_{part.lower().replace(' ', '_')}_kb"


def _read(found: dict[str, Any], body: str) -> None:
    heading: list[list[str]] = []
    graphics: int | None = None
    summary = False
    for line in lines(body):
        if "App Summary" in line:
            summary = True
        elif totals := list(_TOTAL.finditer(line)):
            _totals(found, totals)
        elif summary and (part := _SUMMARY.match(line)):
            if part["name"] in _PARTS and found[_summary_key(part["name"])] is None:
                found[_summary_key(part["name"])] = int(part["pss"])
        elif not summary and set(line.split()) & {"Pss", "Total", "Private", "Dirty"} and not re.search(r"\d", line):
            heading.append(line.split())
        elif not summary and (row := _ROW.match(line)):
            numbers = [int(n) for n in row["numbers"].split()]
            if row["name"] == "TOTAL":
                _total_row(found, _columns(heading), numbers)
            elif key := _PSS.get(row["name"]):
                found[key] = numbers[0] if found[key] is None else found[key]
            elif row["name"] in _GRAPHICS:
                graphics = (graphics or 0) + numbers[0]
    found["graphics_kb"] = found["summary_graphics_kb"] if found["summary_graphics_kb"] is not None else graphics


def _columns(heading: list[list[str]]) -> list[str]:
    if len(heading) < 2 or len(heading[-1]) != len(heading[-2]):
        return ["pss total", "private dirty"]
    return [f"{a} {b}".lower() for a, b in zip(heading[-2], heading[-1], strict=True)]


def _total_row(found: dict[str, Any], columns: list[str], numbers: list[int]) -> None:
    keys = {
        "pss total": "total_pss_kb",
        "private dirty": "total_private_dirty_kb",
        "private clean": "total_private_clean_kb",
        "swappss dirty": "total_swap_pss_kb",
        "rss total": "total_rss_kb",
    }
    for column, value in zip(columns, numbers, strict=False):
        if (key := keys.get(column)) and found[key] is None:
            found[key] = value


def _totals(found: dict[str, Any], totals: list[re.Match[str]]) -> None:
    keys = {None: "total_pss_kb", " PSS": "total_pss_kb", " RSS": "total_rss_kb", " SWAP PSS": "total_swap_pss_kb"}
    for total in totals:
        key = keys.get(total["kind"])
        if key and found[key] is None:
            found[key] = int(total["value"])
