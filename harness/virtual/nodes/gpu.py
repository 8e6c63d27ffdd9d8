"""Nodes of the graphics unit, as far as each maker lets the shell user see them (kgsl, mali, ged …)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.virtual.nodes import DENIED, Node
from harness.virtual.physics.machine import Machine
from harness.virtual.profile import GpuNode, Profile

#: Full clock of the virtual graphics units; only its share is modelled.
_FULL_MHZ = 800
_IDLE_KHZ = 260_000
#: Graphics memory of the system's own surfaces.
SYSTEM_MEMORY_BYTES = 96 << 20


def fixed(profile: Profile) -> Iterator[Node]:
    """Nodes that never change, the denied ones too, and the library that delegates look for."""
    if profile.speed.gpu and profile.speed.gpu.opencl:
        yield Node("vendor/lib64/libOpenCL.so" if "64" in profile.abis[0] else "vendor/lib/libOpenCL.so", "\x7fELF\n")
    for path, kind in profile.gpu_nodes.items():
        if kind == "denied":
            yield Node(path.lstrip("/"), "0\n", DENIED)
        elif kind == "model" and profile.speed.gpu:
            yield Node(path.lstrip("/"), profile.speed.gpu.renderer.replace(" (TM) ", "") + "v2\n")


def live(machine: Machine, now_s: float, memory_bytes: int) -> Iterator[tuple[str, str]]:
    """Nodes that follow the load."""
    for path, kind in machine.profile.gpu_nodes.items():
        text = _text(machine, kind, now_s, memory_bytes)
        if text is not None:
            yield path.lstrip("/"), text


def _text(machine: Machine, kind: GpuNode, now_s: float, memory_bytes: int) -> str | None:
    busy, clock = machine.busy["gpu"], machine.clock("gpu")
    if kind == "busy":
        # Adreno: busy and total µs of the last second; nothing while the unit sleeps.
        return f"{round(busy * 1e6):7d} {1_000_000 if busy else 0:7d}\n"
    if kind == "utilization":
        return f"{round(busy * 100)}\n"
    if kind == "memory":
        return f"{SYSTEM_MEMORY_BYTES + memory_bytes}\n"
    if kind == "clock":
        return f"{round(_FULL_MHZ * clock) * 1_000_000}\n"
    if kind == "time_in_state":
        ticks = int(machine.gpu_busy_s * 100)
        return f"{_FULL_MHZ * 1000} {ticks}\n{_IDLE_KHZ} {max(0, int(now_s * 100) - ticks)}\n"
    return None
