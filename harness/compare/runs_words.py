"""Two runs held against each other, for people. Pure but for the console."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from harness.compare.runs import slower_rows
from harness.compare.words import change, change_interval
from harness.report.words import condition, number, phone_names, plural, provenance_note, short_names

if TYPE_CHECKING:
    from rich.console import Console

_COLUMNS = (
    "phone",
    "model",
    "delegate",
    "base ms",
    "new ms",
    "new against base",
    "95 % interval",
    "verdict",
    "differs",
)
_LEFT = frozenset({"phone", "model", "delegate", "verdict", "differs"})


def print_runs(document: dict[str, Any], console: Console) -> None:
    """A table of matched rows and one closing sentence."""
    from rich.table import Table
    from rich.text import Text

    rows = document["rows"]
    if note := provenance_note(document):
        console.print(Text(note, style="bold"))
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name in _LEFT else "right")
    phones, models = phone_names(rows), short_names(rows)
    for row in rows:
        verdict = f"undecided: {row['reason']}" if row["ratio"] is None else row["verdict"]
        cells = (
            phones[row["phone_id"]],
            models[row["model"], row["variant"]],
            condition(row) + ("" if row["context"] == "shell" else f" ({row['context']})"),
            number(row["a"]),
            number(row["b"]),
            change(row["ratio"]),
            change_interval(row["ci95"]),
            verdict,
            ", ".join(row["differs"]),
        )
        table.add_row(*(Text(c) for c in cells))
    if rows:
        console.print(table)
    console.print(Text(closing(document)))


def closing(document: dict[str, Any]) -> str:
    """What the rows say together, and what to do about it."""
    rows, alone = document["rows"], document["unmatched"]
    rest = f" {plural(len(alone), 'row')} stand in one of the two runs only." if alone else ""
    if not rows:
        return "The two runs have no row in common." + rest
    counts = ", ".join(f"{n} {verdict}" for verdict, n in sorted(Counter(r["verdict"] for r in rows).items()))
    slow = len(slower_rows(document))
    advice = ""
    if slow:
        advice = (
            f" {slow} by more than {document['margin_pct']:g} %: confirm with harness compare --on-device, since two "
            "runs differ by more than their sessions show."
        )
    return f"Of {plural(len(rows), 'row')}: {counts}.{advice}{rest}"
