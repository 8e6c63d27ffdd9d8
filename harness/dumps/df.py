"""`df` of toybox (Android 6 on), with -k or -h, and of the older toolbox; kB.

Keys: `rows` (list of `fs`, `total_kb`, `used_kb`, `available_kb`, `use_pct`, `mount`). toolbox prints the mount point
as "Filesystem" and no percentage. A human-readable size is rounded by df itself. used + available may be less than
total: the file system keeps some back.
"""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import decimal, lines_of

_UNITS_KB = {"": 1 / 1024, "B": 1 / 1024, "K": 1, "M": 1024, "G": 1024**2, "T": 1024**3, "P": 1024**4}
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)([BKMGTP]?)i?B?", re.IGNORECASE)
_FIGURE = r"(-?[0-9][0-9.]{0,20}[BKMGTPbkmgtp]?i?B?)"
_ROW = re.compile(rf"^(.*?)\s*(?<!\S){_FIGURE}\s+{_FIGURE}\s+{_FIGURE}\s+(?:([0-9]{{1,3}})%|-)\s+(\S.*)$")
_TOOLBOX = re.compile(r"^(/\S*)\s+(\S+)\s+(\S+)\s+(\S+)\s+[0-9]+$")
_ANCIENT = re.compile(r"^(/\S*): ([0-9]+)K total, ([0-9]+)K used, ([0-9]+)K available")


def df(text: str) -> dict[str, Any]:
    """Read `df`."""
    rows, block_kb, name = [], 1.0, ""
    for line in (raw.strip() for raw in lines_of(text)):
        if line.startswith("Filesystem"):
            block_kb = _block_kb(line)
            continue
        if line.startswith("df:") or not line:
            continue
        if old := _ANCIENT.match(line):
            rows.append(_row(old[1], [_kb(old[i], 1.0) for i in (2, 3, 4)], None, old[1]))
        elif box := _TOOLBOX.match(line):
            rows.append(_row(box[1], [_kb(box[i], block_kb) for i in (2, 3, 4)], None, box[1]))
        elif (row := _ROW.match(line)) and _kb(row[2], block_kb) is not None:
            sizes = [_kb(row[i], block_kb) for i in (2, 3, 4)]
            rows.append(_row(row[1] or name, sizes, row[5], row[6].strip()))
            name = ""
        elif len(line.split()) == 1:
            # A name too long for its column stands alone; its figures follow.
            name = line
    return {"rows": rows}


def _block_kb(heading: str) -> float:
    found = re.search(r"\b([0-9]+(?:\.[0-9]+)?)([KMG]?)-blocks", heading, re.IGNORECASE)
    if not found:
        # Under "Size" a bare number counts bytes.
        return 1 / 1024 if " Size" in heading else 1.0
    return min((decimal(found[1]) or 1.0) * _UNITS_KB[found[2].upper()], 1e9)


def _kb(word: str, block_kb: float) -> int | None:
    found = _SIZE.fullmatch(word)
    value = decimal(found[1]) if found else None
    if found is None or value is None:
        return None
    return round(value * (_UNITS_KB[found[2].upper()] if found[2] else block_kb))


def _row(fs: str, sizes: list[int | None], use: str | None, mount: str) -> dict[str, Any]:
    total, used, available = sizes
    return {
        "fs": fs or None,
        "total_kb": total,
        "used_kb": used,
        "available_kb": available,
        "use_pct": int(use) if use and use.isdecimal() else None,
        "mount": mount,
    }
