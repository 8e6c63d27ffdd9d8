"""/sys/class/power_supply/NAME/uevent. Pure."""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import current, lines, tenths, whole

_ROW = re.compile(r"^(?:\S*:)?POWER_SUPPLY_(?P<key>\w+)=(?P<value>.*?)\s*$")


def looks_like(text: str) -> bool:
    """One such line."""
    return "POWER_SUPPLY_" in text


def parse(text: str, name: str = "") -> dict[str, Any]:
    """Keys: name, level_pct, status, health, technology, online, voltage_uv, temperature_c, current_now, current_avg,
    charge_counter_uah, cycle_count.

    Volts are told apart by their size alone; a current's unit by its size only where that settles it.
    """
    rows: dict[str, str] = {}
    for line in lines(text):
        if row := _ROW.match(line):
            rows.setdefault(row["key"], row["value"])
    status = rows.get("STATUS")
    word = (status or "").lower()
    # Samsung's driver, which names a charge-control limit, shows its current in mA beside µV.
    milli = "CHARGE_CONTROL_LIMIT" in rows or "BATT_CURRENT_UA_NOW" in rows
    online = whole(rows.get("ONLINE"))
    return {
        "name": rows.get("NAME") or None,
        "level_pct": whole(rows.get("CAPACITY")),
        "status": status or None,
        "health": rows.get("HEALTH") or None,
        "technology": rows.get("TECHNOLOGY") or None,
        "online": None if online is None else online > 0,
        "voltage_uv": _microvolt(whole(rows.get("VOLTAGE_NOW"))),
        "temperature_c": tenths(rows.get("TEMP")),
        "current_now": current(whole(rows.get("CURRENT_NOW")), "CURRENT_NOW", milliampere=milli, status=word),
        "current_avg": current(whole(rows.get("CURRENT_AVG")), "CURRENT_AVG", milliampere=milli, status=word),
        "charge_counter_uah": whole(rows.get("CHARGE_COUNTER")),
        "cycle_count": whole(rows.get("CYCLE_COUNT")),
    }


def _microvolt(value: int | None) -> int | None:
    if value is None or value <= 0:
        return value
    return value * 1000 if 1000 <= value < 100_000 else value
