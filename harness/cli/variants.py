"""`harness variants`: what models are made of."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from harness.cli.options import AsJson

app = typer.Typer(no_args_is_help=True, help="Model files: inspect.")


@app.callback()
def _noun() -> None:
    """Model files: inspect."""


@app.command()
def inspect(
    model: Annotated[Path, typer.Argument(help="A .tflite file.", show_default=False)], as_json: AsJson = False
) -> None:
    """Show a model's inputs, outputs, operators, work, memory, quantization, sparsity and distinct weights.

    Example: harness variants inspect mobilenet.tflite
    """
    import json

    from harness.variants.inspect import inspect as look
    from harness.variants.model_file import read_model_file

    found = look(read_model_file(model))
    if as_json:
        print(json.dumps({"schema": 1, "model": str(model), **found}, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _print(model, found)


def _print(model: Path, found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console() if sys.stdout.isatty() else Console(width=150, color_system=None)
    console.print(Text(f"{model}: {found['file_bytes'] / 1e6:.2f} MB, sha256 {found['sha256'][:12]}"), style="bold")
    if found["needs_flex"]:
        console.print("It needs TensorFlow's own operators: only the plus-flex program runs it.")
    for graph in found["graphs"]:
        _print_graph(console, graph, alone=len(found["graphs"]) == 1)
        table = Table(box=None, pad_edge=False, header_style="dim")
        for name in ("operator", "count", "million MACs"):
            table.add_column(name, justify="left" if name == "operator" else "right")
        for op in graph["ops"]:
            table.add_row(
                Text(op["op"] + (" (custom)" if op["custom"] else "")), str(op["count"]), _millions(op["macs"])
            )
        console.print(table)
    names = [s["key"] for s in found["signatures"]]
    console.print(
        Text(f"Signatures: {', '.join(names) or 'none'}; metadata: {', '.join(found['metadata_bytes']) or 'none'}.")
    )


def _print_graph(console: Any, graph: dict[str, Any], *, alone: bool) -> None:
    from rich.text import Text

    if not alone:
        console.print(Text(f"\nSubgraph {graph['name'] or 'without a name'}"))
    for side in ("inputs", "outputs"):
        for tensor in graph[side]:
            shape = " × ".join("?" if n < 0 else str(n) for n in tensor["shape"]) or "scalar"
            scale = tensor["quantization"]
            said = (
                f", scale {scale['scale']:g}, zero point {scale['zero_point']}"
                if scale and scale["axis"] is None
                else ""
            )
            console.print(Text(f"{side[:-1]} {tensor['name']}: {shape} {tensor['type']}{said}"))
    zeros = [w["sparsity"] for w in graph["weights"] if w["sparsity"] is not None]
    few = [w["distinct"] for w in graph["weights"] if w["distinct"] is not None]
    parameters = f"{graph['parameters']:,}".replace(",", " ")
    console.print(
        f"{graph['macs'] / 1e6:.1f} million MACs, {parameters} parameters in {graph['weights_mb']:.2f} MiB, "
        f"at most {graph['activations_mb']:.2f} MiB of activations"
    )
    if zeros:
        console.print(
            f"Zero weights: {100 * min(zeros):.0f} to {100 * max(zeros):.0f} % by layer; distinct values: "
            f"{min(few)} to {max(few)} by layer"
        )


def _millions(macs: int) -> str:
    return f"{macs / 1e6:.2f}" if macs else "–"
