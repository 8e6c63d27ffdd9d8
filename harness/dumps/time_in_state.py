"""cpufreq's `stats/time_in_state`: a clock in kHz and ticks of 10 ms a line, with or without its path. Pure."""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines

_ROW = re.compile(r"^(?:(?P<path>\S*time_in_state)\s*:\s*)?(?P<khz>\d{4,8})\s+(?P<ticks>\d+)\s*$")
_POLICY = re.compile(r"(?:policy|cpu)(\d+)")


def looks_like(text: str) -> bool:
    """Nothing but such rows, or paths of such a file."""
    rows = [line for line in lines(text) if line.strip() and not line.startswith("#")]
    return bool(rows) and all(_ROW.match(row) or "time_in_state" in row for row in rows)


def parse(text: str, name: str = "") -> dict[str, Any]:
    """Of the first policy: policy (from a path, else from the file's name), min_khz, max_khz, steps, ticks by clock.

    Args:
        name: of the file, since the content alone does not say whose it is.
    """
    policy: int | None = None
    ticks: dict[int, int] = {}
    for line in lines(text):
        row = _ROW.match(line)
        path = row["path"] if row else line if "time_in_state" in line else None
        owner = _POLICY.search(path or "")
        if owner is not None:
            if policy is not None and int(owner[1]) != policy:
                break
            policy = int(owner[1])
        if row:
            ticks.setdefault(int(row["khz"]), int(row["ticks"]))
    if policy is None and (owner := _POLICY.search(name)):
        policy = int(owner[1])
    return {
        "policy": policy,
        "unit": "kHz, then 10 ms ticks",
        "min_khz": min(ticks, default=None),
        "max_khz": max(ticks, default=None),
        "steps": len(ticks),
        "ticks": {str(khz): count for khz, count in ticks.items()},
    }
