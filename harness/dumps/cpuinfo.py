"""/proc/cpuinfo of ARM and x86. Pure."""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines

_ROW = re.compile(r"^(?P<key>[A-Za-z][\w ]*?)\s*:\s*(?P<value>.*?)\s*$")


def looks_like(text: str) -> bool:
    """Rows of a processor."""
    return bool(re.search(r"^(?:processor|Processor)\s*: |^CPU implementer\s*:", text, re.MULTILINE))


def parse(text: str, name: str = "") -> dict[str, Any]:
    """Keys: hardware, processor_line (the one with a capital P), processors_listed, cores: a list of implementer, part
    and count in the order in which they come, model_name (x86).

    Kernels that describe one core for all of them have one entry with the number of processors listed.
    """
    listed = 0
    cores: dict[tuple[str, str], int] = {}
    single: dict[str, str] = {}
    implementer: str | None = None
    for line in lines(text):
        row = _ROW.match(line)
        if row is None:
            continue
        key, value = row["key"], row["value"]
        if key == "processor" and value.isdecimal():
            listed += 1
        elif key == "CPU implementer":
            implementer = value
        elif key == "CPU part" and implementer is not None:
            cores[implementer, value] = cores.get((implementer, value), 0) + 1
        else:
            single.setdefault(key, value)
    if len(cores) == 1 and sum(cores.values()) == 1 and listed > 1:
        cores = dict.fromkeys(cores, listed)
    return {
        "hardware": single.get("Hardware") or None,
        "processor_line": single.get("Processor") or None,
        "model_name": single.get("model name") or None,
        "processors_listed": listed,
        "cores": [{"implementer": i, "part": p, "count": n} for (i, p), n in cores.items()],
    }
