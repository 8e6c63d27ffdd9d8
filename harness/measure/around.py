"""What the dumps before and after a session say: heat, clocks, charging. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness.measure.sampler import SamplerLog
from harness.records import FrequencyRecord, ThermalRecord

_SKIN = re.compile(r"Temperature\{mValue=([-\d.]+), mType=3,")
_STATUS = re.compile(r"Thermal Status: (\d)")
_FROM_HAL = "Current temperatures from HAL:"
_FAKE = "UPDATES STOPPED"


def battery_fields(text: str) -> dict[str, str]:
    """`dumpsys battery` as its own keys; makers add lines, so nothing is assumed of their number."""
    return {
        key.strip(): value.strip() for key, found, value in (line.partition(":") for line in text.splitlines()) if found
    }


def battery_c(text: str) -> float | None:
    """Battery temperature, degrees Celsius."""
    value = battery_fields(text).get("temperature", "")
    return int(value) / 10 if re.fullmatch(r"-?\d+", value) else None


def charging_reason(*dumps: str) -> str | None:
    """Why the battery's current says nothing of the load; None where every dump shows the phone on its battery."""
    for text in dumps:
        fields = battery_fields(text)
        if _FAKE in text:
            return "the battery service shows values set by hand"
        for source, name in (
            ("USB", "over USB"),
            ("AC", "from a charger"),
            ("Wireless", "wirelessly"),
            ("Dock", "in a dock"),
        ):
            if fields.get(f"{source} powered") == "true":
                return f"charging {name}"
        if fields.get("status") != "3":
            return "the battery is not said to discharge"
    return None


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
    current = text.partition(_FROM_HAL)[2] or text
    skin, status = _SKIN.search(current), _STATUS.search(text)
    # A status without thresholds never moves on some makers' phones, so it says nothing there.
    alive = "TemperatureThreshold{" in text
    return (float(skin[1]) if skin else None), (int(status[1]) if status and alive else None)


def _zone_c(value: float) -> float | None:
    for scale in (1000.0, 10.0, 1.0):
        if 5 <= value / scale < 150:
            return value / scale
    return None


def frequency_record(before: Mapping[str, str], after: Mapping[str, str], log: SamplerLog | None) -> FrequencyRecord:
    """Clocks over a session: exact residency from time_in_state where it is kept, and the lowest cap seen."""
    means, caps = {}, []
    for name in sorted(before):
        policy, _, kind = name.partition(".")
        if kind == "tis":
            mean = _mean_khz(before[name], after.get(name, ""))
            if mean is not None:
                means[policy] = mean
        if kind == "cap":
            for text in (before[name], after.get(name, "")):
                words = text.split()
                if len(words) == 2 and words[1].isdigit() and int(words[1]) > 0:
                    caps.append(100 * int(words[0]) / int(words[1]))
                    full = int(words[1])
                    sampled = log.columns.get(f"{policy}.cap", ()) if log else ()
                    caps += [100 * v / full for v in sampled if v is not None]
    reason = None if means else "this phone keeps no time_in_state"
    return FrequencyRecord(min(caps, default=None), means, reason)


def _mean_khz(before: str, after: str) -> float | None:
    first, last = _states(before), _states(after)
    spent = {khz: last.get(khz, 0) - ticks for khz, ticks in first.items()}
    total = sum(spent.values())
    if total <= 0 or any(t < 0 for t in spent.values()):
        return None
    return sum(khz * t for khz, t in spent.items()) / total


def _states(text: str) -> dict[int, int]:
    pairs = (line.split() for line in text.splitlines())
    return {int(p[0]): int(p[1]) for p in pairs if len(p) == 2 and p[0].isdigit() and p[1].isdigit()}
