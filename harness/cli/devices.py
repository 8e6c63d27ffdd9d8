"""`harness devices`: every phone of the adb server, what it is and how it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from harness.cli.options import AsJson, Rack, Tiers

if TYPE_CHECKING:
    from harness.rack.alarms import Alarm
    from harness.rack.roll import Entry


def devices(tiers: Tiers = None, rack: Rack = None, as_json: AsJson = False) -> None:
    """List every phone that the adb server names, the unusable ones too, with what to do about each.

    Phones that the rack file expects and adb does not name are listed as absent.

    Example: harness devices --json
    """
    from harness.adb.server import AdbServer
    from harness.phones.tiers import load_rules
    from harness.rack.alarm_book import AlarmBook
    from harness.rack.gather import gather
    from harness.rack.noise import smallest_effect
    from harness.rack.rackfile import load_rack
    from harness.rack.roll import call_roll
    from harness.rack.store import RackStore

    rules, rack_file = load_rules(tiers), load_rack(rack)
    store = RackStore(rack_file.state_folder)
    with AdbServer.from_environment() as server:
        roll = call_roll(gather(server, rules), rack_file, store.holds())
    rows = [row(entry) | smallest_effect(store.files, entry.phone_id) for entry in roll]
    alarms = AlarmBook(store).open()
    if as_json:
        import json
        from dataclasses import asdict

        document = {"schema": 1, "rows": rows, "alarms": [asdict(a) for a in alarms]}
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        _print_table(rows, alarms)


def row(entry: Entry) -> dict[str, Any]:
    """One phone with the keys of the command-line contract; what is unknown is null with `KEY_reason`.

    Phones of the rack file have `slot` and `labels` besides.
    """
    seen = entry.seen
    record = seen.probe.record if seen and seen.probe else None
    battery = seen.probe.battery if seen and seen.probe else None
    findings = seen.findings if seen else ()
    blocking = [f for f in findings if f.blocking]
    health = "unknown" if record is None else "bad" if blocking else "fair" if findings else "good"
    values: dict[str, Any] = {
        "phone_id": entry.phone_id,
        "serial": entry.serial,
        "adb_state": seen.adb_state if seen else None,
        "rack_state": str(entry.state),
        "provenance": record.provenance if record else None,
        "model": record.model if record else None,
        "soc": record.soc if record else None,
        "android": record.android if record else None,
        "abi": record.abi if record else None,
        "ram_mb": record.ram_mb if record else None,
        "tier": record.tier if record else None,
        "battery_pct": battery.level_pct if battery else None,
        "temperature_c": battery.temperature_c if battery else None,
        "health": health,
        "reason": entry.reason,
    }
    if entry.place is not None:
        values |= {"slot": entry.place.slot, "labels": entry.place.labels}
    said = (seen.reason if seen else entry.reason) or "the phone does not say"
    reasons = (record.reasons if record else {}) | {"slot": "the rack file does not say"}
    unknown = {
        f"{key}_reason": reasons.get(key) or said for key, value in values.items() if value is None and key != "reason"
    }
    return values | unknown


def print_alarms(alarms: list[Alarm]) -> None:
    """A line an alarm that is raised, the oldest first, with its local time."""
    import datetime

    for alarm in alarms:
        since = datetime.datetime.fromtimestamp(alarm.since_epoch_s).astimezone()
        print(f"Alarm since {since:%Y-%m-%d %H:%M}: {alarm.words()}")


def _reasons(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Serials by what is to be said of them: what many phones have in common is said once."""
    found: dict[str, list[str]] = {}
    for r in rows:
        if r["reason"]:
            found.setdefault(r["reason"], []).append(_name(r))
    return found


def _name(r: dict[str, Any]) -> str:
    return str(r["serial"] or r["phone_id"])


def _print_table(rows: list[dict[str, Any]], alarms: list[Alarm]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Without a terminal there is no width to fit into; a log keeps whole rows.
    console = Console() if sys.stdout.isatty() else Console(width=170)
    if not rows:
        console.print("No phone is connected. Plug one in with a data cable and switch on USB debugging.")
        print_alarms(alarms)
        return
    slots = any("slot" in r for r in rows)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in (*(("slot",) if slots else ()), "phone", "model", "soc", "android", "ram", "tier", "battery", "state"):
        table.add_column(name, justify="right" if name in ("ram", "battery", "android") else "left")
    for r in rows:
        marked = f"{r['model'] or '?'}" + ("" if r["provenance"] in ("real", None) else f" ({r['provenance']})")
        ram = f"{r['ram_mb'] / 1024:.1f} GiB" if r["ram_mb"] else "?"
        battery = "?" if r["battery_pct"] is None else f"{r['battery_pct']:.0f} %"
        if r["temperature_c"] is not None:
            battery += f" {r['temperature_c']:.0f} °C"
        cells = (
            *((r.get("slot") or "",) if slots else ()),
            _name(r),
            marked,
            r["soc"] or "?",
            r["android"] or "?",
            ram,
            r["tier"] or "?",
            battery,
        )
        table.add_row(*(Text(c) for c in cells), Text(r["rack_state"]))
    console.print(table)
    for reason, serials in _reasons(rows).items():
        console.print(Text(f"{', '.join(serials)}: {reason}"))
    print_alarms(alarms)
    ready = sum(r["rack_state"] == "ready" for r in rows)
    console.print(f"{ready} of {len(rows)} phones ready.")
