"""`dumpsys thermalservice` (Android 10 to 17), and `dumpsys hardware_properties` (Android 7 on), which says less.

Keys: `thermal_status` (0 none to 6 shutdown), `is_status_override`, `hal_ready`, `current_c` (degrees by sensor, from
the HAL), `cached_c` (the service's own, maybe old), `cooling` (by device), `skin_sensor` {name, mType, value_c},
`thresholds` (number of sensors that have static ones; without any, the status is dead on some makers' phones). A
number is given as printed, so that -99.9 ("no reading") stays; NaN is null. The same name twice: the first holds.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from harness.dumps.text import decimal, lines_of, whole

_FIELD = re.compile(r"\b(mValue|mType|mName|mStatus)=([^,}]*)")
_FIRST_FORM = re.compile(r"^\s*Name: (.*?), Type: (-?[0-9]+)(?:, Status: -?[0-9]+)?, Value: (\S+)")
_PROPERTIES = re.compile(r"^\s*(CPU|GPU|Battery|Skin) temperatures: \[(.*)\]")
_CACHED = "Cached temperatures"
_FROM_HAL = "Current temperatures from HAL"
_COOLING = "cooling devices"
_SKIN_TYPE = 3


class Sensor(NamedTuple):
    """One temperature as printed; None where it is no number."""

    name: str
    kind: int | None
    celsius: float | None

    @property
    def plausible(self) -> bool:
        """Whether it can be a phone's temperature: -99.9 and 1000 stand for no reading."""
        return self.celsius is not None and -40 < self.celsius < 150


def thermal(text: str) -> dict[str, Any]:
    """Read `dumpsys thermalservice`."""
    section, status, override, ready, thresholds = "", None, None, None, 0
    sensors: dict[str, list[Sensor]] = {_CACHED: [], _FROM_HAL: []}
    cooling: dict[str, int | None] = {}
    for line in lines_of(text):
        stripped = line.strip()
        key, _, value = (part.strip() for part in stripped.partition(":"))
        if stripped.startswith("TemperatureThreshold{"):
            thresholds += 1
        elif stripped.startswith("CoolingDevice{"):
            fields = dict(_FIELD.findall(stripped))
            cooling.setdefault(fields.get("mName", ""), whole(fields.get("mValue")))
        elif found := _sensors(stripped):
            if _COOLING in section:
                cooling.setdefault(found[0].name, int(found[0].celsius) if found[0].celsius is not None else None)
            else:
                sensors[_CACHED if section.startswith(_CACHED) else _FROM_HAL] += found
        elif key == "Thermal Status":
            status = whole(value)
        elif key == "IsStatusOverride":
            override = {"true": True, "false": False}.get(value)
        elif key == "HAL Ready":
            ready = {"true": True, "false": False}.get(value)
        elif stripped.endswith(":"):
            section = stripped
    # What the service has kept may be old, so it counts only where the HAL is not asked at all.
    skin = _skin(sensors[_FROM_HAL] if _FROM_HAL in text or sensors[_FROM_HAL] else sensors[_CACHED])
    nothing = status is None and not any(sensors.values())
    return {
        "thermal_status": status,
        "is_status_override": override,
        "hal_ready": ready,
        "current_c": _by_name(sensors[_FROM_HAL]),
        "cached_c": _by_name(sensors[_CACHED]),
        "cooling": cooling,
        "skin_sensor": {"name": skin.name, "mType": skin.kind, "value_c": skin.celsius} if skin else None,
        "thresholds": thresholds,
        **({"reason": text.strip()[:200] or "the service printed nothing"} if nothing else {}),
    }


def _sensors(line: str) -> list[Sensor]:
    if line.startswith("Temperature{"):
        fields = dict(_FIELD.findall(line))
        return [Sensor(fields.get("mName", ""), whole(fields.get("mType")), decimal(fields.get("mValue")))]
    if first := _FIRST_FORM.match(line):
        return [Sensor(first[1], whole(first[2]), decimal(first[3]))]
    if several := _PROPERTIES.match(line):
        values = [v for v in several[2].split(",") if v.strip()]
        names = [several[1]] if len(values) == 1 else [f"{several[1]}{i}" for i in range(len(values))]
        return [Sensor(name, None, decimal(value)) for name, value in zip(names, values, strict=True)]
    return []


def _by_name(sensors: list[Sensor]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for sensor in sensors:
        found.setdefault(sensor.name, sensor.celsius)
    return found


def _skin(sensors: list[Sensor]) -> Sensor | None:
    # By name before type: Samsung's numbers are shifted, so that 3 is the battery there.
    named = [s for s in sensors if "skin" in s.name.lower()]
    # Of several, as on Pixels, the plainest name is the sensor that throttling follows.
    named.sort(key=lambda s: (s.kind != _SKIN_TYPE, len(s.name)))
    typed = [s for s in sensors if s.kind == _SKIN_TYPE and "batt" not in s.name.lower()]
    candidates = named + typed
    return next((s for s in candidates if s.plausible), candidates[0] if candidates else None)
