"""The service `cpuinfo`: load averages, and who used the CPU."""

from __future__ import annotations

from harness.virtual.nodes.proc import load_average
from harness.virtual.program import Call
from harness.virtual.programs.services import Service, register


async def dump(call: Call, args: list[str]) -> int:
    """`dumpsys cpuinfo`."""
    state = call.phone.state
    busy = state.machine.busy["cpu"]
    cores = sum(c.cores for c in call.phone.profile.clusters)
    load = load_average(state.machine)
    lines = [f"Load: {load:.2f} / {load * 0.9:.2f} / {load * 0.8:.2f}", "CPU usage from 60000ms to 0ms ago:"]
    lines += [
        f"  {100 * busy * cores:.1f}% {pid}/{p.name}: {100 * busy * cores:.1f}% user + 0% kernel"
        for pid, p in sorted(state.pids.items())
    ]
    lines += [
        "  1.8% 1204/system_server: 1% user + 0.8% kernel",
        f"{100 * busy + 2:.0f}% TOTAL: {100 * busy + 1:.0f}% user + 1% kernel",
    ]
    await call.out("\n".join(lines) + "\n")
    return 0


register(Service("cpuinfo", "", dump))
