"""wm: the window manager."""

from __future__ import annotations

from harness.virtual.program import Call, program
from harness.virtual.programs.services import FAILED


@program("wm")
async def wm(call: Call) -> int:
    """size, density, dismiss-keyguard."""
    match call.argv[1:]:
        case ["size"]:
            await call.out(f"Physical size: {'720x1600' if call.phone.profile.tier_hint == 'low' else '1080x2400'}\n")
        case ["density"]:
            await call.out(f"Physical density: {call.phone.state.props['ro.sf.lcd_density']}\n")
        case ["dismiss-keyguard"]:
            state = call.phone.state
            state.keyguard = state.keyguard and (state.pin is not None or not state.machine.screen_on)
        case _:
            await call.err("Window manager (window) commands: size, density, dismiss-keyguard\n")
            return FAILED
    return 0
