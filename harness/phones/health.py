"""Whether a phone is fit for a run, and what to do where it is not. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harness.phones.probe import PhoneProbe

_LOW_BATTERY_PCT = 15.0
_HOT_C = 45.0
_WARM_C = 37.0
_LOW_STORAGE_KB = 200 * 1024


@dataclass(frozen=True)
class Finding:
    """Something wrong. `blocking`: no run should start on this phone."""

    message: str
    advice: str
    blocking: bool


def check_health(probe: PhoneProbe) -> list[Finding]:
    """Everything that is wrong with a phone, the blocking first."""
    found = []
    battery = probe.battery
    if not probe.boot_completed:
        found.append(Finding("it has not finished booting", "wait a minute", True))
    if battery.level_pct is not None and battery.level_pct < _LOW_BATTERY_PCT:
        found.append(Finding(f"the battery is at {battery.level_pct:.0f} %", "charge it", True))
    if battery.temperature_c is not None and battery.temperature_c >= _HOT_C:
        found.append(Finding(f"the battery is at {battery.temperature_c:.0f} °C", "let it cool down", True))
    elif battery.temperature_c is not None and battery.temperature_c >= _WARM_C:
        found.append(Finding(f"the battery is warm, {battery.temperature_c:.0f} °C", "figures may be throttled", False))
    if battery.faked:
        found.append(Finding("its battery shows values set by hand", "run adb shell dumpsys battery reset", True))
    if probe.thermal_override:
        advice = "run adb shell cmd thermalservice reset"
        found.append(Finding("its thermal status is set by hand", advice, False))
    if probe.free_kb is not None and probe.free_kb < _LOW_STORAGE_KB:
        found.append(Finding(f"only {probe.free_kb // 1024} MiB of storage are free", "run harness clean", True))
    return sorted(found, key=lambda f: not f.blocking)
