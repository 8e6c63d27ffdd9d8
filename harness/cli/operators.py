"""`harness operators`: where one run spends its time, and on which unit, side by side."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from harness.cli.options import AsJson

_MOST_ROWS = 15


def operators(
    run: Annotated[Path, typer.Argument(help="A run folder of --details operators.")],
    model: Annotated[str | None, typer.Option(help="Only this model.", show_default=False)] = None,
    against: Annotated[
        str | None,
        typer.Option(help="A delegate, variant or model: the others are held against it.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare the operators of a run between delegates, or between variants of a model.

    Example: harness operators runs/20260101-120000-abc123 --against cpu
    """
    from harness.errors import UsageError
    from harness.report.operators import SCHEMA, axis_of, profiled, tables
    from harness.results.folder import load_run

    loaded = load_run(run)
    for line in loaded.damage:
        print(line, file=sys.stderr)
    columns = profiled(loaded.sessions, model)
    if not columns:
        what = f"no profile of {model!r}" if model and profiled(loaded.sessions) else "no profile of operators"
        raise UsageError(f"{run} holds {what}", advice="give a run that was made with --details operators")
    axis = axis_of(columns, against)
    if axis is None:
        known = sorted(
            {w for c in columns for w in (c.session.key.delegate, c.session.key.variant, c.session.key.model)}
        )
        raise UsageError(
            f"no profile of {run} is of {against!r}", advice=f"use one of {', '.join(w for w in known if w)}"
        )
    found = tables(columns, axis, against)
    if as_json:
        import json

        document = {"schema": SCHEMA, "run": str(loaded.path), "tables": found}
        print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
        return
    for table in found:
        _print(table, {p.phone_id: p.model or p.phone_id for p in loaded.phones})
    print(
        f"{len(found)} comparison{'' if len(found) == 1 else 's'} of operators. Profiling slows a run: compare shares "
        "and ratios, and take latency from the report."
    )


def _print(table: dict[str, Any], names: dict[str, str]) -> None:
    from rich.console import Console
    from rich.table import Table

    from harness.report.words import condition, number

    conditions = table["conditions"]
    what = [table["model"], *(() if table["axis"] == "variant" else (table["variant"],))]
    if table["axis"] != "delegate":
        what.append(condition(table))
    kind = "" if table["provenance"] == "real" else f" ({table['provenance']})"
    head = f"{names.get(table['phone_id'], table['phone_id'])}{kind}: {' '.join(w for w in what if w)}"
    shown = Table(box=None, pad_edge=False, header_style="dim")
    shown.add_column("operator" if table["matched_by"] == "type" else "family of operators")
    for number_, one in enumerate(conditions):
        shown.add_column(f"{one['label']}, ms", justify="right", no_wrap=True)
        if number_:
            shown.add_column("ratio", justify="right")
    for row in table["rows"][:_MOST_ROWS]:
        shown.add_row(row["operator"], *_cells([c["ms"] if c else None for c in row["cells"]], row["ratio"], number))
    if rest := table["rows"][_MOST_ROWS:]:
        sums = [sum(r["cells"][i]["ms"] for r in rest if r["cells"][i]) for i in range(len(conditions))]
        shown.add_row(f"{len(rest)} more", *_cells(sums, [None] * len(sums), number))
    totals = [c["total_ms"] for c in conditions]
    shown.add_row("all operators", *_cells(totals, [c["ratio"] for c in conditions], number), style="bold")
    console = Console() if sys.stdout.isatty() else Console(width=170, color_system=None)
    console.print(head, style="bold", highlight=False, markup=False)
    console.print(shown)
    for one in conditions:
        parts = ", ".join(f"{u['unit'] or 'unknown'} {number(u['share_pct'])} %" for u in one["units"])
        console.print(f"  {one['label']}: {parts}", highlight=False)
    console.print()


def _cells(values: list[float | None], ratios: list[float | None], number: Any) -> list[str]:
    cells = [number(values[0])]
    for value, ratio in zip(values[1:], ratios[1:], strict=True):
        cells += [number(value), "–" if ratio is None else f"× {ratio:.2f}"]
    return cells
