"""settings, svc, cmd, wm, input and what else changes a phone's state."""

from __future__ import annotations

from harness.virtual.program import Call, program

_NAMESPACES = ("system", "secure", "global")


@program("settings")
async def settings(call: Call) -> int:
    """get, put, delete and list; refused where the maker locks the shell user out."""
    state = call.phone.state
    match call.argv[1:]:
        case ["get", namespace, key] if namespace in _NAMESPACES:
            await call.out(f"{state.settings.get((namespace, key), 'null')}\n")
        case ["put", namespace, key, value] if namespace in _NAMESPACES:
            if call.phone.profile.settings_locked:
                await call.err(
                    "\nException occurred while executing 'put':\njava.lang.SecurityException: Permission denial: "
                    "writing to settings requires:android.permission.WRITE_SECURE_SETTINGS\n"
                )
                return 255
            state.settings[(namespace, key)] = value
        case ["delete", namespace, key] if namespace in _NAMESPACES:
            found = state.settings.pop((namespace, key), None)
            await call.out(f"Deleted {int(found is not None)} rows\n")
        case ["list", namespace] if namespace in _NAMESPACES:
            rows = sorted((k, v) for (n, k), v in state.settings.items() if n == namespace)
            await call.out("".join(f"{k}={v}\n" for k, v in rows))
        case _:
            await call.err("Settings provider (settings) commands: get, put, delete, list\n")
            return 255
    return 0


@program("svc")
async def svc(call: Call) -> int:
    """power stayon and the radios."""
    state = call.phone.state
    match call.argv[1:]:
        case ["power", "stayon", value] if value in ("true", "false", "usb", "ac", "wireless"):
            number = {"true": "7", "false": "0", "usb": "2", "ac": "1", "wireless": "4"}[value]
            state.settings[("global", "stay_on_while_plugged_in")] = number
        case ["wifi" | "data" | "bluetooth" | "nfc", "enable" | "disable"]:
            pass
        case _:
            await call.err("Available commands: power, wifi, data, bluetooth, nfc\n")
            return 255
    return 0


@program("cmd")
async def cmd(call: Call) -> int:
    """A few services' commands; an unknown one fails as on a phone."""
    match call.argv[1:]:
        case ["power", "set-fixed-performance-mode-enabled", value] if value in ("true", "false"):
            if call.phone.profile.sdk < 30:
                await call.err("Unknown command: set-fixed-performance-mode-enabled\n")
                return 255
        case ["thermalservice", "reset"] | ["connectivity", "airplane-mode", "enable" | "disable"]:
            pass
        case ["package", "path", name] if name == "android":
            await call.out("package:/system/framework/framework-res.apk\n")
        case ["battery", "reset"]:
            call.phone.state.fake_battery.clear()
        case ["battery", "get", "level"]:
            await call.out(f"{call.phone.state.level}\n")
        case [service, *_]:
            await call.err(f"cmd: Can't find service: {service}\n")
            return 20
        case _:
            await call.err("cmd: No service specified; use -l to list all services.\n")
            return 20
    return 0


@program("pm")
async def pm(call: Call) -> int:
    """path android, list features."""
    match call.argv[1:]:
        case ["path", "android"]:
            await call.out("package:/system/framework/framework-res.apk\n")
        case ["list", "features"]:
            await call.out("feature:reqGlEsVersion=0x30002\nfeature:android.hardware.wifi\n")
        case ["path", _]:
            return 1
        case _:
            await call.err("usage: pm path PACKAGE | pm list features\n")
            return 255
    return 0


@program("wm")
async def wm(call: Call) -> int:
    """dismiss-keyguard and size."""
    if call.argv[1:] == ["size"]:
        await call.out("Physical size: 1080x2400\n")
    return 0


@program("input")
async def input_(call: Call) -> int:
    """Accepts key events; a virtual phone has no screen."""
    return 0


@program("am")
async def am(call: Call) -> int:
    """kill-all; there are no apps on a virtual phone."""
    if call.argv[1:2] == ["kill-all"]:
        return 0
    await call.err("Error: a virtual phone has no apps to start\n")
    return 1


@program("reboot")
async def reboot(call: Call) -> int:
    """Boot again."""
    call.phone.reboot_soon()
    return 0
