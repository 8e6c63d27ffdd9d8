"""date, for phones whose clock has a rate of its own."""

from __future__ import annotations

import datetime

from harness.virtual.program import Call, program


@program("date")
async def date(call: Call) -> int:
    """The phone's wall clock; `+FORMAT` as strftime has it with %N for nanoseconds, `-d @SECONDS`."""
    args = call.argv[1:]
    seconds = call.phone.clock.wall_s()
    if "-d" in args and args[args.index("-d") + 1 :]:
        given = args[args.index("-d") + 1]
        try:
            seconds = float(given.removeprefix("@"))
        except ValueError:
            await call.err(f"date: bad date '{given}'\n")
            return 1
    now = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    wanted = next((a[1:] for a in args if a.startswith("+")), "%a %b %e %H:%M:%S UTC %Y")
    text = wanted.replace("%s", str(int(seconds))).replace("%N", f"{now.microsecond * 1000:09d}")
    await call.out(now.strftime(text) + "\n")
    return 0
