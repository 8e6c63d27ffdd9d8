"""`harness devices`: every phone of the adb server, what it is and how it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from harness.cli.options import AsJson, Tiers

if TYPE_CHECKING:
    from harness.rack.gather import Seen


def devices(tiers: Tiers = None, as_json: AsJson = False) -> None:
    """List every phone that the adb server names, the unusable ones too, with what to do about each.

    Example: harness devices --json
    """
    from harness.adb.server import AdbServer
    from harness.phones.tiers import load_rules
    from harness.rack.gather import gather

    rules = load_rules(tiers)
    with AdbServer.from_environment() as server:
        rows = [row(seen) for seen in gather(server, rules)]
    if as_json:
        import json

        print(json.dumps({"schema": 1, "rows": rows}, indent=2, ensure_ascii=False))
    else:
        _print_table(rows)


def row(seen: Seen) -> dict[str, Any]:
    """One phone with the keys of the command-line contract; what is unknown is null with `KEY_reason`."""
    record = seen.probe.record if seen.probe else None
    battery = seen.probe.battery if seen.probe else None
    blocking = [f for f in seen.findings if f.blocking]
    health = "unknown" if record is None else "bad" if blocking else "fair" if seen.findings else "good"
    values: dict[str, Any] = {
        "phone_id": record.phone_id if record else None,
        "serial": seen.serial,
        "adb_state": seen.adb_state,
        "rack_state": _rack_state(seen),
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
        "reason": seen.reason or "; ".join(f"{f.message}: {f.advice}" for f in seen.findings) or None,
    }
    unknown = {
        f"{key}_reason": (record.reasons.get(key) if record else None) or seen.reason or "the phone does not say"
        for key, value in values.items()
        if value is None and key != "reason"
    }
    return values | unknown


def _rack_state(seen: Seen) -> str:
    if seen.healthy:
        return "ready"
    return "connecting" if seen.adb_state in ("offline", "connecting", "authorizing") else "needs a person"


def _reasons(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Serials by what is to be said of them: what many phones have in common is said once."""
    found: dict[str, list[str]] = {}
    for r in rows:
        if r["reason"]:
            found.setdefault(r["reason"], []).append(r["serial"])
    return found


def _print_table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Without a terminal there is no width to fit into; a log keeps whole rows.
    console = Console() if sys.stdout.isatty() else Console(width=170)
    if not rows:
        console.print("No phone is connected. Plug one in with a data cable and switch on USB debugging.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("phone", "model", "soc", "android", "ram", "tier", "battery", "state"):
        table.add_column(name, justify="right" if name in ("ram", "battery", "android") else "left")
    for r in rows:
        marked = f"{r['model'] or '?'}" + ("" if r["provenance"] in ("real", None) else f" ({r['provenance']})")
        ram = f"{r['ram_mb'] / 1024:.1f} GiB" if r["ram_mb"] else "?"
        battery = "?" if r["battery_pct"] is None else f"{r['battery_pct']:.0f} %"
        if r["temperature_c"] is not None:
            battery += f" {r['temperature_c']:.0f} °C"
        cells = (r["serial"], marked, r["soc"] or "?", r["android"] or "?", ram, r["tier"] or "?", battery)
        table.add_row(*(Text(c) for c in cells), Text(r["rack_state"]))
    console.print(table)
    for reason, serials in _reasons(rows).items():
        console.print(Text(f"{', '.join(serials)}: {reason}"))
    ready = sum(r["rack_state"] == "ready" for r in rows)
    console.print(f"{ready} of {len(rows)} phones ready.")
