"""cmd and service: commands of a service, and which services there are."""

from __future__ import annotations

from harness.virtual.program import Call, program
from harness.virtual.programs.services import NO_SERVICE, load, services

load()


@program("cmd")
async def cmd(call: Call) -> int:
    """Run a service's command; an unknown service is told on stderr with exit code 20."""
    args = [a for a in call.argv[1:2] if a != "-w"] + call.argv[2:]
    if not args:
        await call.err("cmd: No service specified; use -l to list all running services. Try cmd --help.\n")
        return NO_SERVICE
    known = services(call.phone.profile)
    if args[0] == "-l":
        await call.out("Currently running services:\n" + "".join(f"  {name}\n" for name in known))
        return 0
    service = known.get(args[0])
    if service is None:
        await call.err(f"cmd: Can't find service: {args[0]}\n")
        return NO_SERVICE
    if service.command is None:
        return 0
    return await service.command(call, args[1:])


@program("service")
async def service_(call: Call) -> int:
    """`service check NAME` and `service list`."""
    known = services(call.phone.profile)
    match call.argv[1:]:
        case ["check", name]:
            await call.out(f"Service {name}: {'found' if name in known else 'not found'}\n")
        case ["list"]:
            rows = "".join(f"{i}\t{s.name}: [{s.interface}]\n" for i, s in enumerate(known.values()))
            await call.out(f"Found {len(known)} services:\n{rows}")
        case _:
            await call.out("Usage: service [-h|-?]\n       service list\n       service check SERVICE\n")
            return 10
    return 0
