"""/sys/class/thermal: zones and cooling devices; denied to the shell user but on Snapdragon."""

from __future__ import annotations

from collections.abc import Iterator

from harness.virtual.nodes import DENIED, Node
from harness.virtual.physics.machine import Machine
from harness.virtual.profile import Profile

_ROOT = "sys/class/thermal"
_PER_C = {"mc": 1000, "c": 1, "dc": 10}


def fixed(profile: Profile) -> Iterator[Node]:
    """Names."""
    mode = 0o444 if profile.thermal.zones_readable else DENIED
    for index, name in enumerate(profile.thermal.zones):
        yield Node(f"{_ROOT}/thermal_zone{index}/type", f"{name}\n", mode)
        yield Node(f"{_ROOT}/thermal_zone{index}/mode", "enabled\n", mode)
    for index, name in enumerate(profile.thermal.cooling):
        yield Node(f"{_ROOT}/cooling_device{index}/type", f"{name}\n", mode)
        yield Node(f"{_ROOT}/cooling_device{index}/cur_state", "0\n", mode)


def denied(profile: Profile) -> list[str]:
    """Folders whose files refuse the shell user."""
    readable = profile.thermal.zones_readable
    return [] if readable else [f"{_ROOT}/thermal_zone{i}" for i in range(len(profile.thermal.zones))]


def live(machine: Machine) -> Iterator[tuple[str, str]]:
    """Temperatures in the unit of this phone's kernel."""
    thermal = machine.profile.thermal
    for index, place in enumerate(thermal.zones.values()):
        value = round(machine.temperature_c(place) * _PER_C[thermal.zone_unit])
        yield f"{_ROOT}/thermal_zone{index}/temp", f"{value}\n"
