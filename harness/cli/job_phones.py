"""The phones of `bench` and `run`: where they are, those of the rack file, and those of a run that is gone on with."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.adb.server import AdbServer
    from harness.benchmark.suite import Suite
    from harness.cli.job import JobOptions
    from harness.phones.tiers import TierRules
    from harness.rack.gather import Seen
    from harness.rack.holds import Hold
    from harness.rack.rackfile import RackFile
    from harness.results.folder import RunFolder

log = logging.getLogger("harness.job")

#: Phones that are named one by one before a run.
_MOST_NAMED = 4


@dataclass(frozen=True)
class JobPhones:
    """The phones of a job, and where they are.

    Attributes:
        rack: None where phones come and go with this command, so that nothing is remembered of them.
        hubs: phone_id to the hub's port that feeds it, as a rack file names it.
        wanted: selectors that the phones were chosen by.
    """

    server: AdbServer
    rules: TierRules
    rack: RackFile | None
    hubs: dict[str, str]
    wanted: tuple[str, ...]
    seen: list[Seen]


def job_phones(suite: Suite, options: JobOptions, folder: RunFolder | None, stack: contextlib.ExitStack) -> JobPhones:
    """The phones that a job can use now, and those that it heals itself; says on stderr what is left out.

    Args:
        folder: the run that is gone on with.
        stack: ends the server, where it is one of our own.

    Raises:
        UsageError: a selector or an option does not fit.
        EnvironmentFault: no phone is left, or there is no server.
    """
    from harness.cli.select import usable
    from harness.cli.site import check_rate, labels_of, named_hubs
    from harness.phones.tiers import load_rules
    from harness.rack.rackfile import load_rack

    rules = load_rules(options.tiers)
    rack = None if options.virtual or options.profiles else load_rack(options.rack)
    hubs = named_hubs(rack)
    server = stack.enter_context(server_of(options, suite.seed, hubs))
    wanted = options.devices or tuple(suite.devices)
    holds, labels = held_phones(rack), labels_of(rack)
    missed = away(folder) if folder else known(rack, wanted, holds)
    if rack is not None and not options.dry_run:
        others = {*holds, *(s.phone_id for s in missed), *unasked(rack, wanted)}
        prepare_rack(server, rules, rack, others)
    seen = usable(
        server,
        rules,
        wanted,
        gates=suite.gates,
        wait_s=options.wait_s,
        healed={name for s in missed for name in (s.phone_id, s.serial)},
        holds=holds,
        labels=labels,
    )
    if rack is not None:
        note_phones(rack, seen)
    seen += [one for one in missed if one.phone_id not in {s.phone_id for s in seen}]
    check_rate(options.rate, seen)
    if suite.work_protocol().cut_usb:
        _check_cut(seen, hubs)
    _say_found(seen)
    return JobPhones(server, rules, rack, hubs, wanted, seen)


def _check_cut(seen: list[Seen], hubs: dict[str, str]) -> None:
    """Every phone of a run with cut_usb is fed by a port that can be cut, or runs from its battery anyway."""
    for phone in seen:
        if phone.probe is None or phone.probe.record.phone_id in hubs or phone.probe.battery.charging is None:
            continue
        raise UsageError(
            f"{phone.name} ({phone.serial}) is {phone.probe.battery.charging}, and no hub is known that cuts its power",
            advice="name its port in the rack file (hub: uhubctl:1-1.4:2), unplug it and use adb over Wi-Fi, or leave "
            "protocol.cut_usb out",
        )


def _say_found(seen: list[Seen]) -> None:
    for phone in seen[:_MOST_NAMED]:
        record = phone.probe.record if phone.probe else None
        if record is not None:
            words = (f"Android {record.android}" if record.android else None, record.soc, f"tier {record.tier}")
            kind = "" if record.provenance == "real" else f"{record.provenance} "
            log.info("Found %s%s (%s): %s", kind, phone.name, phone.serial, ", ".join(w for w in words if w))
    if len(seen) > _MOST_NAMED:
        log.info("Found %d more phones", len(seen) - _MOST_NAMED)


@contextlib.contextmanager
def server_of(options: JobOptions, seed: int, hubs: dict[str, str]) -> Iterator[AdbServer]:
    """The adb server that a command works with: the usual one, or one with virtual phones.

    Args:
        hubs: phone_id to hub's port, filled in for virtual phones.

    Raises:
        UsageError: an option is for virtual phones.
        EnvironmentFault: there is no server.
    """
    if options.virtual or options.profiles:
        from harness.cli.virtual_rack import virtual_server

        names = list(options.profiles)
        with virtual_server(
            options.virtual,
            profiles=names,
            rate=options.rate,
            seed=seed,
            faults=options.faults,
            ledger=options.ledger,
            hubs=hubs,
        ) as server:
            yield server
        return
    from harness.adb.server import AdbServer

    given = {"--faults": options.faults, "--ledger": options.ledger}
    for word in (w for w, value in given.items() if value is not None):
        raise UsageError(f"{word} is for virtual phones", advice="add --virtual 1")
    with AdbServer.from_environment() as server:
        yield server


def prepare_rack(server: AdbServer, rules: TierRules, rack: RackFile, others: Collection[str | None]) -> None:
    """Have the rack's phones there, and heal those that are not well and of which nothing is known to plan with.

    Args:
        others: phone_ids that are seen to by whoever took them out, or by the run itself.
    """
    from harness.cli.site import expected, hubs, named_hubs
    from harness.clock import RateClock
    from harness.rack.gather import gather
    from harness.rack.settle import connect_rack, settle
    from harness.rack.site import Site
    from harness.rack.store import this_command
    from harness.rack.tickets import QUEUE, TicketBook

    if not rack.phones:
        return
    connect_rack(server, rack)
    tickets = TicketBook(rack.state_folder / QUEUE).others()
    busy = {job.phone_id for ticket in tickets for job in ticket.jobs}.union(others)
    unknown = [p for p in rack.phones if p.expected and p.phone_id not in busy]
    if unknown:  # else no phone is asked twice
        hub, who = hubs(named_hubs(rack)), this_command()
        site = Site(server, rules, RateClock(), who, expected=expected(rack), hub=hub, may_reboot=True)
        settle(site, unknown, gather(server, rules), lambda serial, text: log.warning("%s: %s", serial, text))


def held_phones(rack: RackFile | None) -> dict[str, Hold]:
    """What was taken out of the rack, by phone_id."""
    from harness.rack.store import RackStore

    return RackStore(rack.state_folder).holds() if rack else {}


def known(rack: RackFile | None, wanted: tuple[str, ...], holds: Collection[str]) -> list[Seen]:
    """The phones of the rack file that match and that an earlier run has seen; those that are ill now are healed."""
    if rack is None:
        return []
    from harness.benchmark.selectors import parse_selectors, why_not
    from harness.cli.site import labels_of
    from harness.rack.known import known_phones
    from harness.rack.store import RackStore

    selectors = parse_selectors(wanted)
    files = RackStore(rack.state_folder).files
    labels = labels_of(rack)
    found = [(s, s.probe.record) for s in known_phones(files, rack) if s.probe is not None]
    return [s for s, r in found if r.phone_id not in holds and why_not(selectors, r, labels[r.phone_id]) is None]


def unasked(rack: RackFile, wanted: tuple[str, ...]) -> list[str]:
    """phone_ids of the rack file that a command does not ask for, where it names its phones one by one."""
    from harness.benchmark.selectors import parse_selectors

    terms = [term for selector in parse_selectors(wanted) for term in selector]
    if not terms or any(term.key is not None for term in terms):
        return []
    named = {term.value for term in terms}
    return [p.phone_id for p in rack.phones if not named & {p.phone_id, p.serial}]


def note_phones(rack: RackFile, seen: list[Seen]) -> None:
    """Remember the rack's phones for `known`."""
    from harness.rack.known import remember
    from harness.rack.store import RackStore

    if rack.phones:
        remember(RackStore(rack.state_folder).files, rack, seen)


def away(folder: RunFolder | None) -> list[Seen]:
    """Phones of a run that is gone on with, as it knew them: whoever does not answer now is waited for and healed."""
    if folder is None:
        return []
    from collections import Counter

    from harness.rack.gather import remembered
    from harness.records import PhoneRecord, from_json

    counts = Counter(s.phone_id for s in folder.journal.sessions.values())
    planned = folder.meta.get("planned", {})
    records = [from_json(PhoneRecord, data) for data in folder.meta.get("phones", [])]
    return [remembered(r) for r in records if counts[r.phone_id] < planned.get(r.phone_id, 0)]
