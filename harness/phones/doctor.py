"""What a person should know of a phone before trusting it with a run, or a figure of it. Pure.

What is wrong at the moment comes from the health checks (harness/phones/health/); here is what a phone can do. A check
is one function and one entry in `CHECKS`; it says `ok`, `note` (a figure will be missing or less sure) or `bad` (no run
should start, and a person must do something), or None where a health check has said it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.phones.health import CHECKS as HEALTH_CHECKS
from harness.phones.health import check_health
from harness.phones.look import NEEDED, WELCOME, Look
from harness.phones.probe import PhoneProbe

OK, NOTE, BAD = "ok", "note", "bad"
#: Since Android 12, a phone must say what SoC it has.
_SOC_SDK = 31


@dataclass(frozen=True)
class Check:
    """What one check found. state: ok, note or bad; advice: what to do, or empty."""

    name: str
    state: str
    message: str
    advice: str = ""


def examine(probe: PhoneProbe, look: Look) -> list[Check]:
    """Every check of a phone that answers, the worst first."""
    found = [Check(f.name, BAD if f.blocking else NOTE, f.message, f.advice) for f in check_health(probe)]
    if not found:
        found.append(Check("health", OK, f"{len(HEALTH_CHECKS)} checks of its health found nothing"))
    found += [said for check in CHECKS if (said := check(probe, look)) is not None]
    return sorted(found, key=lambda c: (BAD, NOTE, OK).index(c.state))


def _tools(_: PhoneProbe, look: Look) -> Check:
    missing = [name for name in NEEDED if name not in look.tools]
    if missing:
        return Check("tools", BAD, f"its shell has no {', '.join(missing)}", "it is too old for detached runs")
    without = [name for name in WELCOME if name not in look.tools]
    if without:
        return Check("tools", NOTE, f"its shell has no {', '.join(without)}")
    return Check("tools", OK, "its shell has every program that a run uses")


def _settings(_: PhoneProbe, look: Look) -> Check:
    if look.settings_writable:
        return Check("settings", OK, "settings can be changed, so the screen stays on during a run")
    advice = 'switch on "USB debugging (Security settings)" or "Disable permission monitoring" in Developer options'
    return Check("settings", NOTE, f"settings cannot be changed: {look.settings_said or 'refused'}", advice)


def _power(probe: PhoneProbe, _: Look) -> Check | None:
    gauges = [n for n in sorted(probe.nodes) if n.endswith(".current_now")]
    if not gauges:
        why = "denied to the shell user" if any(n.endswith(".current_now") for n in probe.denied) else "not there"
        return Check("power", NOTE, f"its battery gauge is {why}, so power and energy stay unknown")
    if probe.battery.faked:
        return None
    if probe.battery.charging:
        advice = "for power, run it from its battery, with adb over Wi-Fi or a hub that cuts the supply"
        return Check("power", NOTE, f"{probe.battery.charging}, so its gauge says nothing of the load", advice)
    return Check("power", OK, f"its gauge can be read ({gauges[0]}) and it runs from its battery")


def _heat(probe: PhoneProbe, _: Look) -> Check:
    zones = sum(n.startswith("zone.") for n in probe.nodes)
    if zones:
        return Check("heat", OK, f"{zones} temperature zones can be read")
    if probe.thermal_service:
        return Check("heat", OK, "temperatures come from the thermal service")
    if probe.battery.temperature_c is not None:
        return Check("heat", NOTE, "only the battery's temperature is known, which follows slowly")
    return Check("heat", NOTE, "no temperature is known, so throttling shows only in the clocks")


def _clocks(probe: PhoneProbe, _: Look) -> Check:
    if any(n.startswith("policy") for n in probe.nodes):
        return Check("clocks", OK, "clocks and their caps can be read")
    return Check("clocks", NOTE, "clocks cannot be read, so throttling shows only in temperatures")


def _gpu(probe: PhoneProbe, look: Look) -> Check:
    name = probe.record.gpu or "an unknown GPU"
    if look.opencl:
        return Check("gpu", OK, f"{name}, OpenCL at {look.opencl[0]}")
    advice = "the GPU delegate falls back to OpenGL, which is slower, or refuses"
    return Check("gpu", NOTE, f"{name}, and no OpenCL library was found", advice)


def _identity(probe: PhoneProbe, _: Look) -> Check:
    record = probe.record
    if record.provenance == "emulator":
        return Check("identity", NOTE, "it is an emulator: its figures say nothing of phones")
    named = {"model": record.model, "Android version": record.android, "ABI": record.abi, "memory": record.ram_mb}
    missing = [name for name, value in named.items() if value is None]
    if record.soc is None or ((record.sdk or 0) >= _SOC_SDK and record.soc_manufacturer is None):
        missing.append("SoC")
    if missing:
        return Check(
            "identity", NOTE, f"it does not say its {', '.join(missing)}", "its tier may be wrong; see --tiers"
        )
    return Check("identity", OK, f"{record.model}, Android {record.android}, {record.soc}, tier {record.tier}")


CHECKS: tuple[Callable[[PhoneProbe, Look], Check | None], ...] = (
    _identity, _tools, _settings, _power, _heat, _clocks, _gpu,
)  # fmt: skip
