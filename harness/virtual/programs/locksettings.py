"""locksettings: the screen lock. Without a PIN a swipe opens it, which `wm dismiss-keyguard` can do too."""

from __future__ import annotations

from harness.virtual.program import Call, program
from harness.virtual.programs.services import FAILED


@program("locksettings")
async def locksettings(call: Call) -> int:
    """`locksettings set-pin PIN`, `locksettings clear --old PIN`."""
    match call.argv[1:]:
        case ["set-pin", pin] if pin.isdecimal():
            call.phone.state.pin = pin
            await call.out(f"Pin set to '{pin}'\n")
        case ["clear", "--old", pin] if pin == call.phone.state.pin:
            call.phone.state.pin = None
            await call.out("Lock credential cleared\n")
        case _:
            await call.out("lockSettings service commands: set-pin, clear\n")
            return FAILED
    return 0
