"""id, whoami, getenforce and date (where the clock has a rate of its own)."""

from __future__ import annotations

import datetime

from harness.virtual.program import Call, program


@program("id")
async def id_(call: Call) -> int:
    """The shell user."""
    if call.argv[1:] == ["-u"]:
        await call.out("2000\n")
    elif call.argv[1:] == ["-un"]:
        await call.out("shell\n")
    else:
        await call.out("uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input) context=u:r:shell:s0\n")
    return 0


@program("whoami")
async def whoami(call: Call) -> int:
    """shell."""
    await call.out("shell\n")
    return 0


@program("getenforce")
async def getenforce(call: Call) -> int:
    """Enforcing, as on every retail phone."""
    await call.out("Enforcing\n")
    return 0


@program("date")
async def date(call: Call) -> int:
    """The phone's wall clock, which runs at its rate; `+FORMAT` as strftime has it."""
    now = datetime.datetime.fromtimestamp(call.phone.clock.wall_s(), datetime.UTC)
    wanted = next((a[1:] for a in call.argv[1:] if a.startswith("+")), "%a %b %e %H:%M:%S UTC %Y")
    text = wanted.replace("%s", str(int(now.timestamp()))).replace("%N", f"{now.microsecond * 1000:09d}")
    await call.out(now.strftime(text) + "\n")
    return 0
