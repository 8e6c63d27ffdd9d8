"""What `harness rack list` shows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.rack.roll import Entry
    from harness.rack.state_files import StateFolder


def as_rows(roll: list[Entry], files: StateFolder) -> list[dict[str, Any]]:
    """A row a phone: those of the rack file in its order, then the others."""
    from harness.rack.noise import smallest_effect

    ordered = sorted(roll, key=lambda e: e.place is None)
    return [
        {
            "slot": e.place.slot if e.place else None,
            "phone_id": e.phone_id,
            "serial": e.serial,
            "model": e.seen.probe.record.model if e.seen and e.seen.probe else None,
            "presence": _presence(e),
            "rack_state": str(e.state),
            "labels": list(e.place.labels) if e.place else [],
            "hub": e.place.hub if e.place else None,
            "notes": e.place.notes if e.place else "",
            **smallest_effect(files, e.phone_id),
            "reason": e.reason,
        }
        for e in ordered
    ]


def print_rows(rows: list[dict[str, Any]], *, from_file: bool) -> None:
    """A table and a closing sentence."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from harness.report.words import plural

    console = Console() if sys.stdout.isatty() else Console(width=170)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("slot", "phone", "serial", "model", "there", "state", "labels", "hub", "shows from"):
        table.add_column(name)
    for r in rows:
        cells = (r["slot"], r["phone_id"], r["serial"], r["model"], r["presence"], r["rack_state"])
        table.add_row(
            *(Text(c or "") for c in cells), Text(", ".join(r["labels"])), Text(r["hub"] or ""), Text(_effect(r))
        )
    if rows:
        console.print(table)
    counts = {name: sum(r["presence"] == name for r in rows) for name in ("yes", "missing", "not expected")}
    closing = f"Of the rack {plural(counts['yes'], 'phone')} there, {counts['missing']} missing"
    if counts["not expected"]:
        closing += f"; {counts['not expected']} not in the rack file (harness rack adopt takes one in)"
    if not from_file:
        closing = f"There is no rack file (--rack FILE); {plural(len(rows), 'phone')} there or held"
    console.print(Text(f"{closing}."))


def _effect(row: dict[str, Any]) -> str:
    effect = row["smallest_effect_pct"]
    return "" if effect is None else f"{effect:.1f} %"


def _presence(entry: Entry) -> str:
    if entry.seen is None:
        return "missing" if entry.place is None or entry.place.expected else "away"
    return "yes" if entry.place is not None else "not expected"
