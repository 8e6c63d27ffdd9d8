"""Services of a virtual phone that `dumpsys`, `cmd` and `service` reach; each module is one service.

A module registers its service with `service(name, dump=…, command=…)`; either may be missing, as on a phone.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from harness.virtual.profile import Profile
from harness.virtual.program import Call

#: Runs one command of a service; the arguments are those after the service's name.
Handler = Callable[[Call, list[str]], Awaitable[int]]

#: Exit codes of `cmd`: as the shell sees -1, and what it says of a service that is not there.
FAILED, NO_SERVICE = 255, 20


@dataclass(frozen=True)
class Service:
    """One service. `interface` is its AIDL name; `first_sdk` the first Android level that has it."""

    name: str
    interface: str
    dump: Handler | None = None
    command: Handler | None = None
    present: Callable[[Profile], bool] = lambda profile: True


_SERVICES: dict[str, Service] = {}


def register(service: Service) -> None:
    """Make a service known."""
    _SERVICES[service.name] = service


def services(profile: Profile) -> dict[str, Service]:
    """The services of one kind of phone by name, sorted."""
    return {name: s for name, s in sorted(_SERVICES.items()) if s.present(profile)}


def load() -> None:
    """Import every service."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")


async def unknown_command(call: Call, command: str) -> int:
    """What Android's services say of a command that they do not know."""
    await call.out(f"Unknown command: {command}\n")
    return FAILED
