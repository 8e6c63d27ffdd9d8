"""`/proc/cpuinfo` of ARM, 32 and 64 bits, and of x86 emulators.

Keys: `hardware` (mostly gone from 64-bit kernels), `processors_listed` (cores that are switched off are not listed),
`cores` (list of `implementer`, `part`, `count`, in order of appearance), `processor_line` ("Processor", capital, on
ARM kernels), `model_name`, `vendor_id` (x86), `features` (of the first core), `revision`, `serial`.
Old 32-bit kernels print the part once for all cores, after the last of them.
"""

from __future__ import annotations

from typing import Any

from harness.dumps.text import lines_of, whole


def cpuinfo(text: str) -> dict[str, Any]:
    """Read `/proc/cpuinfo`."""
    cores: list[dict[str, str]] = []
    common: dict[str, str] = {}
    for line in lines_of(text):
        key, found, value = (part.strip() for part in line.partition(":"))
        if not found or not key:
            continue
        if key == "processor" and whole(value) is not None:
            cores.append({})
        elif key in ("Hardware", "Revision", "Serial", "Processor") or not cores:
            common.setdefault(key, value)
        else:
            cores[-1].setdefault(key, value)
    described = [core for core in cores if "CPU part" in core]
    if len(cores) > 1 and described == cores[-1:]:
        # One description stands after the last core and is meant for all.
        cores = described * len(cores)
    elif cores and not described and "CPU part" in common:
        cores = [common] * len(cores)
    first = cores[0] if cores else {}
    return {
        "hardware": common.get("Hardware") or None,
        "processors_listed": len(cores) or None,
        "cores": _clusters(cores or ([common] if "CPU part" in common else [])),
        "processor_line": common.get("Processor") or None,
        "model_name": first.get("model name") or common.get("model name") or None,
        "vendor_id": first.get("vendor_id") or None,
        "features": (first.get("Features") or first.get("flags") or common.get("Features") or "").split() or None,
        "revision": common.get("Revision") or None,
        "serial": common.get("Serial") or None,
    }


def _clusters(cores: list[dict[str, str]]) -> list[dict[str, Any]]:
    counts: dict[tuple[str | None, str | None], int] = {}
    for core in cores:
        kind = core.get("CPU implementer"), core.get("CPU part")
        if kind != (None, None):
            counts[kind] = counts.get(kind, 0) + 1
    return [{"implementer": i, "part": p, "count": n} for (i, p), n in counts.items()]
