"""`yes`: keeps one core busy, as scripts use it; the virtual core is busy, the host's is not."""

from __future__ import annotations

import asyncio

from harness.virtual.program import Call, program

_REAL_S = 0.2


@program("yes")
async def yes(call: Call) -> int:
    """Print a line again and again until the client is gone."""
    cores = sum(c.cores for c in call.phone.profile.clusters)
    line = " ".join(call.argv[1:]) or "y"
    with call.phone.state.load("cpu", 1 / cores):
        while True:
            await call.out(f"{line}\n" * 100)
            await asyncio.sleep(_REAL_S)
