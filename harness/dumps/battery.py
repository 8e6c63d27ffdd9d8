"""`dumpsys battery`, Android 4 to 17: the framework's cached view of the battery.

Keys: `level_pct`, `scale`, `status` {code, meaning}, `health` (code), `present`, `voltage_mv`, `temperature_c`,
`plugged` (list of ac, usb, wireless, dock), `charge_counter_uah` (Android 7 on), `max_charging_current_ua` and
`max_charging_voltage_uv` (Android 6 on), `current_now` (makers' line, see `current`), `technology`,
`rated_cycle_usage_raw` (Samsung's mSavedBatteryUsage), `updates_stopped` (values were set by hand). Makers add lines,
event logs and second spellings of the same thing: only whole lines of known names count.
"""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.current import current
from harness.dumps.text import pairs, reading, whole

_STATUS = {1: "unknown", 2: "charging", 3: "discharging", 4: "not charging", 5: "full"}
_SOURCES = ("AC", "USB", "Wireless", "Dock")
_CURRENT_NOW = ("current now", "current_now", "battery current", "currentnow")
_FAKE = "UPDATES STOPPED"


def battery(text: str) -> dict[str, Any]:
    """Read `dumpsys battery`."""
    fields = pairs(text, ":")
    status = whole(fields.get("status"))
    level, scale = whole(fields.get("level")), whole(fields.get("scale"))
    if level is not None and scale and scale > 0 and scale != 100:
        level = round(100 * level / scale)
    voltage = reading(fields.get("voltage"))
    millivolts = _millivolts(voltage)
    meaning = _STATUS.get(status) if status is not None else None
    printed = next((k for k in fields if k.lower() in _CURRENT_NOW), None)
    temperature = reading(fields.get("temperature"))
    usage = re.search(r"mSavedBatteryUsage: ?\[([0-9]{1,18})\]", text)
    return {
        "level_pct": level,
        "scale": scale,
        "status": None if status is None else {"code": status, "meaning": meaning},
        "health": whole(fields.get("health")),
        "present": {"true": True, "false": False}.get(fields.get("present", "")),
        "voltage_mv": millivolts,
        **({"voltage_mv_reason": f"{voltage} is too coarse"} if millivolts is None and voltage is not None else {}),
        "temperature_c": None if temperature is None else temperature / 10,
        "plugged": _plugged(fields),
        "charge_counter_uah": reading(fields.get("Charge counter", fields.get("charge counter"))),
        "max_charging_current_ua": reading(fields.get("Max charging current")),
        "max_charging_voltage_uv": reading(fields.get("Max charging voltage")),
        "current_now": current(fields[printed], printed, meaning, level) if printed else None,
        "technology": fields.get("technology") or None,
        "rated_cycle_usage_raw": int(usage[1]) if usage else None,
        "updates_stopped": _FAKE in text,
    }


def _plugged(fields: dict[str, str]) -> list[str] | None:
    said = [s for s in _SOURCES if f"{s} powered" in fields]
    if not said and "plugged" in fields:
        # Android before 4.2 prints BatteryManager's mask.
        mask = whole(fields["plugged"]) or 0
        return [s.lower() for bit, s in ((1, "AC"), (2, "USB"), (4, "Wireless"), (8, "Dock")) if mask & bit]
    return [s.lower() for s in said if fields[f"{s} powered"] == "true"] if said else None


def _millivolts(printed: int | None) -> float | int | None:
    # A few makers pass the driver's microvolts through, and a few whole volts, which say too little.
    if printed is None or 0 < printed < 100:
        return None
    return printed / 1000 if printed >= 100_000 else printed
