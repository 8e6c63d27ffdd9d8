"""`dumpsys battery`, Android 4 to 17. Makers add lines, sections and repetitions; those are passed over. Pure."""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import current, fields, tenths, whole

STATUS = {1: "unknown", 2: "charging", 3: "discharging", 4: "not charging", 5: "full"}
_SUPPLIES = ("AC", "USB", "Wireless", "Dock")
_FAKE = "UPDATES STOPPED"
_CURRENT = ("current now", "current_now", "Current now", "current", "BatteryCurrent", "batteryCurrent")


def looks_like(text: str) -> bool:
    """Its heading, or the two lines that every one has."""
    return "Current Battery Service state" in text or bool(
        re.search(r"^\s+level: \d+", text, re.MULTILINE)
        and re.search(r"^\s+(?:scale|voltage): \d+", text, re.MULTILINE)
    )


def parse(text: str, name: str = "") -> dict[str, Any]:
    """Keys: level_pct, scale, status {code, meaning}, health (Android's code), present, plugged (list of ac, usb,
    wireless, dock), voltage_mv, temperature_c, technology, charge_counter_uah, current_now, max_charging_current_ua,
    max_charging_voltage_uv, rated_cycle_usage_raw (Samsung's), updates_stopped (values set by hand).
    """
    found = fields(text)
    level, scale = whole(found.get("level")), whole(found.get("scale"))
    code = whole(found.get("status"))
    voltage = whole(found.get("voltage"))
    key = next((k for k in _CURRENT if whole(found.get(k)) is not None), None)
    usage = re.search(r"mSavedBatteryUsage: \[(\d+)\]", text)
    return {
        "level_pct": level if level is None or not scale or scale == 100 else 100 * level / scale,
        "scale": scale,
        "status": None if code is None else {"code": code, "meaning": STATUS.get(code, "unknown")},
        "health": whole(found.get("health")),
        "present": {"true": True, "false": False}.get(found.get("present", "")),
        "plugged": [s.lower() for s in _SUPPLIES if found.get(f"{s} powered") == "true"],
        "voltage_mv": _millivolt(voltage),
        "temperature_c": tenths(found.get("temperature")),
        "technology": found.get("technology") or None,
        "charge_counter_uah": whole(found.get("Charge counter") or found.get("charge counter")),
        "current_now": current(
            whole(found.get(key or "")), key or "", milliampere=key == "current now", status=STATUS.get(code or 0)
        ),
        "max_charging_current_ua": whole(found.get("Max charging current")),
        "max_charging_voltage_uv": whole(found.get("Max charging voltage")),
        "rated_cycle_usage_raw": int(usage[1]) if usage else None,
        "updates_stopped": _FAKE in text,
    }


def _millivolt(value: int | None) -> int | None:
    # Some makers print µV, and some volts.
    if value is None or value <= 0:
        return None
    return value // 1000 if value >= 1_000_000 else value * 1000 if value < 10 else value
