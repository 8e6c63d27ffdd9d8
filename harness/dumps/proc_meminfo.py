"""`/proc/meminfo`, any kernel: every line as a key, in kB where the line says kB.

`MemTotal` becomes `mem_total_kb`, `Active(anon)` `active_anon_kb`, `HugePages_Total` `huge_pages_total`.
`mem_total_kb`, `mem_free_kb`, `mem_available_kb` (kernel 3.14 on) and `swap_total_kb` are always there, null where
not printed.
"""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines_of

_LINE = re.compile(r"^\s*([A-Za-z][\w()]*):\s*([0-9]{1,18})(\s*kB)?\s*$")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ALWAYS = ("mem_total_kb", "mem_free_kb", "mem_available_kb", "swap_total_kb")


def proc_meminfo(text: str) -> dict[str, Any]:
    """Read `/proc/meminfo`."""
    found: dict[str, Any] = dict.fromkeys(_ALWAYS)
    for line in lines_of(text):
        if row := _LINE.match(line):
            name = re.sub(r"[_()]+", "_", _CAMEL.sub("_", row[1])).strip("_").lower()
            found[f"{name}_kb" if row[3] else name] = int(row[2])
    return found
