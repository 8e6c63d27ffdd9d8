"""What `harness variants lint` prints for people: a table a model, what is left to the CPU, and the run beside it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.report.words import plural
from harness.variants.lint.lint import Finding, Forecast
from harness.variants.lint.measured import DIFFERS, NOT_COMPARED, Comparison
from harness.variants.model_file import ModelInfo

_FILE_WIDTH = 150
_STYLES = {"completely": "green", "partially": "yellow", "none": "red", "differs": "bold red", "agrees": "green"}
_MOST_NODES = 6
_MOST_PHONES = 3


def print_lint(
    found: Sequence[tuple[Path, ModelInfo, Sequence[Forecast]]], compared: Sequence[Comparison] | None, android: int
) -> None:
    """Print every model, then the comparison with a run, then one closing sentence."""
    console = Console() if sys.stdout.isatty() else Console(width=_FILE_WIDTH, color_system=None)
    for number, (path, model, forecasts) in enumerate(found):
        if number:
            console.print()
        _print_model(console, path, model, forecasts, android)
    if compared is not None:
        _print_run(console, compared, alone=not found)
    console.print(Text(_closing(found, compared)), soft_wrap=True)


def _columns(*names: str, right: Sequence[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in names:
        table.add_column(name, justify="right" if name in right else "left", no_wrap=name in right)
    return table


def _print_model(console: Console, path: Path, model: ModelInfo, forecasts: Sequence[Forecast], android: int) -> None:
    more = f", the first of {len(model.graphs)} subgraphs" if len(model.graphs) > 1 else ""
    macs = f"{model.macs / 1e6:.1f} million MACs" if model.macs >= 1e5 else f"{model.macs:,} MACs".replace(",", " ")
    console.print(Text(f"{path}: {plural(len(model.graphs[0].ops), 'node')}{more}, {macs}", style="bold"))
    if model.needs_flex:
        console.print("It needs TensorFlow's own operators: only the plus-flex program runs it.")
    numbers = ("nodes", "partitions", "MACs left")
    table = _columns("delegate", "takes it", *numbers, "", right=numbers)
    for f in forecasts:
        word = f.extent or "unknown"
        table.add_row(f.delegate, Text(word, style=_STYLES.get(word, "")), *_numbers(f), Text(_remark(f, android)))
    console.print(table)
    _print_findings(console, forecasts)


def _numbers(found: Forecast) -> tuple[str, str, str]:
    nodes = found.nodes_delegated
    taken = (
        f"{nodes} of {found.nodes_total}" if nodes is not None else f"≤ {found.nodes_at_most} of {found.nodes_total}"
    )
    share = found.macs_cpu_share
    left = "–" if share is None else f"{100 * share:.0f} %" if share in (0, 1) else f"{100 * share:.1f} %"
    return taken, "–" if found.partitions is None else str(found.partitions), left


def _remark(found: Forecast, android: int) -> str:
    if found.whole is not None:
        return found.whole
    if found.reason is not None:
        return found.reason
    if found.unlimited is not None:
        nodes, kernels = found.unlimited
        return f"its largest kernel only; all {kernels} would be {plural(nodes, 'node')}"
    return f"Android SDK {android}; {found.limit}" if found.delegate == "nnapi" else ""


def _print_findings(console: Console, forecasts: Sequence[Forecast]) -> None:
    # What several delegates refuse for the same reason is one line.
    groups: dict[tuple[str, str, str], dict[str, list[Finding]]] = {}
    for found in forecasts:
        for f in found.findings:
            if f.verdict != "unknown":
                groups.setdefault((f.op, f.verdict, f.reason), {}).setdefault(found.delegate, []).append(f)
    lines: dict[tuple[str, str, str, tuple[Finding, ...]], list[str]] = {}
    for key, by_delegate in groups.items():
        for delegate, found_by_it in by_delegate.items():
            lines.setdefault((*key, tuple(found_by_it)), []).append(delegate)
    if not lines:
        return
    table = _columns(
        "refused by", "node", "operator", "layer", "million MACs", "why", right=("million MACs", "operator")
    )
    table.columns[2].justify = "left"
    for (op, verdict, reason, members), delegates in lines.items():
        nodes = ", ".join(str(f.node) for f in members[:_MOST_NODES])
        more = f" and {len(members) - _MOST_NODES} more" if len(members) > _MOST_NODES else ""
        layer = _short(members[0].layer) + (f" and {len(members) - 1} more" if len(members) > 1 else "")
        macs = sum(f.macs for f in members)
        why = f"taken, then fails: {reason}" if verdict == "breaks" else reason
        table.add_row(
            ", ".join(delegates), nodes + more, Text(op), Text(layer), f"{macs / 1e6:.2f}" if macs else "–", Text(why)
        )
    console.print()
    console.print(table)


def _short(layer: str) -> str:
    """The end of a layer's name, which tells layers apart."""
    return "/".join(layer.split("/")[-2:])


def _print_run(console: Console, compared: Sequence[Comparison], *, alone: bool) -> None:
    console.print(Text(("" if alone else "\n") + "Against the run", style="bold"))
    table = _columns("model", "delegate", "", "what the phones show", "phones")
    # Phones that show the same are one line, so that a rack of a hundred does not hide the one that differs.
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    for c in compared:
        options = " ".join(f"{k}={v}" for k, v in c.options.items())
        key = (f"{c.model} {c.variant}".strip(), f"{c.delegate} {options}".strip(), c.verdict, c.text)
        groups.setdefault(key, []).append(c.phone_id)
    for (model, delegate, verdict, text), phones in groups.items():
        names = ", ".join(phones) if len(phones) <= _MOST_PHONES else plural(len(phones), "phone")
        style = _STYLES.get(verdict, "dim")
        table.add_row(Text(model), Text(delegate), Text(verdict, style=style), Text(text), Text(names))
    console.print(table)


def _closing(found: Sequence[tuple[Path, ModelInfo, Sequence[Forecast]]], compared: Sequence[Comparison] | None) -> str:
    if compared is None:
        every = [f for _, _, forecasts in found for f in forecasts]
        whole = sum(f.extent == "completely" for f in every)
        return f"{whole} of {plural(len(every), 'pair')} of model and delegate run on the delegate completely."
    if not compared:
        return "The run has no session of these delegates."
    differ = sum(c.verdict == DIFFERS for c in compared)
    asked = len(compared) - sum(c.verdict == NOT_COMPARED for c in compared)
    left = f"; {len(compared) - asked} could not be compared" if asked < len(compared) else ""
    if differ:
        return (
            f"{differ} of {plural(asked, 'comparison')} differ: either the table or the phone is not as thought{left}."
        )
    return f"The run agrees with the tables in {plural(asked, 'comparison')}{left}."
