"""/proc/meminfo. MemAvailable came with Linux 3.14. Pure."""

from __future__ import annotations

import re
from typing import Any

_ROW = re.compile(r"^(\w+(?:\(\w+\))?):\s+(\d+)(?: kB)?\s*$", re.MULTILINE)
_KEYS = {
    "mem_total_kb": "MemTotal",
    "mem_free_kb": "MemFree",
    "mem_available_kb": "MemAvailable",
    "buffers_kb": "Buffers",
    "cached_kb": "Cached",
    "swap_total_kb": "SwapTotal",
    "swap_free_kb": "SwapFree",
}


def looks_like(text: str) -> bool:
    """Its first row."""
    return bool(re.search(r"^MemTotal:\s+\d+", text, re.MULTILINE))


def parse(text: str, name: str = "") -> dict[str, Any]:
    """Keys: mem_total_kb, mem_free_kb, mem_available_kb, buffers_kb, cached_kb, swap_total_kb, swap_free_kb."""
    rows: dict[str, int] = {}
    for row in _ROW.finditer(text.replace("\r", "")):
        rows.setdefault(row[1], int(row[2]))
    return {key: rows.get(row) for key, row in _KEYS.items()}
