"""The table of `harness variants evaluate` in a terminal."""

from __future__ import annotations

import sys
from typing import Any

from harness.report.accuracy import figure, limits, metric_name
from harness.report.words import NOT_MEASURED, number, plural


def print_accuracy(document: dict[str, Any]) -> None:
    """The table of `harness variants evaluate`, its notes and a closing sentence, on stdout."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console() if sys.stdout.isatty() else Console(width=150, color_system=None)
    metric, models = document["metric"], list(document["models"].values())
    base = document["base"]["name"] if document["base"] else None
    unit = metric["unit"]
    title = metric_name(metric["name"], unit)
    if metric["reference"] == "base":
        title = f"agreement, {title}"
    columns = [
        "variant",
        "KB",
        "× original",
        "deflated",
        "zeros",
        "values",
        "host ms",
        "speed ×",
        title,
        "95 % interval",
        "drop",
        "95 % interval",
    ]
    kept = [c for c in range(len(columns)) if base or c not in (2, 7, 10, 11)]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place in kept:
        table.add_column(columns[place], justify="left" if place == 0 else "right", no_wrap=place > 0)
    table.add_column("verdict" if base else "")
    for m in models:
        cells = [
            m["name"], number(m["file_bytes"] / 1000), number(m["size_ratio"]), number(m["deflated_bytes"] / 1000),
            NOT_MEASURED if m["sparsity"] is None else f"{100 * m['sparsity']:.0f} %",
            str(m["most_distinct_in_channel"] or NOT_MEASURED), number(m["host"]["ms"]),
            number(m["host"]["ratio"]), figure(m["value"], unit), limits(m["ci95"], unit),
            figure(m["drop"], unit, signed=True), limits(m["drop_ci95"], unit, signed=True),
        ]  # fmt: skip
        last = "did not run" if m["value"] is None else "the original" if m["name"] == base else m["verdict"] or ""
        table.add_row(*(Text(cells[place]) for place in kept), Text(last))
    for name in document["failed"]:
        table.add_row(Text(name), *[NOT_MEASURED] * (len(kept) - 1), "did not run")
    console.print(table)
    for line in notes(document):
        console.print(Text(line), style="dim", soft_wrap=True)
    console.print(Text(closing(document)), soft_wrap=True)


def notes(document: dict[str, Any]) -> list[str]:
    """What stands below the table, a sentence each."""
    models = list(document["models"].values())
    said = ["Host: this machine, one thread a model while every core works; it says nothing of a phone's speed."]
    said.append("deflated: KB in an APK that compresses it; values: distinct weights in an output channel, at most.")
    if document["metric"]["reference"] == "base":
        base = document["base"]["name"]
        said.append(f"There are no labels: figures are agreement with {base}, and the drop is how far it falls short.")
    for m in models:
        if m["value"] is None:
            said.append(f"{m['name']}: {m['reason']}.")
        if m["clipped_pct"] is not None and m["clipped_pct"] > 1:
            clipped = f"{m['clipped_pct']:.0f} % of the input values lie outside of what its input can hold"
            said.append(f"{m['name']}: {clipped}; is the dataset prepared as the calibration was?")
        if m["verdict"] == "undecided":
            more = m["more_examples"]
            how = f"about {more:,} more examples would".replace(",", " ") if more else "no number of examples would"
            said.append(f"{m['name']}: the interval holds the budget; {how} settle it if the drop stays as it is.")
    said += [f"{name}: {why}." for name, why in document["failed"].items()]
    return said


def closing(document: dict[str, Any]) -> str:
    """The last sentence: what became of the variants."""
    examples = plural(document["dataset"]["examples"], "example")
    base = document["base"]["name"] if document["base"] else None
    others = [m for m in document["models"].values() if m["name"] != base]
    counts: dict[str, int] = {}
    for m in others:
        word = "did not run" if m["value"] is None else m["verdict"] or "measured"
        counts[word] = counts.get(word, 0) + 1
    if document["failed"]:
        counts["did not run"] = counts.get("did not run", 0) + len(document["failed"])
    said = ", ".join(f"{n} {word}" for word, n in counts.items()) or "nothing to compare"
    budget = document["max_drop"]
    unit = (" point" if budget == 1 else " points") if document["metric"]["unit"] == "pct" else ""
    allowed = f"; max_drop {budget:g}{unit}" if budget is not None else ""
    return f"{examples} of {document['dataset']['where']}: {said}{allowed}."
