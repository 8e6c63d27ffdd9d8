"""`harness variants`: what models are made of."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.options import AsJson
from harness.cli.variants_cascade import cascade
from harness.cli.variants_evaluate import evaluate
from harness.cli.variants_explain import explain
from harness.cli.variants_lint import lint
from harness.cli.variants_metadata import metadata
from harness.cli.variants_split import split

if TYPE_CHECKING:
    from harness.variants.build import Built

app = typer.Typer(
    no_args_is_help=True, help="Variants of a model: build, inspect, lint, evaluate, explain, split, cascade, metadata."
)


@app.command()
def build(
    recipe: Annotated[Path, typer.Argument(help="A recipe (YAML).", show_default=False)],
    out: Annotated[Path, typer.Option("--out", help="Where the variants go.")] = Path("variants"),
    as_json: AsJson = False,
) -> None:
    """Build the variants of a RECIPE; what is there already for the same content is kept. Needs the extra `models`.

    Example: harness variants build recipe.yaml --out variants
    """
    from harness.cli.progress import Counted
    from harness.variants.build import LIST, build_variants
    from harness.variants.recipe import load_recipe

    asked = load_recipe(recipe)
    with Counted(len(asked.variants), "variants") as counted:

        def say(built: Built) -> None:
            counted.one(f"{built.name}: {'failed' if built.error else 'built' if built.fresh else 'kept'}")

        built = build_variants(asked, recipe.parent, out, on_built=say)
    if as_json:
        print((out / LIST).read_text(encoding="utf-8"), end="")
    else:
        _print_built(built)
        print(out / LIST)
    if any(b.error for b in built):
        raise SystemExit(1)


@app.command()
def inspect(
    model: Annotated[Path, typer.Argument(help="A .tflite file.", show_default=False)], as_json: AsJson = False
) -> None:
    """Show a model's inputs, outputs, operators, work, memory, quantization, sparsity and distinct weights.

    Example: harness variants inspect mobilenet.tflite
    """
    import json

    from harness.errors import UsageError
    from harness.variants.inspect import inspect as look
    from harness.variants.metadata.attach import read_metadata
    from harness.variants.metadata.show import describe
    from harness.variants.model_file import read_model_file

    found = look(read_model_file(model))
    try:
        carried = read_metadata(model)
        found["metadata"] = None if carried is None else describe(carried)
        found["metadata_reason"] = "the model carries none" if carried is None else None
    except UsageError as error:  # the rest of the model can be shown all the same
        found["metadata"], found["metadata_reason"] = None, str(error)
    if as_json:
        print(json.dumps({"schema": 1, "model": str(model), **found}, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _print(model, found)


for command in (lint, evaluate, explain, split, cascade, metadata):
    app.command()(command)


def _print_built(built: list[Built]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console() if sys.stdout.isatty() else Console(width=150, color_system=None)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("variant", "KB", "deflated KB", "of float32", "weights", "zeros", "distinct a channel", ""):
        table.add_column(name, justify="left" if name in ("variant", "weights", "") else "right")
    whole = next((b.values["file_bytes"] for b in built if b.values["kind"] == "float32" and not b.error), None)
    for b in built:
        if b.error:
            table.add_row(Text(b.name), "–", "–", "–", "–", "–", "–", "not built")
            continue
        v = b.values
        share = f"{v['file_bytes'] / whole:.2f}" if whole else "–"
        zeros = "–" if v["sparsity"] is None else f"{100 * v['sparsity']:.0f} %"
        table.add_row(
            Text(b.name), f"{v['file_bytes'] / 1000:.1f}", f"{v['deflated_bytes'] / 1000:.1f}", share,
            ", ".join(v["weight_types"]).lower(), zeros, str(v["most_distinct_in_channel"] or "–"),
            "flex" if v["needs_flex"] else "",
        )  # fmt: skip
    console.print(table)
    for b in built:
        if b.error:
            console.print(Text(f"{b.name}: {b.error}"), soft_wrap=True)
    failed = sum(b.error is not None for b in built)
    kept = sum(not b.fresh for b in built)
    console.print(f"{len(built) - failed} of {len(built)} variants are there, {kept} of them from before.")


def _print(model: Path, found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from harness.variants.metadata.show import line

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
    if "TFLITE_METADATA" in found["metadata_bytes"]:
        said = line(found["metadata"]) if found["metadata"] else found["metadata_reason"]
        console.print(Text(f"Metadata: {said}"), soft_wrap=True)
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
