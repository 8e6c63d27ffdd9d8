"""The service `power`: wakefulness, and the fixed performance mode of Android 11 and later."""

from __future__ import annotations

from harness.virtual.program import Call
from harness.virtual.programs.services import FAILED, Service, register, unknown_command

_SDK_FIXED_MODE = 30


async def dump(call: Call, args: list[str]) -> int:
    """`dumpsys power`: the lines that scripts look for."""
    state = call.phone.state
    reading = state.battery_service.reading
    awake = "Awake" if state.machine.screen_on else "Asleep"
    plug = 1 if reading.ac else 2 if reading.usb else 0
    low_power = state.settings.get(("global", "low_power")) == "1"
    stay = state.settings.get(("global", "stay_on_while_plugged_in"), "0")
    await call.out(
        "POWER MANAGER (dumpsys power)\n\nPower Manager State:\n"
        f"  mWakefulness={awake}\n  mIsPowered={_flag(plug > 0)}\n  mPlugType={plug}\n"
        f"  mBatteryLevel={reading.level}\n  mStayOn={_flag(stay != '0' and plug > 0)}\n"
        f"  mLowPowerModeEnabled={_flag(low_power)}\n\n"
        f"Settings and Configuration:\n  mStayOnWhilePlugedInSetting={stay}\n"
        f"  mScreenOffTimeoutSetting={state.settings.get(('system', 'screen_off_timeout'), '30000')}\n\n"
        f"Display Power: state={'ON' if state.machine.screen_on else 'OFF'}\n"
    )
    return 0


async def command(call: Call, args: list[str]) -> int:
    """`cmd power set-fixed-performance-mode-enabled|set-mode`."""
    state = call.phone.state
    match args:
        case ["set-fixed-performance-mode-enabled", value] if call.phone.profile.sdk >= _SDK_FIXED_MODE:
            # The command takes any word, as Boolean.parseBoolean does, and answers the same where nothing is wired.
            state.set_fixed_performance(on=value == "true")
        case ["set-mode", ("0" | "1") as value]:
            state.settings[("global", "low_power")] = value
        case [other, *_]:
            return await unknown_command(call, other)
        case _:
            await call.out("Power manager (power) commands: set-mode, set-fixed-performance-mode-enabled\n")
            return FAILED
    return 0


def _flag(value: bool) -> str:
    return "true" if value else "false"


register(Service("power", "android.os.IPowerManager", dump, command))
