"""The rack that a run works on: the rack file, what commands remember together, and what may be done to phones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import UsageError

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from harness.benchmark.suite import Suite
    from harness.cli.job_phones import JobPhones
    from harness.clock import Clock
    from harness.hubs.hub import HubPort
    from harness.rack.gather import Seen
    from harness.rack.rackfile import RackFile
    from harness.rack.site import Site

#: Controller seconds for which a job waits for a phone that is ill: somebody's desk, and a rack at night.
_DESK_S, _RACK_S = 180.0, 1800.0
#: Real seconds for which a lost link may come back by itself before the ladder is climbed.
_DESK_LINK_S, _RACK_LINK_S = 180.0, 30.0


def make_site(
    phones: JobPhones, clock: Clock, suite: Suite, run_id: str, stack: contextlib.ExitStack, folder: Path
) -> Site:
    """The site of one run.

    Phones that the rack file names, and virtual ones, may be rebooted to heal them; somebody's phone on a desk may not.

    Args:
        phones: those of the run, and where they are.
        stack: ends what the command tells others of itself.
        folder: of the run.

    Raises:
        HostTransientError: another command runs this run.
    """
    from harness.rack.alarm_book import AlarmBook
    from harness.rack.cool import CoolBook
    from harness.rack.fitness import Fitness
    from harness.rack.messenger import Messenger
    from harness.rack.pushes import PushSlots
    from harness.rack.rackfile import RackAlarms
    from harness.rack.site import Site
    from harness.rack.store import RackStore, this_command
    from harness.rack.tickets import QUEUE, TicketBook

    rack = phones.rack
    records = [s.probe.record for s in phones.seen if s.probe]
    named = {p.phone_id for p in rack.phones} if rack else set()
    ours = all(r.provenance == "virtual" or r.phone_id in named for r in records)
    owner = this_command()
    store = RackStore(rack.state_folder) if rack else None
    book = TicketBook(rack.state_folder / QUEUE) if rack else None
    return Site(
        phones.server,
        phones.rules,
        clock,
        owner,
        run_id,
        fit=Fitness(suite.care.limits(), suite.gates.why_not, clock),
        expected=expected(rack),
        labels=labels_of(rack),
        hub=hubs(phones.hubs),
        store=store,
        cool=CoolBook(store.files, store.now) if store else None,
        pushes=PushSlots(rack.pushes_per_controller) if rack else PushSlots(),
        book=book,
        ticket=stack.enter_context(book.open(run_id, owner, folder)) if book else None,
        alarms=AlarmBook(store, stack.enter_context(Messenger(rack.alarms))) if rack and store else None,
        limits=rack.alarms if rack else RackAlarms(),
        patience_s=_RACK_S if ours else _DESK_S,
        link_s=_RACK_LINK_S if ours else _DESK_LINK_S,
        may_reboot=ours,
    )


def expected(rack: RackFile | None) -> frozenset[str]:
    """phone_ids that the rack file expects to be there."""
    return frozenset(p.phone_id for p in rack.phones if p.expected) if rack else frozenset()


def labels_of(rack: RackFile | None) -> dict[str, frozenset[str]]:
    """phone_ids to the labels that the rack file gives them."""
    return {p.phone_id: frozenset(p.labels) for p in rack.phones} if rack else {}


def hubs(specs: Mapping[str, str]) -> Callable[[str], HubPort | None]:
    """The USB port of each phone, from what names it in a rack file."""
    from harness.hubs.spec import open_hub

    return {phone_id: open_hub(spec) for phone_id, spec in specs.items()}.get


def named_hubs(rack: RackFile | None) -> dict[str, str]:
    """phone_ids to the hub's port that the rack file names."""
    return {p.phone_id: p.hub for p in rack.phones if p.hub} if rack else {}


def check_rate(rate: float, phones: Sequence[Seen]) -> None:
    """A fast clock is for virtual phones.

    Raises:
        UsageError: one of the phones is none.
    """
    others = [s.serial for s in phones if s.probe and s.probe.record.provenance != "virtual"]
    if rate != 1.0 and others:
        raise UsageError(f"--rate is for virtual phones, and {others[0]} is none", advice="leave it out")
