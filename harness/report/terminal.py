"""The report in a terminal."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

from harness.report.accuracy import accuracy, any_accuracy, drop
from harness.report.answers import find_answers, limits
from harness.report.words import (
    HOW_TO_EXPLAIN,
    app_ratio,
    badge,
    closing,
    common_flags,
    condition,
    interval,
    memory,
    misses,
    notes,
    number,
    outputs,
    phone_names,
    plural,
    proof,
    remarks,
    result,
    short_names,
    stability_short,
    tier_name,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

#: Without a terminal there is no width to fit into; a log keeps whole rows.
_FILE_WIDTH = 170
#: Below this, columns that can be missed are left out.
_NARROW = 110
#: (model, variant) to how a table calls it.
Models = dict[tuple[str, str], str]
_NUMBERS = frozenset({"phones", "median ms", "95 % interval", "slowest ms", "p95 ms", "first ms", "memory MiB"})


def print_report(document: dict[str, Any]) -> None:
    """Per tier a table over its phones and one of every phone, then the answers and one closing sentence, on stdout."""
    from rich.console import Console

    if sys.stdout.isatty():
        _write(document, Console())
    else:
        sys.stdout.write(to_text(document))


def to_text(document: dict[str, Any]) -> str:
    """What `print_report` prints where there is no terminal."""
    from rich.console import Console

    buffer = io.StringIO()
    _write(document, Console(file=buffer, width=_FILE_WIDTH, color_system=None))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _write(document: dict[str, Any], console: Console) -> None:
    from rich.text import Text

    note = notes(document)
    if note:
        console.print(Text(note, style="bold"))
    names, models = phone_names(document["rows"]), short_names(document["rows"])
    narrow = console.width < _NARROW
    for tier in dict.fromkeys(row["tier"] for row in document["rows"]):
        console.print(_tier_table(tier, document, models))
        console.print(_phone_table(tier, document, names, models, narrow=narrow))
    if document["rows"]:
        console.print(_answer_table(document, models, narrow=narrow))
        for line in limits(document):
            console.print(Text(line, style="dim"))
        console.print(Text(HOW_TO_EXPLAIN, style="dim"))
    console.print(Text(closing(document)))


def _table(title: str, columns: tuple[str, ...]) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for name in columns:
        right = name in _NUMBERS
        table.add_column(name, justify="right" if right else "left", no_wrap=right)
    return table


def _add(table: Table, cells: tuple[str, ...], *, dim: bool = False) -> None:
    from rich.text import Text

    table.add_row(*(Text(c) for c in cells), style="dim" if dim else "")


def _tier_table(tier: str | None, document: dict[str, Any], models: Models) -> Table:
    rows = [r for r in document["rows"] if r["tier"] == tier]
    mark = badge(r["provenance"] for r in rows)
    count = plural(len({r["phone_id"] for r in rows}), f"{mark} phone" if mark else "phone")
    every = (
        *("model", "delegate", "phones", "median ms", "95 % interval", "slowest ms"),
        *("accuracy", "drop", "otherwise"),
    )
    left_out = set() if any(r["outcome"] != "ok" for r in rows) else {"otherwise"}
    left_out |= set() if any_accuracy(rows) else {"accuracy", "drop"}
    kept = [i for i, name in enumerate(every) if name not in left_out]
    names = sorted({r["model"] for r in rows})
    table = _table(f"\n{tier_name(tier)}, {count}: {', '.join(names)}", tuple(every[i] for i in kept))
    for entry in (e for e in document["tiers"] if e["tier"] == tier):
        cells = (
            models[entry["model"], entry["variant"]], condition(entry), f"{entry['phones_ok']} of {entry['phones']}",
            number(entry["median_ms"]), interval(entry["median_ci95_ms"]), number(entry["worst_ms"]),
            accuracy(entry), drop(entry), misses(entry),
        )  # fmt: skip
        _add(table, tuple(cells[i] for i in kept), dim=not entry["phones_ok"])
    return table


def _phone_table(
    tier: str | None, document: dict[str, Any], names: dict[str, str], models: Models, *, narrow: bool
) -> Table:
    rows = [r for r in document["rows"] if r["tier"] == tier]
    common = common_flags(rows)
    left_out = {"p95 ms", "first ms", "memory MiB", "accuracy"} if narrow else set()
    left_out |= set() if any_accuracy(rows) else {"accuracy"}
    left_out |= set() if any(outputs(r) for r in rows) else {"outputs"}
    columns = (
        *("phone", "model", "delegate", "median ms", "95 % interval", "p95 ms", "first ms", "memory MiB"),
        *("accuracy", "proof", "outputs", "row", "remarks"),
    )  # fmt: skip
    kept = [i for i, name in enumerate(columns) if name not in left_out]
    table = _table(f"\n{tier_name(tier)}, every phone", tuple(columns[i] for i in kept))
    before = None
    for row in rows:
        latency = row["latency_ms"]
        kind = [] if row["provenance"] == "real" else [row["provenance"]]
        marks = [*kind, *common[row["phone_id"]]]
        name = names[row["phone_id"]] + (f" ({', '.join(marks)})" if marks else "")
        cells = (
            "" if row["phone_id"] == before else name, models[row["model"], row["variant"]],
            condition(row),
            number(latency["median"]), interval(latency["ci95"]), number(latency["p95"]), number(row["first_ms"]),
            memory(row), accuracy(row), proof(row), outputs(row), row["row"],
            ", ".join(filter(None, (result(row), stability_short(row), app_ratio(row), *remarks(row, common)))),
        )  # fmt: skip
        _add(table, tuple(cells[i] for i in kept), dim=row["outcome"] != "ok")
        before = row["phone_id"]
    return table


def _answer_table(document: dict[str, Any], models: Models, *, narrow: bool) -> Table:
    columns = ("tier", "model", "delegate", "median ms", "95 % interval", "slowest ms", "how sure")
    kept = [i for i, name in enumerate(columns) if not (narrow and name == "slowest ms")]
    title = "\nFastest delegate that ran, proven, on every phone of its tier"
    table = _table(title, tuple(columns[i] for i in kept))
    for answer in find_answers(document):
        best = answer.best
        cells = (
            answer.tier or "none",
            models[answer.model, answer.variant],
            condition(best) if best else "–",
            number(best["median_ms"] if best else None),
            interval(best["median_ci95_ms"]) if best else "",
            number(best["worst_ms"] if best else None),
            answer.verdict,
        )
        _add(table, tuple(cells[i] for i in kept))
    return table
