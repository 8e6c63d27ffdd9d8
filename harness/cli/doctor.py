"""`harness doctor`: what is wrong with this computer and its phones, and what to do."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.options import AsJson, Rack, Tiers

if TYPE_CHECKING:
    from rich.console import Console

    from harness.adb.server import AdbServer
    from harness.phones.doctor import Check
    from harness.rack.gather import Seen
    from harness.rack.roll import Entry
    from harness.rack.store import RackStore
    from harness.records import PhoneRecord

_LEAST_FREE_MB = 1024


def doctor(
    serials: Annotated[list[str] | None, typer.Argument(metavar="[SERIAL]…", help="Only these phones.")] = None,
    tiers: Tiers = None,
    rack: Rack = None,
    as_json: AsJson = False,
) -> None:
    """Check this computer and its phones, and say what to do; exit code 1 where a person is needed.

    Example: harness doctor
    """
    from harness.adb.server import AdbServer
    from harness.errors import EnvironmentFault
    from harness.phones.tiers import load_rules
    from harness.rack.gather import gather
    from harness.rack.rackfile import RackFile, load_rack
    from harness.rack.roll import call_roll
    from harness.rack.store import RackStore

    rules, rack_file = load_rules(tiers), load_rack(rack)
    store = RackStore(rack_file.state_folder)
    with AdbServer.from_environment() as server:
        seen = gather(server, rules)
        unknown = sorted(set(serials or ()) - {s.serial for s in seen})
        if unknown:
            raise EnvironmentFault(
                f"adb does not name {', '.join(unknown)}", advice="harness devices lists what it does"
            )
        seen = [s for s in seen if not serials or s.serial in serials]
        roll = call_roll(seen, rack_file if not serials else RackFile(), store.holds())
        host = [*_host(server, seen), *_away(roll), *_alarms(store)]
        phones = [(e.seen, [*_held(e), *_phone(e.seen)]) for e in roll if e.seen]
    if as_json:
        import json

        print(json.dumps(_document(host, phones), indent=2, ensure_ascii=False))
    else:
        _print(host, phones)
    if any(c.state == "bad" for c in [*host, *(c for _, checks in phones for c in checks)]):
        raise SystemExit(1)


def _host(server: AdbServer, seen: list[Seen]) -> list[Check]:
    from harness.adb.usb import usb_phones
    from harness.cache import cache_dir
    from harness.phones import states
    from harness.phones.doctor import BAD, NOTE, OK, Check

    found = [Check("adb", OK, f"adb server at {server.host}:{server.port}, version {server.version()}")]
    named = {s.serial for s in seen} | {s.probe.record.phone_id for s in seen if s.probe}
    for phone in usb_phones():
        if phone.serial not in named and not any(s.adb_state == "no permissions" for s in seen):
            found.append(Check("usb", BAD, f"{phone.name} is plugged in, but {states.unseen(phone.debugging)}"))
    if not seen:
        found.append(Check("phones", BAD, "no phone is connected", states.NO_PHONE))
    for name, folder in (("this folder", Path()), ("the cache", cache_dir())):
        free_mb = shutil.disk_usage(_existing(folder)).free >> 20
        state, advice = (OK, "") if free_mb >= _LEAST_FREE_MB else (NOTE, "runs keep their raw files: make room")
        found.append(Check("disk", state, f"{free_mb / 1024:.1f} GiB free for {name}", advice))
    return found


def _away(roll: list[Entry]) -> list[Check]:
    """Phones of the rack file that adb does not name."""
    from harness.phones.doctor import BAD, NOTE, Check

    away = [(e, e.place) for e in roll if e.seen is None and e.place is not None]
    return [Check("absent", BAD if place.expected else NOTE, f"{place.phone_id}: {e.reason}") for e, place in away]


def _alarms(store: RackStore) -> list[Check]:
    from harness.phones.doctor import BAD, Check
    from harness.rack.alarm_book import AlarmBook
    from harness.rack.alarms import AlarmKind

    runs = (AlarmKind.QUIET, AlarmKind.MISSING)  # what is said of phones is looked at anew
    return [Check("alarm", BAD, a.words()) for a in AlarmBook(store).open() if a.kind in runs]


def _held(entry: Entry) -> list[Check]:
    from harness.phones.doctor import BAD, NOTE, Check
    from harness.rack.status import RackState

    hold = entry.hold
    if hold is None:
        return []
    advice = hold.advice or "harness rack release ends it"
    return [Check("rack", BAD if hold.state is RackState.NEEDS_PERSON else NOTE, hold.words(), advice)]


def _existing(folder: Path) -> Path:
    return next(p for p in (folder, *folder.absolute().parents) if p.exists())


def _phone(seen: Seen) -> list[Check]:
    from harness.errors import HarnessError
    from harness.phones.doctor import BAD, Check, examine
    from harness.phones.look import SCRIPT, read_look
    from harness.phones.probe import run_sections
    from harness.phones.states import advice

    if seen.probe is None or seen.phone is None:
        if seen.phone is None:
            return [Check("adb", BAD, seen.adb_state, advice(seen.adb_state))]
        return [Check("adb", BAD, seen.reason or "it does not answer", "pull the cable and plug it in again")]
    try:
        return [*examine(seen.probe, read_look(run_sections(seen.phone, SCRIPT))), *_program(seen.probe.record)]
    except HarnessError as error:
        return [Check("adb", BAD, str(error), "")]


def _program(record: PhoneRecord) -> list[Check]:
    """Whether the benchmark program for a phone is here; a virtual phone brings its own."""
    from harness.benchmark.store.find import find_or_fetch
    from harness.errors import HarnessError
    from harness.phones.doctor import NOTE, OK, Check

    if record.provenance == "virtual":
        return []
    try:
        program = find_or_fetch(record.abilist, offline=True, say=lambda _: None)
    except HarnessError as error:
        return [Check("program", NOTE, error.message, "the first run fetches it, unless --offline; or give --binary")]
    return [Check("program", OK, f"benchmark_model for {program.abi} is here")]


def _document(host: list[Check], phones: list[tuple[Seen, list[Check]]]) -> dict[str, Any]:
    return {
        "schema": 1,
        "host": [vars(c) for c in host],
        "phones": [
            {
                "serial": seen.serial,
                "phone_id": seen.probe.record.phone_id if seen.probe else None,
                "name": seen.name,
                "provenance": seen.probe.record.provenance if seen.probe else None,
                "checks": [vars(c) for c in checks],
            }
            for seen, checks in phones
        ],
    }


def _print(host: list[Check], phones: list[tuple[Seen, list[Check]]]) -> None:
    from rich.console import Console
    from rich.text import Text

    # Without a terminal there is no width to fit into; a log keeps whole rows.
    console = Console(soft_wrap=True) if sys.stdout.isatty() else Console(width=10_000, color_system=None)
    _print_checks(console, "This computer", host)
    for seen, checks in phones:
        record = seen.probe.record if seen.probe else None
        kind = "" if record is None or record.provenance == "real" else f", {record.provenance}"
        _print_checks(console, f"{seen.name[:1].upper()}{seen.name[1:]} ({seen.serial}{kind})", checks)
    needy = sum(any(c.state == "bad" for c in checks) for _, checks in phones)
    needs = "needs" if needy == 1 else "need"
    count = f"{needy} of {len(phones)} phones {needs} a person." if phones else "There is no phone to check."
    console.print(Text(f"\n{count}"))


def _print_checks(console: Console, title: str, checks: list[Check]) -> None:
    from rich.text import Text

    styles = {"ok": "green", "note": "yellow", "bad": "bold red"}
    console.print(Text(f"\n{title}", style="bold"))
    for check in checks:
        said = f"{check.message}: {check.advice}" if check.advice else check.message
        console.print(Text.assemble("  ", (f"{check.state:<5} ", styles[check.state]), said))
