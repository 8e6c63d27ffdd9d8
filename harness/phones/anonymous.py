"""Takes out of what a phone printed whatever belongs to its owner or to this one unit. Pure.

Nothing is kept by default: each section has a pattern of the lines that say what a phone is, and properties go by a
list of names. What a maker adds, what an owner named, and every form of dump that is not known stays at home.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from harness.dumps.props import getprop

ANONYMOUS = "ANONYMOUS"
_PARTS = ("", "system.", "system_ext.", "product.", "vendor.", "odm.")
_KEPT = frozenset(
    {f"ro.product.{part}{key}" for part in _PARTS for key in ("brand", "device", "manufacturer", "model", "name")}
    | {f"ro.build.{key}" for key in ("id", "fingerprint", "type", "tags", "characteristics")}
    | {f"ro.build.version.{key}" for key in ("release", "sdk", "security_patch", "codename", "oneui")}
    | {f"ro.product.cpu.{key}" for key in ("abi", "abi2", "abilist", "abilist32", "abilist64")}
    | {"ro.product.board", "ro.product.first_api_level", "ro.soc.manufacturer", "ro.soc.model", "ro.board.platform"}
    | {"ro.hardware", "ro.hardware.chipname", "ro.hardware.egl", "ro.hardware.vulkan", "ro.boot.hardware", "ro.arch"}
    | {"ro.mediatek.platform", "ro.vendor.mediatek.platform", "ro.chipname", "ro.boot.qemu", "ro.kernel.qemu"}
    | {"ro.opengles.version", "ro.config.low_ram", "ro.debuggable", "ro.secure", "ro.adb.secure", "ro.treble.enabled"}
    | {"ro.zygote", "ro.sf.lcd_density", "ro.odm.build.media_performance_class", "sys.boot_completed"}
    | {"dalvik.vm.heapgrowthlimit", "dalvik.vm.heapsize", "persist.sys.test_harness"}
)
#: A build that somebody made carries his name; one of a maker ends so.
_RELEASED = ":user/release-keys"
_PLAIN = re.compile(r"[ -~]{0,160}")
_WORD = r"[\w.,+:()-]+"
_BATTERY = (
    "AC powered|USB powered|Wireless powered|Dock powered|Max charging current|Max charging voltage|Charge counter"
    "|status|health|present|level|scale|voltage|temperature|technology|current now|charge counter|Charging state"
    "|Charging policy|Capacity level"
)
_SUPPLY = "NAME|STATUS|HEALTH|PRESENT|ONLINE|TECHNOLOGY|TYPE|USB_TYPE|CHARGE_TYPE|CAPACITY(?:_LEVEL)?|CYCLE_COUNT"
#: Lines that are kept, by section; sections that are not named here are left out.
_LINES = {
    name: re.compile(pattern)
    for name, pattern in {
        "battery": rf"Current Battery Service state:|\s*\(UPDATES STOPPED.*\)|\s+(?:{_BATTERY}): ?[\w. -]{{0,20}}",
        "thermal": r"\s*(?:IsStatusOverride|HAL Ready|Thermal Status): \w+"
        r"|\s*(?:Temperature|CoolingDevice|TemperatureThreshold)\{[\w=,. \[\]+-]*\}"
        r"|\s*(?:Cached temperatures|HAL connection|Current temperatures from HAL|Current cooling devices from HAL):"
        r"|\s*Temperature \w+ thresholds from HAL:|\s*[\w. ]{1,40} connected: \w+"
        r"|\s*Name: [\w. -]+, Type: -?\d+.{0,60}",
        "gles": r"GLES: .{0,200}",
        "meminfo": r"\w+(?:\(\w+\))?:\s+\d+(?: kB)?",
        "df": rf"Filesystem .*|/?{_WORD}(?:/{_WORD})*\s+\d+\s+\d+\s+\d+\s+\d+% /{_WORD}(?:/{_WORD})*",
        "boot": r"[0-9.]+ [0-9.]+|[0-9a-f-]{36}",
        "cpufreq": r"policy\d+ max=\d* cap=\d* cpus=[\d ]*",
        "nodes": r"[\w.:-]+ /(?:sys|proc)/[\w./:,@+-]+ (?:ok|denied|absent)(?: -?[\w. ]{1,24})?",
        "cpuinfo": r"(?:processor|Processor|model name|BogoMIPS|Features|flags|CPU \w+|Hardware)\s*:.{0,300}|",
        "clocks": r"/sys/devices/system/cpu/[\w/]+:[\w ,.-]*",
        "supplies": rf"/sys/class/power_supply/[\w.-]+|/sys/class/power_supply/[\w.-]+/uevent:POWER_SUPPLY_(?:{_SUPPLY}"
        r"|(?:VOLTAGE|CURRENT|CHARGE|POWER|TEMP|ENERGY)\w*)=[\w. -]{0,24}",
        "zones": r"/sys/class/thermal/thermal_zone\d+/(?:type|temp):[\w. -]{0,40}",
        "features": r"feature:[\w.]+(?:=\w+)?",
        "user": r"uid=\d+\(shell\).{0,300}|/[\w-]*|Enforcing|Permissive",
        "opencl": r"/[\w./-]+\.so",
        "tools": r"[a-z0-9]{2,20}",
        "settings": r"writable|[\w .':=-]{0,60}(?:Exception|denied|refused)[\w .':=-]{0,120}",
        "exec": r"runs|[\w .':/-]{0,90}(?:denied|not executable|noexec)[\w .-]{0,40}",
        "load": r"[\d. ]+/\d+ \d+|cpu  [\d ]+",
        "adb_keys": r"null|\d{1,12}",
        "end": r"",
        "gauge_log": r"#v1 period=[\d.]+ boot_id=[0-9a-f-]*|#cols [\w. -]+|[SE] [\w. =-]+",
    }.items()
}
_NO_UUID = "00000000-0000-0000-0000-000000000000"
_NAMELESS = (
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), _NO_UUID),
    (re.compile(r"\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b", re.IGNORECASE), "00:00:00:00:00:00"),
    (re.compile(r"(?<![\d.])\d{14,20}(?![\d.])"), "0"),
    (re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])(?::\d+)?"), "0.0.0.0"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), ANONYMOUS),
)
#: Shorter numbers and words stand elsewhere too.
_SHORTEST = 6


def anonymous(sections: Mapping[str, str], serial: str) -> dict[str, str]:
    """Sections of probe.sh and look.sh, and `gauge_log`, as they may be shown to others.

    Args:
        serial: adb's address of the phone.
    """
    props = getprop(sections.get("getprop", ""))["props"]
    secrets = serials(serial, props)
    cleaned = {name: _without(_lines(name, text), secrets) for name, text in sections.items()}
    cleaned["getprop"] = _without(_properties(props), secrets)
    if "kernel" in sections:
        cleaned["kernel"] = _kernel(sections["kernel"])
    return {name: text for name, text in sorted(cleaned.items()) if text or name == "end"}


def serials(serial: str, props: Mapping[str, str]) -> set[str]:
    """What this one unit is called: by adb, over USB or with the addresses of Wi-Fi, and by itself."""
    named = {serial, serial.rpartition(":")[0], serial.removeprefix("adb-").partition("._adb")[0].rpartition("-")[0]}
    named |= {value for name, value in props.items() if name in ("ro.serialno", "ro.boot.serialno")}
    return {n for n in named if len(n) >= _SHORTEST and n.strip("0") and n.lower() != "unknown"}


def _properties(props: Mapping[str, str]) -> str:
    kept = {n: v for n, v in props.items() if n in _KEPT and _PLAIN.fullmatch(v)}
    if not kept.get("ro.build.fingerprint", "").endswith(_RELEASED):
        kept.pop("ro.build.fingerprint", None)
    kept["ro.serialno"] = ANONYMOUS
    return "".join(f"[{name}]: [{value}]\n" for name, value in sorted(kept.items()))


def _lines(name: str, text: str) -> str:
    pattern = _LINES.get(name)
    if pattern is None:
        return ""
    return "".join(f"{line}\n" for line in text.splitlines() if len(line) < 1000 and pattern.fullmatch(line.rstrip()))


def _kernel(text: str) -> str:
    """`uname -a` without the host name, and without who built it where and when."""
    words = text.split()
    machine = next((w for w in reversed(words) if re.fullmatch(r"(?:aarch64|armv\w+|x86_64|i686)", w)), "")
    return f"Linux localhost {words[2]} {machine}\n" if len(words) > 2 and _PLAIN.fullmatch(words[2]) else ""


def _without(text: str, secrets: Iterable[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        # Whole words only: a number may hold a short one's digits.
        text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(secret)}(?![A-Za-z0-9])", ANONYMOUS, text, flags=re.IGNORECASE)
    for pattern, word in _NAMELESS:
        text = pattern.sub(word, text)
    return text
