"""getprop and setprop."""

from __future__ import annotations

from harness.virtual.program import Call, program


@program("getprop")
async def getprop(call: Call) -> int:
    """All properties, or one with an optional default."""
    props = call.phone.state.props
    if len(call.argv) > 1:
        default = call.argv[2] if len(call.argv) > 2 else ""
        await call.out(f"{props.get(call.argv[1], default)}\n")
    else:
        await call.out("".join(f"[{k}]: [{v}]\n" for k, v in sorted(props.items())))
    return 0


@program("setprop")
async def setprop(call: Call) -> int:
    """Set a property that the shell user may set; `ro.` ones are refused."""
    if len(call.argv) != 3:
        await call.err("usage: setprop NAME VALUE\n")
        return 1
    name, value = call.argv[1:]
    if name.startswith("ro."):
        await call.err(f"setprop: failed to set property '{name}' to '{value}'\n")
        return 1
    call.phone.state.props[name] = value
    return 0
