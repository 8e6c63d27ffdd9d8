"""All kinds of dumps: their readers, and how to tell them apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from harness.dumps import (
    adb_devices,
    battery,
    batterystats,
    cpufreq,
    cpuinfo,
    df,
    features,
    gles,
    meminfo,
    proc_meminfo,
    props,
    thermal,
    time_in_state,
    uevent,
)

BENCHMARK = "benchmark"


class Kind(NamedTuple):
    """A kind of dump.

    read: the reader; takes any text and never raises.
    sign: what only this kind holds, at the start of a line or anywhere, as its pattern says.
    proof: of a kind whose sign may stand in prose too, whether what was read of the text, and its lines, are a dump.
    """

    read: Callable[[str], dict[str, Any]]
    sign: re.Pattern[str]
    proof: Callable[[dict[str, Any], list[str]], bool] | None = None

    def holds(self, text: str) -> bool:
        """Whether a text is of this kind."""
        if not self.sign.search(text):
            return False
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("*")]
        return self.proof is None or self.proof(self.read(text), lines)


def _sign(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)


#: A serial number or an address at the start of a line, not a word of prose.
_ADDRESS = re.compile(r"(?=\S*[0-9?(])\S+\s")


def _all_devices(said: dict[str, Any], lines: list[str]) -> bool:
    whole = len(said["devices"]) == len(lines) and any(map(_ADDRESS.match, lines))
    return whole or any("List of devices" in line for line in lines)


def _ticks(said: dict[str, Any], lines: list[str]) -> bool:
    steps = said["steps"] or 0
    return steps > 1 or (steps == 1 and any("/time_in_state" in line for line in lines))


def _power_use(said: dict[str, Any], lines: list[str]) -> bool:
    return bool(said["uid_mah"]) or said["capacity_mah"] is not None or len(lines) > 2


_NODES = "cpuinfo_(?:max|min|cur)_freq|scaling_[a-z_]+|related_cpus|affected_cpus"

#: By the name that `--kind` takes. In this order a text is looked at, the surest signs first.
KINDS: dict[str, Kind] = {
    "uevent": Kind(uevent.uevent, _sign(r"^(?:\S+:|[ \t]*)POWER_SUPPLY_\w+=")),
    "battery": Kind(
        battery.battery,
        _sign(
            r"Current Battery Service state|service: battery$|^[ \t]+(?:AC|USB) powered: (?:true|false)"
            r"|\A[ \t]*level: \d+"
        ),
    ),
    "batterystats": Kind(
        batterystats.batterystats,
        _sign(
            r"^[ \t]*Estimated power use \(mAh\)|^\d+,-?\d+,[a-z],[a-z]{2,4},|^[ \t]*Statistics since last charge"
            r"|^Battery History|Computed drain: |service: batterystats$"
        ),
        _power_use,
    ),
    "thermal": Kind(
        thermal.thermal,
        _sign(
            r"^[ \t]*(?:Thermal Status: |IsStatusOverride: |Temperature\{m|Current temperatures from HAL)"
            r"|^[ \t]*Name: .*, Type: -?\d+.*, Value: |HardwarePropertiesManagerService|^(?:CPU|Skin) temperatures: \["
            r"|service: (?:thermalservice|hardware_properties)$"
        ),
    ),
    "meminfo": Kind(
        meminfo.meminfo,
        _sign(
            r"\*\* MEMINFO in pid |^Applications Memory Usage|^No process found for|^[ \t]*App Summary\s*$"
            r"|service: meminfo$"
        ),
    ),
    "features": Kind(
        features.features, _sign(r"^[ \t]*feature:|^[ \t]+android\.(?:hardware|software)\.[\w.]+(?: version=\d+)?$")
    ),
    "getprop": Kind(
        props.getprop, _sign(r"^\[[\w.\-]+\]: \["), lambda said, _: any("." in name for name in said["props"])
    ),
    "proc-meminfo": Kind(
        proc_meminfo.proc_meminfo, _sign(r"^[ \t]*(?:MemTotal|MemFree|MemAvailable|SwapTotal):\s+\d+")
    ),
    "cpuinfo": Kind(
        cpuinfo.cpuinfo,
        _sign(r"^(?:processor\s*:\s*\d|CPU implementer\s*:|CPU part\s*:|Hardware\s*:)"),
        lambda said, _: bool(said["processors_listed"] or said["cores"]),
    ),
    "cpufreq": Kind(cpufreq.cpufreq, _sign(rf"(?:policy|cpu)\d+/(?:cpufreq/)?(?:{_NODES})|^policy\d+ max=\d*")),
    "time-in-state": Kind(
        time_in_state.time_in_state, _sign(r"time_in_state|\A(?:\s*\d{4,9}[ \t]+\d+[ \t\r]*(?:\n|\Z))+\Z"), _ticks
    ),
    "df": Kind(
        df.df,
        _sign(r"^Filesystem\s+\S|^/\S*: \d+K total, \d+K used|^/\S+\s+\d+\s+\d+\s+\d+\s+\d+%\s+/"),
        lambda said, _: bool(said["rows"]),
    ),
    "gles": Kind(gles.gles, _sign(r"\bGLES:\s*\S.*,"), lambda said, _: said["version"] is not None),
    "adb-devices": Kind(
        adb_devices.adb_devices,
        _sign(
            r"^List of devices attached|^\S+\s+(?:device|offline|unauthorized|authorizing|recovery|sideload)"
            r"(?:\s+(?:usb|product|transport_id):\S*.*)?[ \t]*$"
            r"|^\S+\s+no permissions\b"
        ),
        _all_devices,
    ),
    "build-prop": Kind(
        props.build_prop,
        _sign(r"^(?:ro|persist|dalvik|debug)\.[\w.\-]+="),
        lambda _, lines: any(line.startswith("ro.") for line in lines),
    ),
}

#: What only the benchmark programs print, whatever else stands in the text.
_PROGRAM = _sign(
    r"STARTING!|Log parameter values|timings in us:|Running benchmark for at least|BENCHMARK RESULTS|"
    r"\bcount=\d+ (?:first|curr)="
)
#: What a run that ended early may say and nothing else; a dump may name the program too (memory of its process).
_MENTION = _sign(r"benchmark_model|\bTfLite|\btflite\b|TensorFlow Lite|LiteRT|Loaded model|Number of nodes executed")


def guess_kind(text: str) -> str | None:
    """Which kind a text is, by its structure; None where it is nothing known. A benchmark log is "benchmark"."""
    text = text.replace("\r", "")
    if text.lstrip()[:1] in ("{", "<"):  # a dump inside of JSON or a page is not that dump
        return None
    if _PROGRAM.search(text):
        return BENCHMARK
    found = next((name for name, kind in KINDS.items() if kind.holds(text)), None)
    return BENCHMARK if found is None and _MENTION.search(text) else found


def read_dump(kind: str, text: str, path: str = "") -> dict[str, Any]:
    """Read a text as a kind, its name first; `path` is the file it came from, which may name what the text does not."""
    if kind == "time-in-state":
        return {"kind": kind, **time_in_state.time_in_state(text, path)}
    return {"kind": kind, **KINDS[kind].read(text)}
