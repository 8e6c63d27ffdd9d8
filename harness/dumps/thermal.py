"""`dumpsys thermalservice`, Android 10 and later. Pure.

Types differ between makers (Samsung's are shifted against AOSP's), so sensors go by their names. Temperatures stand as
printed; NaN is None.
"""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import real, whole

_FROM_HAL = re.compile(r"^\s*Current temperatures from HAL:", re.MULTILINE)
_CACHED = re.compile(r"^\s*Cached temperatures:", re.MULTILINE)
_NEXT = re.compile(r"^\S[^\n]*:", re.MULTILINE)
_SENSOR = re.compile(r"Temperature\{mValue=(?P<value>[^,]*), mType=(?P<type>-?\d+), mName=(?P<name>[^,}]*)")
#: The first releases of Android 10.
_OLD_SENSOR = re.compile(r"Name: (?P<name>[^,\n]*), Type: (?P<type>-?\d+), Status: -?\d+, Value: (?P<value>\S+)")
_COOLING = re.compile(r"CoolingDevice\{mValue=(?P<value>-?\d+), mType=-?\d+, mName=(?P<name>[^,}]*)")
_OLD_COOLING = re.compile(r"Name: (?P<name>[^,\n]*), Type: -?\d+, Value: (?P<value>-?\d+)")
_THRESHOLD = re.compile(
    r"TemperatureThreshold\{mType=-?\d+, mName=(?P<name>[^,}]*), mHotThrottlingThresholds=\[(?P<hot>[^\]]*)\]"
)
_AOSP_SKIN = 3


def looks_like(text: str) -> bool:
    """Lines that only this service prints."""
    return bool(
        re.search(r"IsStatusOverride:|^\s*Thermal Status:|(?:Temperature|CoolingDevice)\{m", text, re.MULTILINE)
    )


def parse(text: str, name: str = "") -> dict[str, Any]:
    """Keys: thermal_status (0 to 6), is_status_override, hal_ready, current_c by sensor (from the HAL where it says,
    else as cached), cooling by device, skin_sensor {name, mType, value_c}, thresholds_c by sensor (NaN: None).
    """
    status = re.search(r"^\s*Thermal Status: (\d+)", text, re.MULTILINE)
    part = _section(text, _FROM_HAL)
    sensors = _sensors(part) or _sensors(_section(text, _CACHED)) or _sensors(text)
    cooling = list(_COOLING.finditer(text)) or list(
        _OLD_COOLING.finditer(_section(text, re.compile("cooling devices")))
    )
    values: dict[str, float | None] = {}
    for sensor in sensors:
        values.setdefault(sensor["name"], real(sensor["value"]))
    devices: dict[str, int] = {}
    for device in cooling:
        devices.setdefault(device["name"], int(device["value"]))
    return {
        "thermal_status": int(status[1]) if status else None,
        "is_status_override": _flag(text, "IsStatusOverride"),
        "hal_ready": _flag(text, "HAL Ready"),
        "current_c": values,
        "cooling": devices,
        "skin_sensor": _skin(sensors),
        "thresholds_c": {t["name"]: [real(v) for v in t["hot"].split(",")] for t in _THRESHOLD.finditer(text)},
    }


def _section(text: str, heading: re.Pattern[str]) -> str:
    start = heading.search(text)
    if start is None:
        return ""
    end = _NEXT.search(text, start.end())
    return text[start.end() : end.start() if end else len(text)]


def _sensors(text: str) -> list[re.Match[str]]:
    return list(_SENSOR.finditer(text)) or list(_OLD_SENSOR.finditer(text))


def _flag(text: str, key: str) -> bool | None:
    found = re.search(rf"^\s*{key}: (true|false)", text, re.MULTILINE)
    return None if found is None else found[1] == "true"


def _skin(sensors: list[re.Match[str]]) -> dict[str, Any] | None:
    """By name; of several, those of AOSP's type first and then the plainest name; by type where no name says skin."""
    named = [s for s in sensors if "skin" in s["name"].lower()]
    typed = [s for s in named or sensors if int(s["type"]) == _AOSP_SKIN and "batt" not in s["name"].lower()]
    choice = min(typed or named, key=lambda s: len(s["name"]), default=None)
    if choice is None:
        return None
    return {"name": choice["name"], "mType": whole(choice["type"]), "value_c": real(choice["value"])}
