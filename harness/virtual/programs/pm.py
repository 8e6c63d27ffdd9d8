"""pm: the package manager, a short form of `cmd package`."""

from __future__ import annotations

from harness.virtual.program import Call, program
from harness.virtual.programs.services.package import command


@program("pm")
async def pm(call: Call) -> int:
    """As `cmd package`."""
    return await command(call, call.argv[1:])
