"""`harness variants split`: cut a model into stages, or list where it can be cut."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.options import AsJson

if TYPE_CHECKING:
    from rich.console import Console

    from harness.variants.model_file import GraphInfo
    from harness.variants.split.points import CutPoint


def split(
    model: Annotated[Path, typer.Argument(help="A .tflite file.", show_default=False)],
    at: Annotated[
        list[str] | None,
        typer.Option("--at", help="Tensors that cross one cut: names or #NUMBER, with commas; repeated: further cuts."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where the stages go.")] = None,
    inputs: Annotated[
        Path | None, typer.Option("--inputs", help="Inputs to compare on too: an .npz, examples first.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Cut a model into stages that are loaded when they are needed, and check that they give what the whole gives.

    Without --at: where few bytes cross. Writes MODEL-1.tflite, MODEL-2.tflite … and split.json. Exit 1 where a result
    differs.

    Example: harness variants split mobilenet.tflite --at '#132' --out stages
    """
    from harness.errors import UsageError

    if not at:
        _list(model, as_json=as_json)
        return
    if out is None:
        raise UsageError("there is no --out", advice="name the folder for the stages")
    from harness.variants.split.given import read_inputs
    from harness.variants.split.write import LIST, split_model

    found = split_model(model, at, out, read_inputs(inputs, model) if inputs else ())
    if as_json:
        print((out / LIST).read_text(encoding="utf-8"), end="")
    else:
        _print_stages(found)
        print(out / LIST)
    if any(e["identical"] is False for e in found["equal"].values()):
        raise SystemExit(1)


def _list(model: Path, *, as_json: bool) -> None:
    import dataclasses
    import json

    from harness.variants.model_file import read_model_file
    from harness.variants.split.points import best_points, cut_points

    graph = read_model_file(model).graphs[0]
    points = cut_points(graph)
    if as_json:
        listed = [
            {**dataclasses.asdict(p), "names": [graph.tensors[t].name for t in p.tensors], "at": _at(p)} for p in points
        ]
        print(json.dumps({"schema": 1, "model": str(model), "cut_points": listed}, indent=2, ensure_ascii=False))
    else:
        _print_points(model, graph, points, best_points(points))


def _at(point: CutPoint) -> str:
    return ",".join(f"#{t}" for t in point.tensors)


def _console() -> Console:
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=150, color_system=None)


def _print_points(model: Path, graph: GraphInfo, points: list[CutPoint], best: list[CutPoint]) -> None:
    from rich.table import Table
    from rich.text import Text

    from harness.variants.split.cut import name

    console = _console()
    if not points:
        console.print(Text(f"{model} has no place where at most four tensors cross: it cannot be cut."), soft_wrap=True)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("--at", "KB cross", "work before", "KB weights before", "KB weights after", "tensors"):
        table.add_column(title, justify="left" if title in ("--at", "tensors") else "right")
    for p in best:
        total = p.macs_before + p.macs_after
        work = f"{100 * p.macs_before / total:.0f} %" if total else "–"
        tensors = ", ".join(name(graph, t) for t in p.tensors)
        table.add_row(_at(p), f"{p.bytes / 1000:.2f}", work, f"{p.weights_before_bytes / 1000:.1f}",
                      f"{p.weights_after_bytes / 1000:.1f}", Text(tensors))  # fmt: skip
    console.print(table)
    console.print(
        Text(
            f"{len(points)} places to cut; of each tenth of the work the one where the fewest bytes cross. "
            f"Cut with: harness variants split {model} --at '{_at(best[0])}' --out stages"
        ),
        soft_wrap=True,
    )


def _print_stages(found: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    console = _console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("stage", "KB", "million MACs", "operators", "takes KB", "gives KB", "takes from"):
        table.add_column(title, justify="left" if title in ("stage", "takes from") else "right")
    for stage in found["stages"]:
        takes, gives = (sum(t["bytes"] for t in stage[side]) / 1000 for side in ("inputs", "outputs"))
        sources = dict.fromkeys(t["from"] for t in stage["inputs"])
        said = ", ".join("the model's inputs" if s == "model" else f"stage {s}" for s in sources) or "nothing"
        table.add_row(
            Text(stage["file"]), f"{stage['file_bytes'] / 1000:.1f}", f"{stage['macs'] / 1e6:.2f}", str(stage["ops"]),
            f"{takes:.2f}", f"{gives:.2f}", said,
        )  # fmt: skip
    console.print(table)
    if found["metadata_dropped"]:
        console.print(Text(f"Left out, as it may name tensors of the whole: {', '.join(found['metadata_dropped'])}."))
    for resolver, said in (("plain", "LiteRT's own kernels"), ("xnnpack", "XNNPACK")):
        console.print(Text(_verdict(said, found["equal"][resolver])), soft_wrap=True)


def _verdict(kernels: str, equal: dict[str, Any]) -> str:
    if equal["identical"] is None:
        return f"Not compared on {kernels}: {equal['reason']}."
    if equal["identical"]:
        return f"On {kernels} the stages give the whole's result bit by bit, on {equal['inputs']} inputs."
    return f"On {kernels} the stages differ from the whole, by {equal['max_difference']:g} at most."
