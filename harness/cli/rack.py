"""`harness rack`: the phones of a rack, by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.options import AsJson, Rack
from harness.cli.rack_selftest import selftest
from harness.errors import EnvironmentFault, UsageError

if TYPE_CHECKING:
    from harness.adb.server import AdbServer
    from harness.rack.by_hand import Done
    from harness.rack.rackfile import RackFile
    from harness.rack.roll import Entry
    from harness.rack.store import RackStore

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The phones of a rack: list, adopt, unadopt, release, drain, quarantine, stop, dismiss, selftest.\n\n"
    "Example: harness rack quarantine A3 --reason 'swollen battery' --rack rack.yaml",
)

app.command()(selftest)

_PHONES = "A phone_id, serial, slot or label."
Phones = Annotated[list[str], typer.Argument(metavar="PHONE…", help=_PHONES)]


@app.command("list")
def list_(rack: Rack = None, as_json: AsJson = False) -> None:
    """The slots of the rack file against what adb names: who is there, missing, or not expected.

    Example: harness rack list --rack rack.yaml
    """
    from harness.cli.rack_list import as_rows, print_rows

    with _server() as server:
        store, roll = _roll(server, rack)
    rows = as_rows(roll, store.files)
    if as_json:
        _print_json({"rows": rows})
    else:
        print_rows(rows, from_file=rack is not None)


@app.command()
def adopt(
    serial: Annotated[
        str | None, typer.Argument(help="Its serial; default: the one that is not in the rack yet.")
    ] = None,
    slot: Annotated[str | None, typer.Option(help="Where it sits, as written on the shelf.")] = None,
    label: Annotated[list[str] | None, typer.Option(help="A name for it or its group; may be repeated.")] = None,
    hub: Annotated[str | None, typer.Option(help="The hub port that feeds it, as uhubctl:1-1.4:2.")] = None,
    seconds: Annotated[float, typer.Option(min=0, max=3600, help="How long to watch its battery gauge.")] = 10.0,
    rack: Rack = None,
    as_json: AsJson = False,
) -> None:
    """Take a phone into the rack: its settings are put in place, and the rack file gets an entry for it.

    Example: harness rack adopt R58M12ABCDE --slot A1 --hub uhubctl:1-1.4:2 --rack rack.yaml
    """
    from harness.cli.rack_adopt import as_document, newcomer, place_of, print_adopted
    from harness.rack.adoption import adopt as adopt_phone
    from harness.rack.rackfile import load_rack
    from harness.rack.store import RackStore

    file = _file(rack)
    rack_file = load_rack(file if file.exists() else None)
    store = RackStore(rack_file.state_folder)
    with _server() as server:
        seen = newcomer(server, rack_file, serial)
        assert seen.phone is not None and seen.probe is not None
        place = place_of(seen, slot, label or [], hub)
        done = adopt_phone(seen.phone, seen.probe, place, file, store, gauge_s=seconds)
    if as_json:
        _print_json(as_document(done, seen, file))
    else:
        print_adopted(done, seen, file)


@app.command()
def unadopt(phone: Annotated[str, typer.Argument(metavar="PHONE", help=_PHONES)], rack: Rack = None) -> None:
    """Set a phone's settings back to what they were, and take it out of the rack file.

    Example: harness rack unadopt A1 --rack rack.yaml
    """
    from harness.rack.adoption import unadopt as unadopt_phone

    file = _file(rack)
    with _server() as server:
        store, roll = _roll(server, file)
        (entry, *others) = _find(roll, [phone])
        if others:
            raise UsageError(f"{phone!r} names several phones", advice="unadopt them one by one")
        link = entry.seen.phone if entry.seen and entry.seen.probe else None
        failed = unadopt_phone(link, entry.phone_id or entry.name, file, store)
    for name, why in failed.items():
        print(f"{name} could not be set back: {why}")
    if failed:
        print(f"{entry.name} stays in the rack.")
        raise SystemExit(1)
    print(f"{entry.name} is as it came, and no longer in the rack.")


@app.command()
def release(
    phone: Phones,
    take: Annotated[bool, typer.Option("--break", help="Take it from the run that has leased it, too.")] = False,
    rack: Rack = None,
    as_json: AsJson = False,
) -> None:
    """Give phones back to the rack: ends quarantine, drain and "needs a person".

    Example: harness rack release A1
    """
    from harness.rack.by_hand import release as release_phone

    def work(entry: Entry, phone_id: str, store: RackStore) -> Done:
        return release_phone(phone_id, entry.seen.phone if entry.seen else None, store, take=take)

    _each(phone, rack, as_json, work)


@app.command()
def drain(
    phone: Phones,
    reason: Annotated[str, typer.Option(help="Why, for others.")] = "drained by hand",
    rack: Rack = None,
    as_json: AsJson = False,
) -> None:
    """Let what runs on phones end, and start nothing new on them until they are released.

    Example: harness rack drain A1 --reason "goes to repair"
    """
    from harness.rack.by_hand import drain as drain_phone

    _each(phone, rack, as_json, lambda _entry, phone_id, store: drain_phone(phone_id, store, reason))


@app.command()
def quarantine(
    phone: Phones,
    reason: Annotated[str, typer.Option(help="Why, for others.")],
    for_: Annotated[
        str | None, typer.Option("--for", help="How long: 30m, 2h, 3d; default: until it is released.")
    ] = None,
    rack: Rack = None,
    as_json: AsJson = False,
) -> None:
    """Leave phones alone for a time, or until they are released.

    Example: harness rack quarantine A1 --reason "swollen battery" --for 2h
    """
    from harness.rack.by_hand import quarantine as quarantine_phone
    from harness.rack.span import parse_span

    for_s = None if for_ is None else parse_span(for_)
    if not reason.strip():
        raise UsageError("--reason is empty", advice="say why, for whoever finds the phone")
    _each(phone, rack, as_json, lambda _entry, phone_id, store: quarantine_phone(phone_id, store, reason, for_s))


@app.command()
def stop(
    phone: Annotated[list[str] | None, typer.Argument(metavar="[PHONE]…", help=f"{_PHONES} Default: all.")] = None,
    rack: Rack = None,
    as_json: AsJson = False,
) -> None:
    """End what the harness runs on phones, and restore them; files stay (harness clean removes them).

    A phone that was leased drains afterwards, so that its run does not come back to it.

    Example: harness rack stop A1
    """
    from harness.rack.by_hand import Done
    from harness.rack.by_hand import stop as stop_phone

    def work(entry: Entry, phone_id: str, store: RackStore) -> Done:
        if entry.seen is None or entry.seen.phone is None:
            return Done(phone_id, "could not be stopped: adb cannot reach it", False)
        return stop_phone(phone_id, entry.seen.phone, store)

    _each(phone, rack, as_json, work)


@app.command()
def dismiss(
    names: Annotated[list[str] | None, typer.Argument(metavar="[ID]…", help="Phone or run ids; default: all.")] = None,
    rack: Rack = None,
) -> None:
    """Clear alarms that somebody has seen to; one whose cause is still there is raised again.

    Example: harness rack dismiss 20261124-192329-858a67
    """
    from harness.rack.alarm_book import AlarmBook
    from harness.rack.messenger import Messenger
    from harness.rack.rackfile import load_rack
    from harness.rack.store import RackStore
    from harness.report.words import plural

    rack_file = load_rack(rack)
    with Messenger(rack_file.alarms) as messenger:
        alarms = AlarmBook(RackStore(rack_file.state_folder), messenger).dismiss(names or [])
    for alarm in alarms:
        print(f"Dismissed {alarm.words()}")
    print(f"{plural(len(alarms), 'alarm')} dismissed.")


def _each(
    words: list[str] | None, rack: Path | None, as_json: bool, work: Callable[[Entry, str, RackStore], Done]
) -> None:
    """Do something to phones, several at once, and tell of each; exit code 1 where one could not be helped."""
    from concurrent.futures import ThreadPoolExecutor

    with _server() as server:
        store, roll = _roll(server, rack)
        # Without words: those that are there.
        entries = _find(roll, words) if words else [e for e in roll if e.seen is not None]
        if not entries:
            raise EnvironmentFault("no phone is connected", advice="see harness devices")
        with ThreadPoolExecutor(max_workers=16) as pool:
            done = list(pool.map(lambda e: work(e, e.phone_id or e.name, store), entries))
    if as_json:
        _print_json({"rows": [vars(d) for d in done]})
    else:
        for entry, one in zip(entries, done, strict=True):
            print(f"{entry.name} {one.text}.")
    if not all(d.ok for d in done):
        raise SystemExit(1)


def _find(roll: list[Entry], words: list[str]) -> list[Entry]:
    from harness.rack.roll import find

    found = {id(entry): entry for word in words for entry in find(roll, word)}
    return list(found.values())


def _server() -> AdbServer:
    from harness.adb.server import AdbServer

    return AdbServer.from_environment()


def _roll(server: AdbServer, rack: Path | None) -> tuple[RackStore, list[Entry]]:
    from harness.phones.tiers import load_rules
    from harness.rack.gather import gather
    from harness.rack.rackfile import load_rack
    from harness.rack.roll import call_roll
    from harness.rack.store import RackStore

    rack_file: RackFile = load_rack(rack)
    store = RackStore(rack_file.state_folder)
    return store, call_roll(gather(server, load_rules(None)), rack_file, store.holds())


def _file(rack: Path | None) -> Path:
    if rack is None:
        raise UsageError("there is no rack file", advice="give --rack rack.yaml, or set HARNESS_RACK; adopt makes one")
    return rack


def _print_json(document: dict[str, Any]) -> None:
    import json

    print(json.dumps({"schema": 1, **document}, indent=2, ensure_ascii=False))
