"""Files of /sys/devices/system/cpu, as `grep . FILES` or `head FILES` prints them: path and content. Pure."""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines, whole

_LINE = re.compile(
    r"^(?P<path>\S*?(?:cpu\d+/cpufreq|cpufreq/policy\d+|policy\d+)/(?P<node>[\w/]+?))\s*[:=\s]\s*(?P<value>.*)$"
)
_HEADING = re.compile(r"^==> (?P<path>\S+) <==$")
_OWNER = re.compile(r"(?P<kind>cpu|policy)(?P<number>\d+)/")


def looks_like(text: str) -> bool:
    """Paths of cpufreq files."""
    return bool(re.search(r"(?:cpu\d+/cpufreq|policy\d+)/(?:cpuinfo|scaling|related|affected)_", text))


def parse(text: str, name: str = "") -> dict[str, Any]:
    """Key: clusters, a list of cpus, min_khz, max_khz, cap_khz (scaling_max_freq), current_khz, available_khz,
    governor.

    Cores are together where `related_cpus` says so, else where they follow each other and their limits are equal.
    """
    files: dict[int, dict[str, str]] = {}
    for path, node, value in _files(text):
        owner = next(iter(_OWNER.finditer(path)), None)
        if owner is not None:
            files.setdefault(int(owner["number"]), {}).setdefault(node, value)
    clusters: list[dict[str, Any]] = []
    covered: set[int] = set()
    for number in sorted(files):
        if number in covered:
            continue
        values = files[number]
        related = cpu_list(values.get("related_cpus") or values.get("affected_cpus") or "")
        cpus = related or _alike(files, number)
        covered |= set(cpus)
        clusters.append(_cluster(cpus, values))
    return {"clusters": clusters}


def cpu_list(text: str) -> list[int]:
    """`0-3`, `0 1 2 3` or `0,2-3` as numbers."""
    found: list[int] = []
    for word in text.replace(",", " ").split():
        low, dash, high = word.partition("-")
        if low.isdecimal() and (not dash or high.isdecimal()) and (not dash or int(high) - int(low) < 1024):
            found += range(int(low), int(high if dash else low) + 1)
    return found


def _files(text: str) -> list[tuple[str, str, str]]:
    found, heading = [], None
    for line in lines(text):
        if head := _HEADING.match(line):
            heading = head["path"]
        elif match := _LINE.match(line):
            found.append((match["path"], match["node"], match["value"].strip()))
        elif heading and line.strip():
            found.append((heading, heading.rpartition("/")[2], line.strip()))
            heading = None
    return found


def _alike(files: dict[int, dict[str, str]], first: int) -> list[int]:
    keys = ("cpuinfo_max_freq", "cpuinfo_min_freq", "scaling_available_frequencies")
    cpus = [first]
    while cpus[-1] + 1 in files and all(files[cpus[-1] + 1].get(k) == files[first].get(k) for k in keys):
        cpus.append(cpus[-1] + 1)
    return cpus


def _cluster(cpus: list[int], values: dict[str, str]) -> dict[str, Any]:
    available = [int(w) for w in values.get("scaling_available_frequencies", "").split() if w.isdecimal()]
    return {
        "cpus": cpus,
        "min_khz": whole(values.get("cpuinfo_min_freq")),
        "max_khz": whole(values.get("cpuinfo_max_freq")) or max(available, default=None),
        "cap_khz": whole(values.get("scaling_max_freq")),
        "current_khz": whole(values.get("scaling_cur_freq")),
        "available_khz": available,
        "governor": values.get("scaling_governor") or None,
    }
