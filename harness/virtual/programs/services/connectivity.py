"""The service `connectivity`: airplane mode (Android 11 and later), and the radios, which may carry adb."""

from __future__ import annotations

from harness.virtual.program import Call
from harness.virtual.programs.services import FAILED, Service, register, unknown_command

_SDK_AIRPLANE = 30
AIRPLANE, WIFI = ("global", "airplane_mode_on"), ("global", "wifi_on")


async def dump(call: Call, args: list[str]) -> int:
    """`dumpsys connectivity`: whether there is a network."""
    await call.out(f"NetworkProviders for: CONNECTIVITY\nActive default network: {'100' if _wifi(call) else 'none'}\n")
    return 0


def _wifi(call: Call) -> bool:
    settings = call.phone.state.settings
    return settings.get(AIRPLANE) != "1" and settings.get(WIFI) != "0"


async def radios_changed(call: Call) -> None:
    """Where adb comes over Wi-Fi, it goes with it: links drop, and come back when the radio does."""
    if call.phone.profile.battery.plugged != "none":
        return
    if _wifi(call):
        call.phone.links.back("radio")
    else:
        await call.phone.links.lose("radio")


async def command(call: Call, args: list[str]) -> int:
    """`cmd connectivity airplane-mode [enable|disable]`."""
    settings = call.phone.state.settings
    match args:
        case ["airplane-mode", *rest] if call.phone.profile.sdk >= _SDK_AIRPLANE:
            if not rest:
                await call.out("enabled\n" if settings.get(AIRPLANE) == "1" else "disabled\n")
            elif rest[0] in ("enable", "disable"):
                settings[AIRPLANE] = str(int(rest[0] == "enable"))
                await radios_changed(call)
            else:
                return await unknown_command(call, " ".join(args))
        case [other, *_]:
            return await unknown_command(call, other)
        case _:
            await call.out("Connectivity service commands: airplane-mode\n")
            return FAILED
    return 0


register(Service("connectivity", "android.net.IConnectivityManager", dump, command))
