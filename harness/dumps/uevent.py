"""`/sys/class/power_supply/*/uevent`: everything that one supply's driver says, battery or charger.

Keys: `name`, `type`, `level_pct`, `status` (the driver's word), `health`, `present`, `online`, `technology`,
`voltage_uv`, `voltage_max_uv`, `temperature_c`, `current_now` and `current_avg` (see `current`), `current_max_ua`,
`charge_counter_uah`, `charge_full_uah`, `charge_full_design_uah`, `cycle_count`. The kernel's units are uV, uA, uAh
and 0.1 degrees; makers that print a voltage in mV are told by its size, and a current says its unit only where its
size settles it.
"""

from __future__ import annotations

from typing import Any

from harness.dumps.current import current
from harness.dumps.text import lines_of, reading

_PREFIX = "POWER_SUPPLY_"


def uevent(text: str) -> dict[str, Any]:
    """Read the uevent file of a power supply."""
    values = _values(text)
    status = values.get("STATUS") or None
    level = reading(values.get("CAPACITY"))
    temperature = reading(values.get("TEMP"))

    def ampere(name: str) -> dict[str, Any] | None:
        word = status.lower() if status else None
        return current(values[name], _PREFIX + name, word, level) if values.get(name) else None

    return {
        "name": values.get("NAME") or None,
        "type": values.get("TYPE") or None,
        "level_pct": level,
        "status": status,
        "health": values.get("HEALTH") or None,
        "present": reading(values.get("PRESENT")),
        "online": reading(values.get("ONLINE")),
        "technology": values.get("TECHNOLOGY") or None,
        "voltage_uv": _microvolts(reading(values.get("VOLTAGE_NOW"))),
        "voltage_max_uv": _microvolts(reading(values.get("VOLTAGE_MAX"))),
        "temperature_c": None if temperature is None else temperature / 10,
        "current_now": ampere("CURRENT_NOW"),
        "current_avg": ampere("CURRENT_AVG"),
        "current_max_ua": reading(values.get("CURRENT_MAX")),
        "charge_counter_uah": reading(values.get("CHARGE_COUNTER")),
        "charge_full_uah": reading(values.get("CHARGE_FULL")),
        "charge_full_design_uah": reading(values.get("CHARGE_FULL_DESIGN")),
        "cycle_count": reading(values.get("CYCLE_COUNT")),
    }


def _values(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines_of(text):
        # grep puts the path before each line.
        key, seen, value = line.partition("=")
        name = key.rpartition(":")[2].strip()
        if not seen or not name.startswith(_PREFIX):
            continue
        if name == f"{_PREFIX}NAME" and "NAME" in found:
            # Another supply begins.
            break
        found.setdefault(name.removeprefix(_PREFIX), value.strip())
    return found


def _microvolts(printed: int | None) -> int | None:
    # No supply of a phone gives between 1 and 30 millivolts.
    return printed * 1000 if printed is not None and 1000 <= printed <= 30_000 else printed
