"""`cat`, `grep .` or a listing of `cpufreq/*/stats/time_in_state`: how long the cores ran at each clock.

Keys: `policy` (first CPU of the cluster, from the path in the text or else from the file's own name, null where neither
says it), `unit`, `min_khz`, `max_khz`, `steps`, `total_ticks`, `states` ([kHz, ticks of 10 ms] as printed). Of several
policies in one text those of the first, and all of them under `policies`.
"""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines_of

_UNIT = "kHz, then 10 ms ticks"
_ROW = re.compile(r"^\s*(?:(\S*[^\s0-9:]\S*):)?\s*([0-9]{1,12})[\s:]+([0-9]{1,18})\s*$")
_PATH = re.compile(r"policy([0-9]{1,3})|cpu([0-9]{1,3})(?![0-9])")


def time_in_state(text: str, path: str = "") -> dict[str, Any]:
    """Read time_in_state; `path` is where the text was read from, and may name the policy."""
    tables: dict[int | None, list[list[int]]] = {}
    policy = _policy(path)
    for line in lines_of(text):
        if "trans_table" in line:
            continue
        if row := _ROW.match(line):
            if row[1]:
                policy = _policy(row[1])
            tables.setdefault(policy, []).append([int(row[2]), int(row[3])])
        elif (named := _policy(line)) is not None:
            policy = named
    policies = [_table(name, states) for name, states in tables.items()]
    return {**(policies[0] if policies else _table(policy, [])), "policies": policies}


def _policy(path: str) -> int | None:
    found = _PATH.findall(path)
    return int(found[-1][0] or found[-1][1]) if found else None


def _table(policy: int | None, states: list[list[int]]) -> dict[str, Any]:
    clocks = [khz for khz, _ in states]
    return {
        "policy": policy,
        **({} if policy is not None else {"policy_reason": "neither the text nor its file's name says it"}),
        "unit": _UNIT,
        "min_khz": min(clocks, default=None),
        "max_khz": max(clocks, default=None),
        "steps": len(states) if states else None,
        "total_ticks": sum(ticks for _, ticks in states) if states else None,
        "states": states,
    }
