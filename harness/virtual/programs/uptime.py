"""uptime and nproc: this phone's time and cores, not the host's."""

from __future__ import annotations

import datetime

from harness.virtual.program import Call, program


@program("uptime")
async def uptime(call: Call) -> int:
    """`uptime`: the time of day, how long the phone is up, and its load."""
    clock = call.phone.clock
    now = datetime.datetime.fromtimestamp(clock.wall_s(), datetime.UTC)
    minutes = int(clock.now_s()) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    up = f"{days} day{'s' * (days != 1)}, " if days else ""
    up += f"{hours:2d}:{minutes % 60:02d}" if hours else f"{minutes % 60} min"
    load = ", ".join((call.phone.root / "proc/loadavg").read_text().split()[:3])
    await call.out(f" {now:%H:%M:%S} up {up},  0 users,  load average: {load}\n")
    return 0


@program("nproc")
async def nproc(call: Call) -> int:
    """`nproc`: how many cores the phone has."""
    await call.out(f"{sum(c.cores for c in call.phone.profile.clusters)}\n")
    return 0
