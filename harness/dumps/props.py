"""`getprop` and build.prop files, Android 4 to 17: properties, and what they say of the phone.

Keys of both: `props` (by name), `count`, and `model`, `brand`, `manufacturer`, `device`, `android_release`, `sdk`,
`abi`, `abi2`, `abilist` (list; absent before Android 5), `board_platform`, `soc_model`, `soc_manufacturer` (Android
12 on), `hardware`, `security_patch`, `fingerprint`, `performance_class`, `serial`. An empty or non-numeric value is
null. Since Android 10 a build.prop of one partition names the phone under `ro.product.PARTITION.*` only.
"""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines_of, whole

_LINE = re.compile(r"^\[([^\]]*)\]: \[(.*)$")
#: The framework's own order where ro.product.* is not set (ro.product.property_source_order).
_PARTITIONS = ("product", "odm", "vendor", "system_ext", "system")
_BUILD_PARTITIONS = ("system", "product", "system_ext")
#: From this SDK on init reads a file as a whole, so that of a read-only property set twice the last line holds.
_LAST_HOLDS_SDK = 29


def getprop(text: str) -> dict[str, Any]:
    """Read the output of `getprop`; a value may span lines."""
    entries: list[tuple[str, list[str]]] = []
    for line in lines_of(text):
        if start := _LINE.match(line.strip()):
            entries.append((start[1], [start[2]]))
        elif entries:
            entries[-1][1].append(line)
    props = {}
    for name, parts in entries:
        # What is cut before its closing bracket is no value.
        while parts and not parts[-1].rstrip().endswith("]"):
            parts.pop()
        if parts:
            props[name] = "\n".join(parts).rstrip()[:-1]
    return _described(props)


def build_prop(text: str) -> dict[str, Any]:
    """Read a build.prop file."""
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    for line in lines_of(text):
        key, found, value = (part.strip() for part in line.partition("="))
        if found and re.fullmatch(r"[\w.\-@:]+", key):
            first.setdefault(key, value)
            last[key] = value
    sdk = whole(last.get("ro.build.version.sdk")) or whole(last.get("ro.system.build.version.sdk")) or 0
    ro = last if sdk >= _LAST_HOLDS_SDK else first
    return _described({key: ro[key] if key.startswith("ro.") else value for key, value in last.items()})


def _described(props: dict[str, str]) -> dict[str, Any]:
    def said(*names: str) -> str | None:
        values = (props.get(name, "").strip() for name in names)
        return next((v for v in values if v and v.lower() != "unknown"), None)

    def product(name: str) -> str | None:
        return said(f"ro.product.{name}", *(f"ro.product.{p}.{name}" for p in _PARTITIONS))

    def build(name: str) -> str | None:
        return said(f"ro.build.{name}", *(f"ro.{p}.build.{name}" for p in _BUILD_PARTITIONS))

    abilist = said("ro.product.cpu.abilist", "ro.system.product.cpu.abilist", "ro.vendor.product.cpu.abilist")
    return {
        "props": props,
        "count": len(props),
        "model": product("model"),
        "brand": product("brand"),
        "manufacturer": product("manufacturer"),
        "device": product("device"),
        "android_release": build("version.release"),
        "sdk": whole(build("version.sdk")),
        "abi": said("ro.product.cpu.abi"),
        "abi2": said("ro.product.cpu.abi2"),
        "abilist": [a.strip() for a in abilist.split(",") if a.strip()] if abilist else None,
        "board_platform": said("ro.board.platform"),
        "soc_model": said("ro.soc.model"),
        "soc_manufacturer": said("ro.soc.manufacturer"),
        "hardware": said("ro.hardware", "ro.boot.hardware"),
        "security_patch": build("version.security_patch"),
        "fingerprint": said("ro.build.fingerprint", "ro.vendor.build.fingerprint", "ro.system.build.fingerprint"),
        "performance_class": whole(said("ro.odm.build.media_performance_class")),
        "serial": said("ro.serialno", "ro.boot.serialno"),
    }
