"""`df` of toybox and of the older toolbox, in blocks or with units. Pure."""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines

_SIZE = r"[\d.]+[KMGTP]?i?B?"
_ROW = re.compile(
    rf"^(?P<fs>\S+)\s+(?P<total>{_SIZE})\s+(?P<used>{_SIZE})\s+(?P<free>{_SIZE})\s+(?P<pct>\d+%|-)\s+(?P<mount>/.*?)\s*$"
)
#: toolbox: mount point, size, used, free, block size.
_OLD = re.compile(rf"^(?P<mount>/\S*)\s+(?P<total>{_SIZE})\s+(?P<used>{_SIZE})\s+(?P<free>{_SIZE})\s+\d+\s*$")
_UNITS = {"": 1 / 1024, "K": 1, "M": 1024, "G": 1024**2, "T": 1024**3, "P": 1024**4}
_BLOCKS = re.compile(r"(?P<size>\d+)(?P<unit>K?)-blocks")


def looks_like(text: str) -> bool:
    """Its heading."""
    return bool(re.search(r"^Filesystem\s+(?:1K-blocks|\d+K?-blocks|Size|Total)", text, re.MULTILINE))


def parse(text: str, name: str = "") -> dict[str, Any]:
    """Key: rows, a list of fs, total_kb, used_kb, available_kb, use_pct, mount; the rest is left out."""
    rows: list[dict[str, Any]] = []
    block_kb = 1.0
    before = ""
    for line in lines(text):
        if line.startswith("Filesystem"):
            blocks = _BLOCKS.search(line)
            if blocks:
                block_kb = int(blocks["size"]) * (1.0 if blocks["unit"] else 1 / 1024)
            before = ""
            continue
        # A long name stands on a line of its own, before its figures.
        row = _ROW.match(line) or (_ROW.match(f"{before} {line.strip()}") if before else None)
        old = None if row else _OLD.match(line)
        before = line.strip() if row is None and re.fullmatch(r"\S+", line.strip()) else ""
        if row is not None:
            percent = row["pct"].removesuffix("%")
            rows.append(
                {"fs": row["fs"], **_sizes(row, block_kb), "use_pct": int(percent) if percent != "-" else None,
                 "mount": row["mount"]}
            )  # fmt: skip
        elif old is not None:
            rows.append({"fs": None, **_sizes(old, 1 / 1024), "use_pct": None, "mount": old["mount"]})
    return {"rows": rows}


def _sizes(row: re.Match[str], block_kb: float) -> dict[str, int]:
    keys = {"total_kb": "total", "used_kb": "used", "available_kb": "free"}
    return {key: _kb(row[group], block_kb) for key, group in keys.items()}


def _kb(text: str, block_kb: float) -> int:
    number = re.match(r"[\d.]+", text)
    unit = text[number.end() :].rstrip("B").rstrip("i") if number else ""
    try:
        value = float(number[0]) if number else 0.0
    except ValueError:  # several points
        return 0
    return round(value * (_UNITS[unit] if unit else block_kb))
