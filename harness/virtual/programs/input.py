"""input: keys for the screen and the way home; taps go nowhere. Refused where the maker locks the shell user out."""

from __future__ import annotations

from harness.virtual.program import Call, program
from harness.virtual.programs.services import FAILED

_TOGGLE = {"26", "KEYCODE_POWER", "POWER"}
_SLEEP = {"223", "KEYCODE_SLEEP", "SLEEP"}
_WAKE = {"224", "KEYCODE_WAKEUP", "WAKEUP", "82", "KEYCODE_MENU", "MENU"}
_HOME = {"3", "KEYCODE_HOME", "HOME"}


@program("input")
async def input_(call: Call) -> int:
    """`input keyevent KEY…`, tap, swipe, text."""
    if len(call.argv) < 2:
        await call.err("Usage: input [<source>] <command> [<arg>...]\n")
        return FAILED
    if call.phone.profile.settings_locked:
        await call.err(
            "java.lang.SecurityException: Injecting to another application requires INJECT_EVENTS permission\n"
            "\tat com.android.commands.input.Input.main(Input.java)\n"
        )
        return FAILED
    state = call.phone.state
    machine = state.machine
    for key in call.argv[2:] if call.argv[1] == "keyevent" else []:
        machine.screen_on = not machine.screen_on if key in _TOGGLE else machine.screen_on
        machine.screen_on = (machine.screen_on or key in _WAKE) and key not in _SLEEP
        state.keyguard = state.keyguard or not machine.screen_on
        state.front = None if key in _HOME else state.front
    return 0
