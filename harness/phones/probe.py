"""Asks a phone once what it is, how it is, and what it lets one read."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

from harness.adb.phone import Phone
from harness.adb.quote import device_path
from harness.dumps.battery import battery
from harness.dumps.cpufreq import cpufreq
from harness.dumps.df import df
from harness.dumps.gles import gles
from harness.dumps.proc_meminfo import proc_meminfo
from harness.dumps.props import getprop
from harness.dumps.thermal import thermal
from harness.errors import PhoneTransientError
from harness.measure.around import charging_reason
from harness.phones.condition import Condition, read_condition
from harness.phones.lease import Standing, read_standing
from harness.records import CpuCluster, PhoneRecord
from harness.resources import resource_dir

#: Serial numbers that are none, though makers ship them.
_NO_SERIAL = frozenset({"", "unknown", "0123456789ABCDEF", "0123456789", "1234567890", "00000000", "null"})
_EMULATOR_HARDWARE = ("goldfish", "ranchu", "cutf", "vsoc")


@dataclass(frozen=True)
class BatteryState:
    """The battery as the framework shows it. charging: why it counts as charging, None on battery.

    plugged: what powers the phone (usb, ac, wireless, dock), None where it does not say. status: charging, discharging,
    not charging or full, in Android's word.
    """

    level_pct: float | None
    temperature_c: float | None
    charging: str | None
    faked: bool
    plugged: tuple[str, ...] | None = None
    status: str | None = None


@dataclass(frozen=True)
class PhoneProbe:
    """What a phone said. `nodes` maps the name of a readable node to its path, `denied` names the others with why.

    standing: who holds it, None where nobody ever did.
    """

    record: PhoneRecord
    battery: BatteryState
    nodes: dict[str, str] = field(default_factory=dict)
    denied: dict[str, str] = field(default_factory=dict)
    free_kb: int | None = None
    mem_available_kb: int | None = None
    boot_id: str | None = None
    uptime_s: float | None = None
    thermal_service: bool = False
    thermal_override: bool = False
    boot_completed: bool = True
    standing: Standing | None = None
    condition: Condition = field(default_factory=Condition)


def probe_phone(phone: Phone, *, timeout_s: float = 60.0) -> PhoneProbe:
    """Ask a phone what it is; raises what `run_sections` does."""
    sections = run_sections(phone, "probe.sh", timeout_s=timeout_s)
    # The phone said its time a moment ago, which is nothing against the minutes that its clock may be off.
    return read_probe(sections, phone.serial, host_epoch_s=time.time())


def run_sections(phone: Phone, script: str, *, timeout_s: float = 60.0) -> dict[str, str]:
    """Run one of device_scripts/ on the phone and give what it prints by section; only the script stays there.

    Raises:
        PhoneTransientError: the phone does not answer, or stopped in the middle.
        PhoneError: the script cannot be placed there.
    """
    pushed = phone.push(resource_dir("device_scripts") / script)
    sections = split_sections(phone.shell(f"sh {device_path(pushed.path)}", timeout_s=timeout_s).stdout)
    if "end" not in sections:
        raise PhoneTransientError("the phone stopped answering in the middle", serial=phone.serial)
    return sections


def split_sections(text: str) -> dict[str, str]:
    """Sections of probe.sh's output by name."""
    found: dict[str, str] = {}
    name = None
    for line in text.splitlines():
        if line.startswith("=== "):
            name = line[4:].strip()
            found[name] = ""
        elif name is not None:
            found[name] += line + "\n"
    return found


def read_probe(sections: dict[str, str], serial: str, *, host_epoch_s: float | None = None) -> PhoneProbe:
    """Make a probe of sections. Pure; what a section does not say is None, with a reason in the record.

    Args:
        serial: adb's address.
        host_epoch_s: this computer's seconds since 1970 when the phone was asked, to hold its clock against.
    """
    said = getprop(sections.get("getprop", ""))
    memory = proc_meminfo(sections.get("meminfo", ""))
    clusters = cpufreq(sections.get("cpufreq", ""))["clusters"]
    state = battery(sections.get("battery", ""))
    heat = thermal(sections.get("thermal", ""))
    nodes, denied = {}, {}
    for line in sections.get("nodes", "").splitlines():
        words = line.split(None, 3)
        if len(words) >= 3 and words[2] == "ok":
            nodes[words[0]] = words[1]
        elif len(words) >= 3:
            denied[words[0]] = words[2]
    boot_id = re.search(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", sections.get("boot", ""), re.MULTILINE)
    uptime = re.search(r"^([0-9]+\.[0-9]+) [0-9]+\.[0-9]+$", sections.get("boot", ""), re.MULTILINE)
    rows = df(sections.get("df", ""))["rows"]
    record = _record(said, memory, clusters, gles(sections.get("gles", ""))["renderer"], serial)
    return PhoneProbe(
        record=record,
        battery=BatteryState(
            level_pct=None if state["level_pct"] is None else float(state["level_pct"]),
            temperature_c=state["temperature_c"],
            charging=charging_reason(sections.get("battery", "")),
            faked=state["updates_stopped"],
            plugged=None if state["plugged"] is None else tuple(state["plugged"]),
            status=(state["status"] or {}).get("meaning"),
        ),
        nodes=nodes,
        denied=denied,
        free_kb=rows[-1]["available_kb"] if rows else None,
        mem_available_kb=memory["mem_available_kb"],
        boot_id=boot_id[0] if boot_id else None,
        uptime_s=float(uptime[1]) if uptime else None,
        thermal_service=bool(heat["current_c"] or heat["cached_c"]),
        thermal_override=heat["is_status_override"] is True,
        boot_completed=said["props"].get("sys.boot_completed", "1") == "1",
        standing=read_standing(sections.get("lease", "")),
        condition=read_condition(
            sections, said["props"], heat, sdk=record.sdk, cores=record.cores, host_epoch_s=host_epoch_s
        ),
    )


def _record(
    said: dict[str, Any], memory: dict[str, Any], clusters: list[dict[str, Any]], gpu: str | None, serial: str
) -> PhoneRecord:
    cores = sum(len(cluster["cpus"] or ()) for cluster in clusters)
    clocks = [cluster["max_khz"] for cluster in clusters if cluster["max_khz"]]
    total_kb = memory["mem_total_kb"]
    values = {
        "manufacturer": said["manufacturer"],
        "model": said["model"],
        "device": said["device"],
        "soc": said["soc_model"] or said["props"].get("ro.hardware.chipname") or said["board_platform"],
        "soc_manufacturer": said["soc_manufacturer"],
        "android": said["android_release"],
        "sdk": said["sdk"],
        "abi": said["abi"],
        "ram_mb": None if total_kb is None else round(total_kb / 1024, 1),
        "cores": cores or None,
        "max_khz": max(clocks, default=None),
        "clusters": tuple(
            CpuCluster(tuple(c["cpus"]), c["max_khz"], c.get("capacity")) for c in clusters if c["cpus"] is not None
        ),
        "performance_class": said["performance_class"] or None,
        "fingerprint": said["fingerprint"],
        "gpu": gpu,
    }
    # Names reach terminals and pages: no control characters.
    values = {n: "".join(c for c in v if c.isprintable()) if isinstance(v, str) else v for n, v in values.items()}
    reasons = {name: "the phone does not say" for name, value in values.items() if value is None}
    # Before Android 5 a phone names its one or two ABIs only.
    abis = said["abilist"] or [abi for abi in (said["abi"], said["abi2"]) if abi]
    return PhoneRecord(
        phone_id=serial if (said["serial"] or "").strip() in _NO_SERIAL else said["serial"].strip(),
        serial=serial,
        provenance=provenance(said["props"]),
        abilist=tuple(abis),
        reasons=reasons,
        **values,
    )


def provenance(props: dict[str, str]) -> str:
    """ "virtual" for the harness's own virtual phones, "emulator" for Android's, else "real"."""
    if props.get("ro.harness.virtual") == "1":
        return "virtual"
    hardware = props.get("ro.hardware", "")
    if (
        props.get("ro.kernel.qemu") == "1"
        or props.get("ro.boot.qemu") == "1"
        or hardware.startswith(_EMULATOR_HARDWARE)
    ):
        return "emulator"
    return "real"
