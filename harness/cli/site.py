"""The rack that a run works on: the rack file, what commands remember together, and what may be done to phones."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from harness.errors import UsageError

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable, Sequence

    from harness.adb.server import AdbServer
    from harness.benchmark.suite import Suite
    from harness.clock import Clock
    from harness.hubs.hub import HubPort
    from harness.phones.tiers import TierRules
    from harness.rack.gather import Seen
    from harness.rack.rackfile import RackFile
    from harness.rack.site import Site

#: Controller seconds for which a job waits for a phone that is ill: somebody's desk, and a rack at night.
_DESK_S, _RACK_S = 180.0, 1800.0
#: Real seconds for which a lost link may come back by itself before the ladder is climbed.
_DESK_LINK_S, _RACK_LINK_S = 180.0, 30.0


def make_site(
    server: AdbServer,
    rules: TierRules,
    clock: Clock,
    suite: Suite,
    rack: RackFile | None,
    phones: Sequence[Seen],
    run_id: str,
    stack: contextlib.ExitStack,
) -> Site:
    """The site of one run.

    Phones that the rack file names, and virtual ones, may be rebooted to heal them; somebody's phone on a desk may not.

    Args:
        rack: None where phones come and go with this command, so that nothing is remembered of them.
        phones: those of the run.
        stack: ends what the command tells others of itself.

    Raises:
        HostTransientError: another command runs this run.
    """
    from harness.rack.fitness import Fitness
    from harness.rack.pushes import PushSlots
    from harness.rack.site import Site
    from harness.rack.store import RackStore, who
    from harness.rack.tickets import TicketBook

    records = [s.probe.record for s in phones if s.probe]
    named = {p.phone_id for p in rack.phones} if rack else set()
    ours = all(r.provenance == "virtual" or r.phone_id in named for r in records)
    owner = f"{who()}:{os.getpid()}"
    book = TicketBook(rack.state_folder / "queue") if rack else None
    return Site(
        server,
        rules,
        clock,
        owner,
        run_id,
        fit=Fitness(suite.care.limits(), suite.gates.why_not, clock),
        expected=expected(rack),
        hub=hubs(rack),
        store=RackStore(rack.state_folder) if rack else None,
        pushes=PushSlots(rack.pushes_per_controller) if rack else PushSlots(),
        book=book,
        ticket=stack.enter_context(book.open(run_id, owner)) if book else None,
        patience_s=_RACK_S if ours else _DESK_S,
        link_s=_RACK_LINK_S if ours else _DESK_LINK_S,
        may_reboot=ours,
    )


def expected(rack: RackFile | None) -> dict[str, frozenset[str]]:
    """phone_ids that the rack file expects to be there, with their labels."""
    return {p.phone_id: frozenset(p.labels) for p in rack.phones if p.expected} if rack else {}


def hubs(rack: RackFile | None) -> Callable[[str], HubPort | None]:
    """The USB port of each phone, as the rack file has it."""
    from harness.hubs.spec import open_hub

    ports = {p.phone_id: open_hub(p.hub) for p in rack.phones if p.hub} if rack else {}
    return ports.get


def check_rate(rate: float, phones: Sequence[Seen]) -> None:
    """A fast clock is for virtual phones.

    Raises:
        UsageError: one of the phones is none.
    """
    others = [s.serial for s in phones if s.probe and s.probe.record.provenance != "virtual"]
    if rate != 1.0 and others:
        raise UsageError(f"--rate is for virtual phones, and {others[0]} is none", advice="leave it out")
