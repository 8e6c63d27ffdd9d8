"""The service `deviceidle`: doze, switched off and on."""

from __future__ import annotations

from harness.virtual.program import Call
from harness.virtual.programs.services import FAILED, Service, register

_KEY = ("virtual", "deviceidle_disabled")


async def dump(call: Call, args: list[str]) -> int:
    """`dumpsys deviceidle [disable|enable|force-idle|unforce]`: every dump argument is a command here."""
    if args:
        await command(call, args)
        return 0
    enabled = "false" if call.phone.state.settings.get(_KEY) else "true"
    await call.out(
        f"  Settings:\n    light_after_inactive_to=+4m0s0ms\n  mLightEnabled={enabled}  mDeepEnabled={enabled}\n"
        "  mForceIdle=false\n  mScreenOn=true\n  mState=ACTIVE mLightState=ACTIVE\n"
    )
    return 0


async def command(call: Call, args: list[str]) -> int:
    """`cmd deviceidle …`."""
    settings = call.phone.state.settings
    match args:
        case ["disable", *_]:
            settings[_KEY] = "1"
            await call.out("Light idle mode disabled\nDeep idle mode disabled\n")
        case ["enable", *_]:
            settings.pop(_KEY, None)
            await call.out("Light idle mode enabled\nDeep idle mode enabled\n")
        case ["enabled", *_]:
            await call.out("0\n" if settings.get(_KEY) else "1\n")
        case ["force-idle", *_]:
            await call.out("Unable to go deep idle; stopped at ACTIVE\n")
        case ["unforce"]:
            await call.out("Light state: ACTIVE, deep state: ACTIVE\n")
        case _:
            await call.out(
                "Device idle controller (deviceidle) commands: disable, enable, enabled, force-idle, unforce\n"
            )
            return FAILED
    return 0


register(Service("deviceidle", "android.os.IDeviceIdleController", dump, command))
