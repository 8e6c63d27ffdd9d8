"""The report in a terminal."""

from __future__ import annotations

import sys
from typing import Any

from harness.report.words import (
    OUTCOMES,
    answers,
    closing,
    condition,
    interval,
    memory,
    model_name,
    number,
    proof,
    provenance_note,
)


def print_report(document: dict[str, Any]) -> None:
    """A table a tier, then the answers and one closing sentence, on standard output."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Without a terminal there is no width to fit into; a log keeps whole rows.
    console = Console() if sys.stdout.isatty() else Console(width=170)
    if not document["rows"]:
        console.print("This run holds no session.")
        return
    note = provenance_note(document)
    if note:
        console.print(Text(note, style="bold"))
    for tier in dict.fromkeys(row["tier"] for row in document["rows"]):
        title = f"Tier {tier}" if tier else "No tier"
        table = Table(
            title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim"
        )
        for name, right in (
            ("phone", False), ("model", False), ("delegate", False), ("median", True), ("95 % interval", True),
            ("p95", True), ("first", True), ("memory", True), ("proof", False), ("result", False),
        ):  # fmt: skip
            table.add_column(name, justify="right" if right else "left", no_wrap=right)
        before = None
        for row in (r for r in document["rows"] if r["tier"] == tier):
            device = row["device"] or row["phone_id"]
            latency = row["latency_ms"]
            result = "" if row["outcome"] == "ok" else OUTCOMES.get(row["outcome"], row["outcome"])
            flags = " ".join(f for f in row["flags"] if f not in ("fallback", "charging"))
            cells = (
                "" if device == before else device, model_name(row), condition(row), number(latency["median"], "ms"),
                interval(latency["ci95"]), number(latency["p95"]), number(row["first_ms"]),
                memory(row), proof(row), " ".join(filter(None, (result, flags))),
            )  # fmt: skip
            table.add_row(*(Text(c) for c in cells), style="" if row["outcome"] == "ok" else "dim")
            before = device
        console.print(table)
        console.print()
    for sentence in answers(document):
        console.print(Text(sentence))
    console.print(Text(f"Power: {_power(document)}"))
    console.print(Text(closing(document)))


def _power(document: dict[str, Any]) -> str:
    known = [r for r in document["rows"] if r["power_mw"]["value"] is not None]
    if known:
        return f"known for {len(known)} of {len(document['rows'])} rows; energy needs idle windows (idle_s)."
    reasons = sorted(
        {r["power_mw"]["reason"] for r in document["rows"] if r["power_mw"]["reason"] and r["outcome"] == "ok"}
    )
    return "not measured" + (f": {'; '.join(reasons)}." if reasons else ".")
