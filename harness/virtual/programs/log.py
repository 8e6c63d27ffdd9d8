"""log: write a line to the log that logcat shows."""

from __future__ import annotations

from harness.virtual.log import PRIORITIES
from harness.virtual.program import Call, program


@program("log")
async def log(call: Call) -> int:
    """`log [-p PRIORITY] [-t TAG] WORD…`."""
    args, priority, tag = call.argv[1:], "I", "log"
    while len(args) > 1 and args[0] in ("-p", "-t"):
        priority, tag = (args[1].upper(), tag) if args[0] == "-p" else (priority, args[1])
        args = args[2:]
    if not args or priority not in PRIORITIES:
        await call.err("log: usage: log [-p PRI] [-t TAG] [MESSAGE...]\n")
        return 1
    call.phone.state.log(priority, tag, " ".join(args), pid=call.pid)
    return 0
