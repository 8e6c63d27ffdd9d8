"""logcat: dump, clear, filters by tag, pid, buffer and count."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable

from harness.virtual.program import Call, program
from harness.virtual.state import LogLine

_PRIORITIES = "VDIWEF"


@program("logcat")
async def logcat(call: Call) -> int:
    """The log, with the options that scripts use; follows without -d."""
    state = call.phone.state
    args = call.argv[1:]
    options: dict[str, str] = {}
    switches: set[str] = set()
    filters: list[str] = []
    while args:
        arg = args.pop(0)
        if arg in ("-v", "-t", "-b", "-T") and args:
            options[arg] = args.pop(0)
        elif arg.startswith("--pid="):
            options["--pid"] = arg.removeprefix("--pid=")
        elif arg.startswith("-"):
            switches.add(arg)
        else:
            filters.append(arg)
    if "-c" in switches:
        state.log_lines.clear()
        return 0
    if "-s" in switches:
        filters.append("*:S")
    shown = _chooser(filters, options.get("--pid"), options.get("-b"))
    lines = [line for line in state.log_lines if shown(line)]
    if "-t" in options and options["-t"].isdigit():
        lines = lines[-int(options["-t"]) :]
    style = options.get("-v", "threadtime")
    await call.out("--------- beginning of main\n" + "".join(_print(line, style) for line in lines))
    if "-d" in switches or "-t" in options:
        return 0
    seen = len(state.log_lines)
    while True:
        await asyncio.sleep(0.2)
        new = [line for line in list(state.log_lines)[seen:] if shown(line)]
        seen = len(state.log_lines)
        await call.out("".join(_print(line, style) for line in new))


def _chooser(filters: list[str], pid: str | None, buffer: str | None) -> Callable[[LogLine], bool]:
    lowest = {}
    for item in filters:
        tag, _, priority = item.partition(":")
        lowest[tag] = (priority or "V").upper()

    def shown(line: LogLine) -> bool:
        if pid is not None and str(line.pid) != pid:
            return False
        if buffer not in (None, "all", "default", line.buffer) and line.buffer not in (buffer or "").split(","):
            return False
        wanted = lowest.get(line.tag, lowest.get("*", "V"))
        return wanted != "S" and _PRIORITIES.index(line.priority) >= _PRIORITIES.find(wanted)

    return shown


def _print(line: LogLine, style: str) -> str:
    when = datetime.datetime.fromtimestamp(line.wall_s, datetime.UTC)
    stamp = f"{when:%m-%d %H:%M:%S}.{when.microsecond // 1000:03d}"
    if style == "brief":
        head = f"{line.priority}/{line.tag}({line.pid:5d}): "
    elif style == "raw":
        head = ""
    elif style == "time":
        head = f"{stamp} {line.priority}/{line.tag}({line.pid:5d}): "
    else:
        head = f"{stamp} {line.pid:5d} {line.pid:5d} {line.priority} {line.tag:<8}: "
    return head + line.text + "\n"
