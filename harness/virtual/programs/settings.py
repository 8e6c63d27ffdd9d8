"""settings: Android's settings, readable by all; writing is refused where the maker locks the shell user out."""

from __future__ import annotations

from harness.virtual.program import Call, program
from harness.virtual.programs.services import FAILED
from harness.virtual.programs.services.connectivity import AIRPLANE, radios_changed

_NAMESPACES = ("system", "secure", "global")
_HELP = (
    "Settings provider (settings) commands:\n  get NAMESPACE KEY\n  put NAMESPACE KEY VALUE\n"
    "  delete NAMESPACE KEY\n  list NAMESPACE\n  NAMESPACE is one of {system, secure, global}\n"
)


@program("settings")
async def settings(call: Call) -> int:
    """get, put, delete, list; `--user N` is taken and there is one user."""
    state = call.phone.state
    args = call.argv[1:]
    if "--user" in args:
        at = args.index("--user")
        del args[at : at + 2]
    verb = args[0] if args else ""
    if verb not in ("get", "put", "delete", "list") or len(args) < 2:
        await call.err(_HELP)
        return FAILED
    space = args[1].lower()
    if space not in _NAMESPACES:
        await call.err(f"Error: Invalid namespace '{args[1]}'\n\n{_HELP}")
        return FAILED
    if verb in ("put", "delete") and call.phone.profile.settings_locked:
        await call.err(_refused(verb, space, call.phone.profile.sdk))
        return FAILED
    match [verb, *args[2:]]:
        case ["get", key]:
            await call.out(f"{state.settings.get((space, key), 'null')}\n")
        case ["put", key, value, *_]:
            state.settings[(space, key)] = value
            if (space, key) == AIRPLANE and call.phone.profile.sdk < 30:
                # Later versions change only the number here and leave the radios to `cmd connectivity`.
                await radios_changed(call)
        case ["delete", key]:
            found = state.settings.pop((space, key), None)
            await call.out(f"Deleted {int(found is not None)} rows\n")
        case ["list"]:
            rows = sorted((k, v) for (n, k), v in state.settings.items() if n == space)
            await call.out("".join(f"{k}={v}\n" for k, v in rows))
        case _:
            await call.err(f"Error: Bad arguments\n\n{_HELP}")
            return FAILED
    return 0


def _refused(verb: str, space: str, sdk: int) -> str:
    message = "Permission denial: writing to settings requires:android.permission.WRITE_SECURE_SETTINGS"
    head = f"\nException occurred while executing '{verb}':\n" if sdk >= 30 else ""
    tail = "" if sdk >= 30 else f"Security exception: {message}\n"
    place = "com.android.providers.settings.SettingsProvider"
    title = space.capitalize()
    return (
        f"{head}{tail}java.lang.SecurityException: {message}\n"
        f"\tat {place}.enforceWritePermission(SettingsProvider.java:2210)\n"
        f"\tat {place}.mutate{title}Setting(SettingsProvider.java:1380)\n"
        f"\tat {place}.call(SettingsProvider.java:420)\n"
    )
