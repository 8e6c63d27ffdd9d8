"""/sys/class/power_supply: the battery's gauge and the chargers. Entries are links, as on a phone."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from harness.virtual.nodes import Node
from harness.virtual.physics.machine import Machine
from harness.virtual.profile import Profile

_CLASS = "sys/class/power_supply"
_DEVICES = "sys/devices/platform/soc/power_supply"


def links(profile: Profile) -> Iterator[tuple[str, str]]:
    """The class's entries lead to the devices."""
    for name in [battery_name(profile), *profile.battery.supplies]:
        yield f"{_CLASS}/{name}", f"../../devices/platform/soc/power_supply/{name}"


def battery_name(profile: Profile) -> str:
    """The supply that is the battery."""
    return posixpath.basename(profile.gauge.node)


def denied(profile: Profile) -> list[str]:
    """Folders whose files refuse the shell user, and files that do."""
    folder = f"{_DEVICES}/{battery_name(profile)}"
    if not profile.gauge.readable:
        return [folder]
    return [] if profile.gauge.current_readable else [f"{folder}/current_now"]


def online(profile: Profile, plugged: str) -> dict[str, bool]:
    """Which chargers give power."""
    return {name: made_by == plugged for name, made_by in profile.battery.supplies.items()}


def fixed(profile: Profile) -> Iterator[Node]:
    """What the supplies are."""
    for name in profile.battery.supplies:
        yield Node(f"{_DEVICES}/{name}/type", f"{_type(name)}\n")
    for key, value in _constants(profile).items():
        yield Node(f"{_DEVICES}/{battery_name(profile)}/{key}", f"{value}\n")


def _constants(profile: Profile) -> dict[str, int | str]:
    return {
        "charge_full": profile.battery.capacity_mah * 1000,
        "cycle_count": 210,
        "health": "Good",
        "present": 1,
        "technology": profile.battery.technology,
        "type": "Battery",
    }


def live(machine: Machine) -> Iterator[tuple[str, str]]:
    """Everything that the supplies show."""
    profile, gauge = machine.profile, machine.profile.gauge
    for name, on in online(profile, machine.plugged).items():
        yield f"{_DEVICES}/{name}/online", f"{int(on)}\n"
    values: dict[str, int | str] = {
        "capacity": machine.level,
        "charge_counter": machine.gauge.counter_uah,
        "current_now": machine.gauge.shown,
        "status": machine.flow.status,
        "temp": round(machine.temperatures.battery_c * 10),
        "voltage_now": round(machine.flow.voltage_v * 1000) * 1000,
    }
    folder = f"{_DEVICES}/{battery_name(profile)}"
    for key, value in values.items():
        yield f"{folder}/{key}", f"{value}\n"
    if gauge.microamp_file:
        yield f"{folder}/{gauge.microamp_file}", f"{machine.gauge.shown * (1 if gauge.unit == 'ua' else 1000)}\n"
    rows = sorted({**_constants(profile), **values}.items())
    text = f"POWER_SUPPLY_NAME={battery_name(profile)}\n"
    yield f"{folder}/uevent", text + "".join(f"POWER_SUPPLY_{key.upper()}={value}\n" for key, value in rows)


def _type(name: str) -> str:
    return {"ac": "Mains", "wireless": "Wireless"}.get(name, "USB")
