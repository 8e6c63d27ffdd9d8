"""reboot."""

from __future__ import annotations

from harness.virtual.program import Call, program


@program("reboot")
async def reboot(call: Call) -> int:
    """Boot again; other modes such as `bootloader` do the same here."""
    call.phone.reboot_soon()
    return 0
