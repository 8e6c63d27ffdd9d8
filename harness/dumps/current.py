"""The current of a battery: its unit and sign, as far as its size and the status settle them."""

from __future__ import annotations

from typing import Any

from harness.dumps.text import reading

#: 16 A is more than any phone draws or takes, so from here on the number counts microamperes.
_LEAST_UA = 16_000
#: A phone that answers draws or takes at least 50 mA; in microamperes this range would be 0.05 to 5 mA.
_PLAIN_MA = range(50, 5_001)
#: A nearly full battery takes so little that a small number may be either unit.
_NEARLY_FULL_PCT = 95


def current(printed: str | None, key: str, status: str | None, level_pct: float | None) -> dict[str, Any] | None:
    """A printed current as an object, None where no line shows one.

    Args:
        printed: the number as printed.
        key: the name of the line it stood on.
        status: "charging", "discharging" or another word of the same dump.
        level_pct: charge of the battery, for a nearly full one takes next to nothing.

    Keys: `value` (as printed, null for INT_MIN and the like, then with `reason`), `unit` ("uA", "mA", or null with
    `unit_reason`), `sign` (what the sign means here, null where it cannot be told), `key`.
    """
    if printed is None:
        return None
    value = reading(printed)
    if value is None:
        reason = "the phone gives no reading"
        return {"value": None, "reason": reason, "unit": None, "unit_reason": reason, "sign": None, "key": key}
    unit, why = _unit(abs(value), status, level_pct)
    found: dict[str, Any] = {"value": value, "unit": unit}
    if unit is None:
        found["unit_reason"] = why
    return {**found, "sign": _sign(value, status), "key": key}


def _unit(size: int, status: str | None, level_pct: float | None) -> tuple[str | None, str | None]:
    if size >= _LEAST_UA:
        return "uA", None
    if status not in ("charging", "discharging"):
        return None, "so small a number can be either unit while the battery neither charges nor discharges"
    if size not in _PLAIN_MA:
        return None, f"{size} can be milliamperes or microamperes"
    if status == "charging" and (level_pct is None or level_pct >= _NEARLY_FULL_PCT):
        return None, "a nearly full battery takes so little that the number can be either unit"
    return "mA", None


def _sign(value: int, status: str | None) -> str | None:
    if value == 0 or status not in ("charging", "discharging"):
        return None
    return f"{'positive' if value > 0 else 'negative'} while {status}"
