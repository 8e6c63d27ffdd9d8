"""Asks a phone once what it is, how it is, and what it lets one read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from harness.adb.phone import Phone
from harness.adb.quote import device_path
from harness.errors import PhoneTransientError
from harness.measure.around import battery_c, battery_fields, charging_reason
from harness.records import PhoneRecord
from harness.resources import resource_dir

#: Serial numbers that are none, though makers ship them.
_NO_SERIAL = frozenset({"", "unknown", "0123456789ABCDEF", "0123456789", "1234567890", "00000000", "null"})
_EMULATOR_HARDWARE = ("goldfish", "ranchu", "cutf", "vsoc")


@dataclass(frozen=True)
class BatteryState:
    """The battery as the framework shows it. charging: why it counts as charging, None on battery."""

    level_pct: float | None
    temperature_c: float | None
    charging: str | None
    faked: bool


@dataclass(frozen=True)
class PhoneProbe:
    """What a phone said. `nodes` maps the name of a readable node to its path, `denied` names the others with why."""

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


def probe_phone(phone: Phone, *, timeout_s: float = 60.0) -> PhoneProbe:
    """Ask a phone what it is; raises what `probe_sections` does."""
    return read_probe(probe_sections(phone, timeout_s=timeout_s), phone.serial)


def probe_sections(phone: Phone, *, timeout_s: float = 60.0) -> dict[str, str]:
    """Run device_scripts/probe.sh on the phone and give what it prints by section; only the script stays there.

    Raises:
        PhoneTransientError: the phone does not answer, or stopped in the middle.
        PhoneError: the script cannot be placed there.
    """
    script = phone.push(resource_dir("device_scripts") / "probe.sh")
    sections = split_sections(phone.shell(f"sh {device_path(script.path)}", timeout_s=timeout_s).stdout)
    if "end" not in sections:
        raise PhoneTransientError("the phone stopped answering while it was probed", serial=phone.serial)
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


def read_probe(sections: dict[str, str], serial: str) -> PhoneProbe:
    """Make a probe of sections. Pure; what a section does not say is None, with a reason in the record."""
    props = dict(re.findall(r"^\[(.*?)\]: \[(.*?)\]$", sections.get("getprop", ""), re.MULTILINE))
    memory = {k: int(v) for k, v in re.findall(r"^(\w+):\s+(\d+) kB$", sections.get("meminfo", ""), re.MULTILINE)}
    policies = re.findall(r"^policy\d+ max=(\d*) cap=\d* cpus=([\d ]*)$", sections.get("cpufreq", ""), re.MULTILINE)
    battery = sections.get("battery", "")
    nodes, denied = {}, {}
    for line in sections.get("nodes", "").splitlines():
        words = line.split(None, 3)
        if len(words) >= 3 and words[2] == "ok":
            nodes[words[0]] = words[1]
        elif len(words) >= 3:
            denied[words[0]] = words[2]
    boot_id = re.search(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", sections.get("boot", ""), re.MULTILINE)
    uptime = re.search(r"^([0-9]+\.[0-9]+) [0-9]+\.[0-9]+$", sections.get("boot", ""), re.MULTILINE)
    df = re.findall(r"\s(\d+)\s+(\d+)\s+(\d+)\s+\d+%", sections.get("df", ""))
    level = battery_fields(battery).get("level", "")
    return PhoneProbe(
        record=_record(props, memory, policies, sections.get("gles", ""), serial),
        battery=BatteryState(
            level_pct=float(level) if level.isdecimal() else None,
            temperature_c=battery_c(battery),
            charging=charging_reason(battery),
            faked="UPDATES STOPPED" in battery,
        ),
        nodes=nodes,
        denied=denied,
        free_kb=int(df[-1][2]) if df else None,
        mem_available_kb=memory.get("MemAvailable"),
        boot_id=boot_id[0] if boot_id else None,
        uptime_s=float(uptime[1]) if uptime else None,
        thermal_service="Temperature{" in sections.get("thermal", ""),
        thermal_override="IsStatusOverride: true" in sections.get("thermal", ""),
        boot_completed=props.get("sys.boot_completed", "1") == "1",
    )


def _record(
    props: dict[str, str], memory: dict[str, int], policies: list[tuple[str, str]], gles: str, serial: str
) -> PhoneRecord:
    soc = props.get("ro.soc.model") or props.get("ro.hardware.chipname") or props.get("ro.board.platform") or None
    serialno = props.get("ro.serialno", "").strip()
    gpu = re.search(r"GLES: [^,]*, ([^,]*),", gles)
    cores = sum(len(cpus.split()) for _, cpus in policies)
    clocks = [int(khz) for khz, _ in policies if khz]
    sdk = props.get("ro.build.version.sdk", "")
    level = props.get("ro.odm.build.media_performance_class", "")
    values = {
        "manufacturer": props.get("ro.product.manufacturer") or None,
        "model": props.get("ro.product.model") or None,
        "device": props.get("ro.product.device") or None,
        "soc": soc,
        "soc_manufacturer": props.get("ro.soc.manufacturer") or None,
        "android": props.get("ro.build.version.release") or None,
        "sdk": int(sdk) if sdk.isdecimal() else None,
        "abi": props.get("ro.product.cpu.abi") or None,
        "ram_mb": round(memory["MemTotal"] / 1024, 1) if "MemTotal" in memory else None,
        "cores": cores or None,
        "max_khz": max(clocks, default=None),
        "performance_class": int(level) if level.isdecimal() and int(level) > 0 else None,
        "fingerprint": props.get("ro.build.fingerprint") or None,
        "gpu": gpu[1].strip() if gpu else None,
    }
    reasons = {name: "the phone does not say" for name, value in values.items() if value is None}
    abilist = tuple(a for a in props.get("ro.product.cpu.abilist", "").split(",") if a)
    return PhoneRecord(
        phone_id=serial if serialno in _NO_SERIAL else serialno,
        serial=serial,
        provenance=provenance(props),
        abilist=abilist or ((values["abi"],) if isinstance(values["abi"], str) else ()),
        reasons=reasons,
        **values,  # type: ignore[arg-type]
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
