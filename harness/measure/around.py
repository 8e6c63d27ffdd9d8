"""What the dumps before and after a session say: heat, charging, load. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from harness.dumps.battery import battery
from harness.dumps.thermal import thermal
from harness.measure.sampler import SamplerLog
from harness.records import ThermalRecord

#: How a charger is called in a reason, the likeliest first.
_SOURCES = {"usb": "over USB", "ac": "from a charger", "wireless": "wirelessly", "dock": "in a dock"}
_DISCHARGING = 3
#: Charging, full or kept from charging: something feeds the phone.
_POWERED = (2, 4, 5)
#: Ticks of 10 ms over all cores.
_LEAST_TICKS = 20


def battery_c(text: str) -> float | None:
    """Battery temperature, degrees Celsius."""
    celsius: float | None = battery(text)["temperature_c"]
    return celsius


def charging_reason(*dumps: str) -> str | None:
    """Why the battery's current says nothing of the load; None where every dump shows the phone on its battery."""
    for said in map(battery, dumps):
        if said["updates_stopped"]:
            return "the battery service shows values set by hand"
        for source, words in _SOURCES.items():
            if source in (said["plugged"] or ()):
                return f"charging {words}"
        if (said["status"] or {}).get("code") != _DISCHARGING:
            return "the battery is not said to discharge"
    return None


def supply_online(log: SamplerLog | None) -> str | None:
    """Why the phone counts as charging, from what was sampled of its supplies; None where none was on at any tick.

    `dumpsys battery` may be a minute old, so a charger that came for a moment shows only here.
    """
    for name, values in sorted((log.columns if log else {}).items()):
        if name.endswith(".online") and any(v is not None and v > 0 for v in values):
            return f"charging from {name.removesuffix('.online')}"
        if name.endswith(".status") and any(v in _POWERED for v in values):
            return f"charging: {name.removesuffix('.status')} said so while it ran"
    return None


def busy_share(text: str) -> float | None:
    """Share of all cores that was busy, from "TOTAL IDLE" ticks that passed; None from too few ticks."""
    words = text.split()
    if len(words) != 2 or not all(w.isdecimal() for w in words) or int(words[0]) < _LEAST_TICKS:
        return None
    total, idle = int(words[0]), int(words[1])
    return max(0.0, 1.0 - idle / total)


def thermal_record(before: Mapping[str, str], after: Mapping[str, str], log: SamplerLog | None) -> ThermalRecord:
    """Heat around a session from its dumps; `before` and `after` map file names to their text."""
    skin_before, status_before = _service(before.get("thermal", ""))
    skin_after, status_after = _service(after.get("thermal", ""))
    zones = [v for name, values in (log.columns if log else {}).items() if name.startswith("zone.") for v in values]
    celsius = [c for c in (_zone_c(v) for v in zones if v is not None) if c is not None]
    return ThermalRecord(
        battery_before_c=battery_c(before.get("battery", "")),
        battery_after_c=battery_c(after.get("battery", "")),
        skin_before_c=skin_before,
        skin_after_c=skin_after,
        max_c=max(celsius, default=None),
        status_before=status_before,
        status_after=status_after,
        reason=None if skin_before is not None else "this phone has no thermal service for the shell user",
    )


def _service(text: str) -> tuple[float | None, int | None]:
    said = thermal(text)
    celsius = (said["skin_sensor"] or {}).get("value_c")
    # A status without thresholds never moves on some makers' phones, so it says nothing there.
    status = said["thermal_status"] if said["thresholds"] else None
    # -99.9 and the like stand for no reading.
    return (celsius if celsius is not None and -40 < celsius < 150 else None), status


def _zone_c(value: float) -> float | None:
    for scale in (1000.0, 10.0, 1.0):
        if 5 <= value / scale < 150:
            return value / scale
    return None
