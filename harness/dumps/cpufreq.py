"""cpufreq nodes as `grep . FILES`, `head FILES` or a loop of echo and cat prints them, and as probe.sh does.

Keys: `clusters` (list, by first CPU: `policy`, `cpus`, `max_khz`, `min_khz`, `scaling_max_khz`, `cur_khz` (list),
`governor`, `available_khz`), `online`, `possible`, `present` (lists of CPUs). Paths by policy or by CPU; CPUs of one
`related_cpus` are one cluster, and CPUs that do not say it are one where they follow each other with equal limits. A
policy whose `related_cpus` is not printed has `cpus` null. Of probe.sh's lines also `capacity`, of one core.
"""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines_of, whole

_NODE = re.compile(
    r"(?:^|[/\s>])(?:(policy|cpu)([0-9]{1,3})/(?:cpufreq/)?|cpu/)([a-z_]+)(?:\s*<==)?(?:\s*[:=]\s*(.*)|\s+([0-9].*))?$"
)
_PROBE = re.compile(r"^policy([0-9]{1,3}) max=([0-9]*) cap=([0-9]*) cpus=([0-9 ]*?)(?: capacity=([0-9]*))?$")
_SETS = ("online", "possible", "present", "offline")


def cpufreq(text: str) -> dict[str, Any]:
    """Read cpufreq nodes."""
    owners: dict[tuple[str, int], dict[str, str]] = {}
    sets: dict[str, str] = {}
    waiting: tuple[tuple[str, int] | None, str] | None = None
    for line in (raw.strip() for raw in lines_of(text)):
        if probe := _PROBE.match(line):
            values = {"cpuinfo_max_freq": probe[2], "scaling_max_freq": probe[3], "related_cpus": probe[4]}
            if probe[5]:
                values["capacity"] = probe[5]
            owners.setdefault(("policy", int(probe[1])), {}).update(values)
            continue
        node = _NODE.search(line)
        if node:
            owner = (node[1], int(node[2])) if node[1] else None
            value = node[4] if node[4] is not None else node[5]
            waiting = (owner, node[3]) if value is None else None
        elif line and waiting:
            # The path stood on a line of its own; this is what the node holds.
            (owner, name), value, waiting = waiting, line, None
        else:
            continue
        if value is None:
            continue
        name = node[3] if node else name
        if owner is None and name in _SETS:
            sets.setdefault(name, value)
        elif owner is not None:
            owners.setdefault(owner, {}).setdefault(name, value)
    owners = {owner: nodes for owner, nodes in owners.items() if any("freq" in n or "cpus" in n for n in nodes)}
    return {
        "clusters": _clusters(owners),
        **{name: cpu_list(sets.get(name)) for name in ("online", "possible", "present")},
    }


def cpu_list(text: str | None) -> list[int] | None:
    """CPUs of "0 1 2 3", "0-3" or "0-3,7"; None where it is no such list."""
    found: set[int] = set()
    for word in re.split(r"[\s,]+", (text or "").strip()):
        span = re.fullmatch(r"([0-9]{1,3})(?:-([0-9]{1,3}))?", word)
        if not span:
            return None
        found.update(range(int(span[1]), int(span[2] or span[1]) + 1))
    return sorted(found)


def _clusters(owners: dict[tuple[str, int], dict[str, str]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    by_cpus: dict[tuple[int, ...], dict[str, Any]] = {}
    for (kind, number), nodes in sorted(owners.items(), key=lambda item: (item[0][1], item[0][0])):
        said = cpu_list(nodes.get("related_cpus")) or cpu_list(nodes.get("affected_cpus"))
        one = _cluster(kind, number, nodes, said)
        member = next((c for c in found if kind == "cpu" and number in (c["cpus"] or ())), None)
        if member is not None:
            known = member
        elif said is not None:
            # The policy and each of its CPUs may all be printed.
            known = by_cpus.setdefault(tuple(said), one)
        else:
            known = found[-1] if kind == "cpu" and found and _follows(found[-1], number, one) else one
            if known is not one:
                known["cpus"].append(number)
        if known is not one:
            known["cur_khz"] += one["cur_khz"]
            known.update({k: v for k, v in one.items() if known[k] is None})
        else:
            found.append(one)
    return found


def _follows(last: dict[str, Any], number: int, one: dict[str, Any]) -> bool:
    same = all(last[k] == one[k] for k in ("max_khz", "min_khz", "available_khz"))
    return same and one["max_khz"] is not None and bool(last["cpus"]) and last["cpus"][-1] == number - 1


def _cluster(kind: str, number: int, nodes: dict[str, str], said: list[int] | None) -> dict[str, Any]:
    current = whole(nodes.get("scaling_cur_freq", nodes.get("cpuinfo_cur_freq")))
    available = [whole(w) for w in nodes.get("scaling_available_frequencies", "").split()]
    return {
        "policy": number if kind == "policy" else None,
        "cpus": said or ([number] if kind == "cpu" else None),
        "max_khz": whole(nodes.get("cpuinfo_max_freq")),
        "min_khz": whole(nodes.get("cpuinfo_min_freq")),
        "scaling_max_khz": whole(nodes.get("scaling_max_freq")),
        "cur_khz": [] if current is None else [current],
        "governor": nodes.get("scaling_governor") or None,
        "available_khz": [khz for khz in available if khz is not None] or None,
        **({"capacity": whole(nodes["capacity"])} if "capacity" in nodes else {}),
    }
