"""am: the activity manager; of apps a virtual phone has its settings only."""

from __future__ import annotations

from harness.virtual.program import Call, program
from harness.virtual.programs.services import FAILED

_SETTINGS = "com.android.settings/com.android.settings.Settings"


@program("am")
async def am(call: Call) -> int:
    """kill-all, kill and force-stop do nothing; nothing can be started but the settings."""
    match call.argv[1:]:
        case ["kill-all"] | ["kill", *_] | ["force-stop", *_]:
            return 0
        case ["start", *_, ("android.settings.SETTINGS" | "com.android.settings/.Settings")]:
            call.phone.state.front = _SETTINGS
            await call.out("Starting: Intent { cmp=com.android.settings/.Settings }\n")
            return 0
        case [("start" | "startservice" | "start-service" | "instrument") as verb, *_]:
            await call.err(f"Error: am {verb}: a virtual phone has no apps\n")
            return 1
        case _:
            await call.err("Activity manager (activity) commands: kill-all, kill, force-stop\n")
            return FAILED
