"""dumpsys: what a service says of itself."""

from __future__ import annotations

from harness.virtual.program import Call, program
from harness.virtual.programs.services import Service, load, services

load()


@program("dumpsys")
async def dumpsys(call: Call) -> int:
    """One service, all of them, or (-l) their names. An unknown one is told on stderr, and the exit code stays 0."""
    args = call.argv[1:]
    # dumpsys' own options stand before the service's name: -t SECONDS, -T MS, --priority LEVEL …
    while args and args[0].startswith("-") and args[0] not in ("-l", "--help"):
        args = args[2:] if args[0] in ("-t", "-T", "--priority", "--skip") else args[1:]
    known = services(call.phone.profile)
    if args[:1] == ["--help"]:
        await call.out("usage: dumpsys [-l] [-t TIMEOUT] [SERVICE [ARGS]]\n")
        return 0
    if args and args[0] != "-l":
        service = known.get(args[0])
        if service is None:
            await call.err(f"Can't find service: {args[0]}\n")
            return 0
        return await _dump(call, service, args[1:])
    await call.out("Currently running services:\n" + "".join(f"  {name}\n" for name in known))
    if not args:
        for name, service in known.items():
            await call.out(f"{'-' * 79}\nDUMP OF SERVICE {name}:\n")
            await _dump(call, service, [])
    return 0


async def _dump(call: Call, service: Service, args: list[str]) -> int:
    return await service.dump(call, args) if service.dump else 0
