"""am: the activity manager; a virtual phone has its settings and, once installed, the benchmark app."""

from __future__ import annotations

import os
import shlex
import signal

from harness.virtual.apps import ACTIVITY, BENCHMARK, SYSTEM_SERVER
from harness.virtual.program import Call, program
from harness.virtual.programs.services import FAILED

_SETTINGS = "com.android.settings/com.android.settings.Settings"


@program("am")
async def am(call: Call) -> int:
    """kill-all and kill do nothing; start and force-stop know the settings and the benchmark app."""
    match call.argv[1:]:
        case ["force-stop", name]:
            force_stop(call, name)
            return 0
        case ["kill-all"] | ["kill", *_]:
            return 0
        case ["start", *_, ("android.settings.SETTINGS" | "com.android.settings/.Settings")]:
            call.phone.state.front = _SETTINGS
            await call.out("Starting: Intent { cmp=com.android.settings/.Settings }\n")
            return 0
        case [("start" | "start-activity"), *args] if "-n" in args[:-1]:
            return await _start(call, args)
        case [("start" | "startservice" | "start-service" | "instrument") as verb, *_]:
            await call.err(f"Error: am {verb}: a virtual phone has no such app\n")
            return 1
        case _:
            await call.err("Activity manager (activity) commands: start, kill-all, kill, force-stop\n")
            return FAILED


def force_stop(call: Call, name: str) -> None:
    """End an app's processes, as `am force-stop` and a new install do."""
    state = call.phone.state
    for pid in [pid for pid, process in state.pids.items() if process.name == name]:
        state.log(
            "I", "ActivityManager", f"Force stopping {name} appid=10245 user=0: from pid {call.pid}", SYSTEM_SERVER
        )
        call.phone.kill(pid, signal.SIGKILL)


async def _start(call: Call, args: list[str]) -> int:
    component = args[args.index("-n") + 1]
    await call.out(f"Starting: Intent {{ cmp={component} (has extras) }}\n")
    if component != ACTIVITY or BENCHMARK not in call.phone.state.apps:
        package, _, activity = component.partition("/")
        await call.err(
            f"Error type 3\nError: Activity class {{{package}/{package}{activity}}} does not exist.\n",
        )
        return 1
    if "-S" in args:
        force_stop(call, BENCHMARK)
    # The activity cuts its one argument at blanks, and nothing takes quotes off before that.
    text = args[args.index("args") + 1] if "args" in args[:-1] and "--es" in args else ""
    words = " ".join(shlex.quote(word) for word in text.split())
    nowhere = [os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC) for _ in range(3)]
    pid, _ = await call.phone.spawn(f"exec {BENCHMARK} {words}", nowhere, pty=False, term=None)
    state = call.phone.state
    state.log(
        "I", "ActivityManager", f"Start proc {pid}:{BENCHMARK}/u0a245 for top-activity {{{component}}}", SYSTEM_SERVER
    )
    started = f"[0,{pid},10245,{BENCHMARK},top-activity,{{{component}}}]"
    state.log("I", "am_proc_start", started, SYSTEM_SERVER, buffer="events")
    return 0
