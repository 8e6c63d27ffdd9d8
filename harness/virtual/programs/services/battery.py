"""The service `battery`: the cached reading, and values pretended for tests."""

from __future__ import annotations

from harness.virtual.program import Call
from harness.virtual.programs.services import FAILED, Service, register, unknown_command

_SDK_DOCK, _SDK_CHARGING_STATE, _SDK_CAPACITY_LEVEL = 33, 34, 35
_USB_MA, _AC_MA, _UV = 500_000, 2_000_000, 5_000_000
_GET = {"status": "status", "level": "level", "temp": "temp", "counter": "counter", "present": "present"}


async def dump(call: Call, args: list[str]) -> int:
    """`dumpsys battery`, and the commands that it takes as `cmd battery` does; dumpsys itself always succeeds."""
    if args and not args[0].startswith("-"):
        await command(call, args)
    else:
        await call.out(report(call))
    return 0


def report(call: Call) -> str:
    """What `dumpsys battery` prints on this phone's Android."""
    service, profile = call.phone.state.battery_service, call.phone.profile
    reading = service.reading
    limit_ua = _AC_MA if reading.ac else _USB_MA if reading.usb else 0
    rows: list[tuple[str, object]] = [
        ("AC powered", _flag(reading.ac)),
        ("USB powered", _flag(reading.usb)),
        ("Wireless powered", _flag(reading.wireless)),
    ]
    if profile.sdk >= _SDK_DOCK:
        rows.append(("Dock powered", "false"))
    rows += [
        ("Max charging current", limit_ua),
        ("Max charging voltage", _UV if limit_ua else 0),
        ("Charge counter", reading.counter),
        ("status", reading.status),
        ("health", 2),
        ("present", _flag(reading.present)),
        ("level", reading.level),
        ("scale", 100),
        ("voltage", reading.voltage),
        ("temperature", reading.temp),
        ("technology", profile.battery.technology),
    ]
    if profile.sdk >= _SDK_CHARGING_STATE:
        rows += [("Charging state", 0), ("Charging policy", 0)]
    if profile.sdk >= _SDK_CAPACITY_LEVEL:
        rows.append(("Capacity level", -1))
    lines = ["Current Battery Service state:"]
    if service.stopped:
        lines.append("  (UPDATES STOPPED -- use 'reset' to restart)")
    lines += [f"  {key}: {value}" for key, value in rows]
    # Makers print the current as their HAL has it, positive into the battery.
    extra = {"ma": -round(reading.current_ma), "uah": reading.counter}
    lines += [f"  {line.format(**extra)}" for line in profile.battery.dumpsys_extra]
    return "\n".join(lines) + "\n"


async def command(call: Call, args: list[str]) -> int:
    """`cmd battery set|get|unplug|reset`; -f is taken and changes nothing here."""
    state = call.phone.state
    service = state.battery_service
    match [a for a in args if a != "-f"]:
        case ["unplug"]:
            service.unplug()
        case ["reset"]:
            service.reset()
        case ["set"] | ["get"]:
            await call.out("No property specified\n")
            return FAILED
        case ["set", _]:
            await call.out("No value specified\n")
            return FAILED
        case ["set", key, value]:
            try:
                service.set(key, int(value))
            except ValueError:
                await call.out(f"Bad value: {value}\n")
                return FAILED
            except KeyError:
                await call.out(f"Unknown set option: {key}\n")
                return FAILED
        case ["get", key] if key in _GET:
            await call.out(f"{getattr(service.reading, _GET[key])}\n")
        case ["get", key]:
            await call.out(f"Unknown get option: {key}\n")
            return FAILED
        case [other, *_]:
            return await unknown_command(call, other)
        case _:
            await call.out("Battery service (battery) commands: get, set, unplug, reset\n")
    return 0


def _flag(value: int) -> str:
    return "true" if value else "false"


register(Service("battery", "", dump, command))
