"""Reading what a phone's commands and files print: one module a kind, pure, for every room to import.

A kind is one file with `looks_like(text)` and `parse(text, name)`, and one entry in `KINDS`. A reader never raises,
and what a text does not say is None.
"""

from __future__ import annotations

from typing import Any, Protocol

from harness.dumps import (
    adb_devices,
    battery,
    batterystats,
    build_prop,
    cpufreq,
    cpuinfo,
    df,
    features,
    getprop,
    gles,
    meminfo,
    proc_meminfo,
    thermal,
    time_in_state,
    uevent,
)


class Kind(Protocol):
    """A reader of one kind of dump."""

    def looks_like(self, text: str) -> bool:
        """Whether the beginning of a file is of this kind."""

    def parse(self, text: str, name: str = "") -> dict[str, Any]:
        """What it says; `name` is the file's, for what the content leaves out."""


#: In the order in which they are tried: what no other kind prints comes first.
KINDS: dict[str, Kind] = {
    "getprop": getprop,
    "battery": battery,
    "batterystats": batterystats,
    "thermal": thermal,
    "meminfo": meminfo,
    "proc-meminfo": proc_meminfo,
    "cpuinfo": cpuinfo,
    "cpufreq": cpufreq,
    "time-in-state": time_in_state,
    "gles": gles,
    "df": df,
    "features": features,
    "uevent": uevent,
    "adb-devices": adb_devices,
    "build-prop": build_prop,
}


def guess_kind(head: str) -> str | None:
    """The kind of a file from its beginning, None where it is none of these."""
    return next((name for name, kind in KINDS.items() if kind.looks_like(head)), None)
