"""What `harness rack adopt` asks and shows."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentFault, UsageError

if TYPE_CHECKING:
    from harness.adb.server import AdbServer
    from harness.rack.adoption import Adopted
    from harness.rack.gather import Seen
    from harness.rack.rackfile import RackFile, RackPhone


def newcomer(server: AdbServer, rack: RackFile, serial: str | None) -> Seen:
    """The phone to adopt: the one named, or the only one that is not in the rack yet.

    Raises:
        EnvironmentFault: there is none, it does not answer, or a run has it.
        UsageError: there are several.
    """
    from harness.phones.tiers import load_rules
    from harness.rack.gather import gather
    from harness.rack.roll import call_roll, find

    roll = call_roll(gather(server, load_rules(None)), rack, {})
    if serial is not None:
        chosen = find(roll, serial)
    else:
        chosen = [e for e in roll if e.place is None]
        if not chosen:
            raise EnvironmentFault("no phone is connected that is not in the rack", advice="name one, or plug it in")
    if len(chosen) > 1:
        names = ", ".join(e.name for e in chosen)
        raise UsageError(f"several phones can be meant: {names}", advice="give the serial of one")
    entry = chosen[0]
    if entry.seen is None or entry.seen.probe is None:
        raise EnvironmentFault(f"{entry.name}: {entry.reason}")
    standing = entry.seen.probe.standing
    if standing is not None and standing.holder is not None:
        raise EnvironmentFault(f"{entry.name} is {standing.holder}", advice="adopt it when the run has ended")
    return entry.seen


def place_of(seen: Seen, slot: str | None, labels: list[str], hub: str | None) -> RackPhone:
    """Its entry in the rack file.

    Raises:
        UsageError: a value is empty.
    """
    from pydantic import ValidationError

    from harness.rack.rackfile import RackPhone

    assert seen.probe is not None
    phone_id = seen.probe.record.phone_id
    serial = seen.serial if ":" in seen.serial else None
    try:
        return RackPhone(phone_id=phone_id, slot=slot, labels=labels, hub=hub, serial=serial)
    except ValidationError as error:
        raise UsageError(f"--{error.errors()[0]['loc'][0]} is empty", advice="leave it out, or give a name") from None


def as_document(done: Adopted, seen: Seen, file: Path) -> dict[str, Any]:
    """What became of it, for programs."""
    assert seen.probe is not None
    return {
        "phone_id": done.phone.phone_id,
        "serial": seen.serial,
        "rack_file": str(file),
        "new": done.new,
        "entry": done.phone.model_dump(mode="json"),
        "settings": [
            {
                "name": a.setting.name,
                "wanted": a.setting.wanted,
                "old": a.old,
                "changed": a.changed,
                "refused": a.refused,
                "why": a.setting.why,
            }
            for a in done.settings
        ],
        "readable_nodes": sorted(seen.probe.nodes),
        "gauges": None if done.gauges is None else [asdict(g) for g in done.gauges],
        **({"gauges_reason": "not watched: --seconds 0"} if done.gauges is None else {}),
        "health": [f"{f.message}: {f.advice}" for f in seen.findings],
        "todo": list(done.todo),
    }


def print_adopted(done: Adopted, seen: Seen, file: Path) -> None:
    """What became of it, for people."""
    from harness.cli.probe import gauge_lines

    assert seen.probe is not None
    record = seen.probe.record
    kind = "" if record.provenance == "real" else f" ({record.provenance})"
    print(f"{record.model or 'Unknown model'}{kind}: Android {record.android or '?'}, phone_id {record.phone_id}")
    for line in gauge_lines(None if done.gauges is None else list(done.gauges)):
        print(line)
    for applied in done.settings:
        setting = applied.setting
        if applied.refused is not None:
            print(f"Refused  {setting.name} = {setting.wanted}: {applied.refused}")
        elif applied.changed:
            old = "not set" if applied.old == "null" else applied.old
            print(f"Set      {setting.name} = {setting.wanted} (was {old}), so that {setting.why}")
        else:
            print(f"Kept     {setting.name} = {applied.old}")
    for finding in seen.findings:
        print(f"Health   {finding.message}: {finding.advice}")
    for number, text in enumerate(done.todo, start=1):
        print(f"By hand  {number}. {text}")
    place = f" in slot {done.phone.slot}" if done.phone.slot else ""
    if done.new:
        print(f"{record.phone_id} is in the rack{place} now ({file}); harness rack unadopt sets everything back.")
    else:
        print(f"{record.phone_id} was in the rack{place} already ({file}); its entry is as it was.")
