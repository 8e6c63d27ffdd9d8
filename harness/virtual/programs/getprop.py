"""getprop and setprop."""

from __future__ import annotations

from harness.virtual.program import Call, program

#: Properties that policy lets the shell user set on a retail build; power.* since Android 13.
_SETTABLE = ("debug.", "log.", "persist.log.tag", "persist.traced.", "shell.", "persist.sys.test_harness")
_CHARGE_SUSPEND, _CHARGE_SUSPEND_SDK = "power.battery_input.suspended", 33
_MOST_BYTES = 91


@program("getprop")
async def getprop(call: Call) -> int:
    """All properties as `[name]: [value]`, or one with an optional default."""
    props = call.phone.state.props
    names = [a for a in call.argv[1:] if a not in ("-T", "-Z")]
    if len(names) > 2:
        await call.err('getprop: Max 2 arguments (see "getprop --help")\n')
        return 1
    if names:
        await call.out(f"{props.get(names[0]) or (names[1] if len(names) > 1 else '')}\n")
    elif "-T" in call.argv:
        await call.out("".join(f"[{k}]: [{_kind(v)}]\n" for k, v in sorted(props.items())))
    else:
        await call.out("".join(f"[{k}]: [{v}]\n" for k, v in sorted(props.items())))
    return 0


def _kind(value: str) -> str:
    if value in ("true", "false", "0", "1"):
        return "bool"
    return "int" if value.lstrip("-").isdigit() else "string"


@program("setprop")
async def setprop(call: Call) -> int:
    """Set what the shell user may set; everything else is refused as policy does."""
    if len(call.argv) != 3:
        await call.err("usage: setprop NAME VALUE\n")
        return 1
    name, value = call.argv[1:]
    allowed = name.startswith(_SETTABLE) or (name == _CHARGE_SUSPEND and call.phone.profile.sdk >= _CHARGE_SUSPEND_SDK)
    if not allowed or len(value.encode()) > _MOST_BYTES:
        text = f"ailed to set property '{name}' to '{value}'"
        modern = call.phone.profile.sdk >= 29
        await call.err(f"F{text}.\nSee dmesg for error reason.\n" if modern else f"setprop: f{text}\n")
        return 1
    call.phone.state.props[name] = value
    return 0
