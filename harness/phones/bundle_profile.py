"""From a probe bundle to what a virtual phone's profile says of it; keys as in harness/virtual/profile.py. Pure.

Speed, power and heat do not show in a probe, so they are left out here; the virtual room takes them from the kind of
phone that is nearest.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from harness.dumps.battery import battery
from harness.dumps.cpufreq import cpufreq
from harness.dumps.df import df
from harness.dumps.gles import gles
from harness.dumps.proc_meminfo import proc_meminfo
from harness.dumps.props import getprop
from harness.dumps.text import whole
from harness.dumps.thermal import thermal
from harness.errors import UsageError
from harness.measure.gauge import describe_gauges
from harness.measure.sampler import parse_sampler
from harness.phones.bundle import Bundle
from harness.phones.probe import PhoneProbe, read_probe

_PATH = re.compile(r"^(/\S+?):(.*)$")
_HAL = re.compile(r"^\s*(.+?) connected: yes", re.MULTILINE)
_AOSP_SKIN = 3
_PLACES = (
    ("skin", "skin|quiet|xo_therm"),
    ("battery", "batt"),
    ("gpu", "gpu|g3d"),
    ("npu", "npu|tpu|nsp|nn"),
    ("usb", "usb|charger|chg"),
)


def profile_data(bundle: Bundle, name: str) -> dict[str, Any]:
    """The fields of a profile that the bundle knows.

    Args:
        name: of the new kind of phone.

    Raises:
        UsageError: the bundle lacks what no phone can be without, or holds what cannot be.
    """
    try:
        return _data(bundle, name)
    except (ValueError, OverflowError, LookupError, TypeError) as error:
        raise UsageError(
            f"{name}: the bundle is damaged: {str(error)[:100]}", advice="run harness probe again"
        ) from None


def _data(bundle: Bundle, name: str) -> dict[str, Any]:
    sections = bundle.sections
    probe = read_probe(sections, "")
    props = getprop(sections.get("getprop", ""))["props"]
    record = probe.record
    clusters = _clusters(sections)
    missing = [
        what
        for what, known in (
            ("its ABI", record.abilist),
            ("its memory", record.ram_mb),
            ("its Android version", record.sdk),
            ("the clocks of its cores", clusters),
        )
        if not known
    ]
    if missing:
        raise UsageError(f"{name}: the bundle does not say {', '.join(missing)}", advice="run harness probe again")
    memory_kb = proc_meminfo(sections.get("meminfo", ""))["mem_total_kb"]
    storage = df(sections.get("df", ""))["rows"]
    kernel = sections.get("kernel", "").split()
    return {
        "name": name,
        "manufacturer": record.manufacturer or "unknown",
        "brand": props.get("ro.product.brand") or (record.manufacturer or "unknown").lower(),
        "model": record.model or name,
        "device": record.device or name,
        "soc_manufacturer": props.get("ro.soc.manufacturer") or None,
        "soc_model": props.get("ro.soc.model") or None,
        "board": props.get("ro.board.platform") or "unknown",
        "hardware": props.get("ro.hardware") or "unknown",
        "android": record.android or "unknown",
        "sdk": record.sdk,
        "security_patch": props.get("ro.build.version.security_patch") or "unknown",
        "build_id": props.get("ro.build.id") or "unknown",
        "abis": list(record.abilist),
        "ram_kb": memory_kb,
        "kernel": kernel[2] if len(kernel) > 2 else "unknown",
        "clusters": clusters,
        "battery": _battery(sections),
        "gauge": _gauge(bundle, probe),
        "thermal": _thermal(sections, probe),
        "gpu": _gpu(sections),
        "performance_class": record.performance_class,
        "low_ram": props.get("ro.config.low_ram") == "true",
        "time_in_state": "/stats/time_in_state:" in sections.get("clocks", ""),
        "denied": _denied(sections),
        "settings_locked": "settings" in sections and "writable" not in sections["settings"],
        "props": {k: v for k, v in sorted(props.items()) if v and k != "ro.serialno"},
        **({"storage_kb": storage[-1]["total_kb"]} if storage else {}),
    }


def _files(text: str) -> dict[str, list[str]]:
    """Lines by path, of `path:line` text."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if match := _PATH.match(line):
            found.setdefault(match[1], []).append(match[2])
    return found


def _clusters(sections: dict[str, str]) -> list[dict[str, Any]]:
    files = _files(sections.get("clocks", ""))
    parts = dict(
        re.findall(
            r"^processor\s*:\s*(\d+)$(?:\n(?!\s*$).*)*?\nCPU part\s*:\s*(\S+)", sections.get("cpuinfo", ""), re.M
        )
    )
    made = []
    for cluster in cpufreq(sections.get("clocks", ""))["clusters"]:
        cpus, ticks = cluster["cpus"], f"/policy{cluster['policy']}/stats/time_in_state"
        spent = (line.split(" ")[0] for path, rows in files.items() if path.endswith(ticks) for line in rows)
        khz = {*(cluster["available_khz"] or ()), cluster["min_khz"], cluster["max_khz"], *map(whole, spent)} - {
            None,
            0,
        }
        if not cpus or len(khz) < 2:
            continue
        capacity = files.get(f"/sys/devices/system/cpu/cpu{cpus[0]}/cpu_capacity", [""])
        made.append(
            {
                "cores": len(cpus),
                "part": parts.get(str(cpus[0]), "0x000"),
                "capacity": whole(capacity[0]) or 0,
                "khz": sorted(khz),
                "governor": cluster["governor"] or "schedutil",
            }
        )
    fastest = max((c["khz"][-1] for c in made), default=1)
    for cluster in made:
        cluster["capacity"] = cluster["capacity"] or max(1, 1024 * cluster["khz"][-1] // fastest)
    return made


def _battery(sections: dict[str, str]) -> dict[str, Any]:
    said = battery(sections.get("battery", ""))
    files = _files(sections.get("supplies", ""))
    plugged = [s for s in said["plugged"] or () if s in ("usb", "ac")]
    known = {"level": said["level_pct"], "voltage_mv": said["voltage_mv"], "technology": said["technology"]}
    made: dict[str, Any] = {"plugged": plugged[-1] if plugged else "none", **{k: v for k, v in known.items() if v}}
    full = [int(v) for lines in files.values() for v in re.findall(r"POWER_SUPPLY_CHARGE_FULL=(\d+)", "\n".join(lines))]
    if full and max(full) > 100_000:  # µAh; some makers write mAh or nothing there
        made["capacity_mah"] = max(full) // 1000
    names = [PurePosixPath(line).name for line in sections.get("supplies", "").splitlines() if ":" not in line]
    kinds = {"usb": "usb", "ac": "ac"}
    made["supplies"] = {n: kinds.get(n, "never") for n in names if "batt" not in n and n not in ("bms", "maxfg")}
    return made


def _gauge(bundle: Bundle, probe: PhoneProbe) -> dict[str, Any]:
    nodes = {**probe.nodes, **dict.fromkeys(probe.denied, "")}
    supply = next((n.partition(".")[0] for n in nodes if n.endswith(".current_now") and n in probe.nodes), None)
    if supply is None:
        return {"readable": False}
    made: dict[str, Any] = {"node": str(PurePosixPath(probe.nodes[f"{supply}.current_now"]).parent)}
    log = parse_sampler(bundle.gauge_log)
    for facts in describe_gauges(log, probe.battery.charging):
        if facts.node == f"{supply}.current_now":
            known = {
                "unit": facts.unit,
                "discharge_sign": facts.discharge_sign,
                "refresh_s": facts.refresh_s,
                "step": facts.step,
            }
            made |= {k: v for k, v in known.items() if v is not None}
    return made


def _thermal(sections: dict[str, str], probe: PhoneProbe) -> dict[str, Any]:
    text = sections.get("thermal", "")
    zones = {
        lines[0]: _place(lines[0])
        for path, lines in _files(sections.get("zones", "")).items()
        if path.endswith("/type")
    }
    made: dict[str, Any] = {"zones": zones, "zones_readable": any(n.startswith("zone.") for n in probe.nodes)}
    if not probe.thermal_service:
        return {**made, "hal": None}
    said = thermal(text)
    hal, skin = _HAL.search(text), said["skin_sensor"]
    made |= {
        "hal": hal[1] if hal else "ThermalHAL 2.0",
        "sensors": {name: _place(name) for name in said["current_c"] or said["cached_c"]},
        "cooling": list(said["cooling"]),
        "thresholds": said["thresholds"] > 0,
        "type_shift": skin["mType"] - _AOSP_SKIN if skin and skin["mType"] is not None else 0,
    }
    return made


def _place(name: str) -> str:
    return next((place for place, words in _PLACES if re.search(words, name.lower())), "cpu")


def _gpu(sections: dict[str, str]) -> dict[str, Any] | None:
    said = gles(sections.get("gles", ""))
    if said["renderer"] is None:
        return None
    version = " ".join(w for w in (said["version"], said["driver"]) if w)
    names = {"vendor": said["vendor"] or "unknown", "renderer": said["renderer"], "gl_version": version}
    return {**names, "opencl": bool(sections.get("opencl", "").strip())}


def _denied(sections: dict[str, str]) -> list[str]:
    """Nodes that refuse the shell user, other than the battery's, which its gauge covers, and temperature zones."""
    lines = (line.split() for line in sections.get("nodes", "").splitlines())
    refused = [w for w in lines if len(w) >= 3 and w[2] == "denied" and not w[0].startswith("zone.")]
    return [w[1] for w in refused if w[0].partition(".")[0] not in ("battery", "usb", "ac", "dc", "wireless")]
