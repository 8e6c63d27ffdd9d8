"""What was found out, for people: tables and sentences."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.explain.mixture import STORED
from harness.explain.naming import short_names
from harness.explain.remedy import Remedy
from harness.explain.why import Found

#: Layers and tensors that are told of; the JSON document has them all.
_LAYERS, _TENSORS = 10, 6


def console_for_people() -> Console:
    """Stdout: as wide as the terminal, and without colour where there is none."""
    return Console() if sys.stdout.isatty() else Console(width=150, color_system=None)


def tell_layers(console: Console, found: Found) -> None:
    """The worst layers, and those of which nothing can be told."""
    names = dict(
        zip((e.layer.index for e in found.errors), short_names([e.layer.name for e in found.errors]), strict=True)
    )
    ranked = found.ranked
    table = _table("layer", "operator", "outputs dB", "own dB", "lost channels", "worst weights", "all layers dB", "")
    for error in ranked[:_LAYERS]:
        lost = error.lost_channels()
        table.add_row(
            Text(names[error.layer.index]), error.layer.op.lower(), _db(error.effect.sqnr_db), _db(error.own.sqnr_db),
            f"{lost} of {error.widths.alive}" if lost else "–" if lost is None else "0",
            f"{100 * max(error.channels):.1f} %" if error.channels else "–",
            _db(error.cumulative.sqnr_db) if error.cumulative.count else "–",
            "keep" if error.layer.index in found.search.keep else "",
        )  # fmt: skip
    shown = "worst first" if len(ranked) <= _LAYERS else f"the worst {_LAYERS} of {len(ranked)}"
    console.print(Text(f"\nLayers, {shown}", style="bold"))
    console.print(table)
    console.print(
        "outputs: signal to noise of the model's outputs with this layer alone quantized; own: of its own then;\n"
        "lost channels: narrower than one step; worst weights: error of a channel by its largest weight;\n"
        "all layers: signal to noise of its output in the quantized model.",
        style="dim",
    )
    lost_sight = [e.layer for e in found.errors if e.layer.carrier is None]
    for reason in dict.fromkeys(layer.reason for layer in lost_sight):
        those = [names[layer.index] for layer in lost_sight if layer.reason == reason]
        more = f" and {len(those) - 3} more" if len(those) > 3 else ""
        console.print(Text(f"{', '.join(those[:3])}{more}: {reason}."))


def tell_ranges(console: Console, found: Found) -> None:
    """What in the calibration set is not as what comes later."""
    console.print(Text("\nCalibration", style="bold"))
    lines = list(_range_lines(found.ranges)) or ["No tensor is cut off, much wider for one example, or half unused."]
    for line in lines:
        console.print(Text(line), soft_wrap=True)
    if found.beyond is None:
        console.print("What it was calibrated with is not known; give --calibration.")
    elif found.beyond:
        first = ", ".join(f"{r['example']} (in {r['tensors']})" for r in found.beyond[:5])
        share = 100 * len(found.beyond) / found.task.data.count
        console.print(
            Text(f"{share:.0f} % of the examples leave the calibrated range of some tensor, most of all {first}."),
            soft_wrap=True,
        )


def _range_lines(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    names = short_names([row["layer"] for row in rows])
    told = [(name, row) for name, row in zip(names, rows, strict=True) if row["findings"]]
    for name, row in told[:_TENSORS]:
        said = []
        if "clipped" in row["findings"]:
            most = ", ".join(map(str, row["clipped_examples"]))
            said.append(f"{row['clipped_pct']:.1f} % of its values are cut off, most in examples {most}")
        if "widened" in row["findings"]:
            times = row["widened_by"]["times"]
            wider = "all its range" if times is None else f"a range {times:.1f} times as wide"
            said.append(f"calibration example {row['widened_by']['example']} alone gives it {wider}")
        if "unused" in row["findings"]:
            said.append(f"{row['unused_pct']:.0f} % of its steps are never used")
        yield f"{name}: {'; '.join(said)}."
    if len(told) > _TENSORS:
        yield f"And {len(told) - _TENSORS} tensors more."


def tell_study(console: Console, rows: Sequence[dict[str, Any]]) -> None:
    """Accuracy against the size of the calibration set, over the seeds that drew it."""
    table = _table("calibration examples", "draws", "mean", "lowest", "highest", "spread", "failed")
    for row in rows:
        figures = (_figure(row[key]) for key in ("mean", "lowest", "highest", "spread"))
        table.add_row(str(row["samples"]), str(row["seeds"]), *figures, str(row["failed"] or ""))
    console.print(Text("\nAccuracy against the calibration set", style="bold"))
    console.print(table)


def tell_remedies(console: Console, found: Found, remedies: Sequence[Remedy], reason: str | None) -> None:
    """What was built, the entry for a recipe, and a closing sentence."""
    import yaml

    console.print()
    for remedy in remedies:
        if remedy.error:
            console.print(Text(f"{remedy.name} could not be built: {remedy.error}"), soft_wrap=True)
    best = next((r for r in remedies if r.restores), None)
    if best is not None:
        console.print(Text(f"For the variants of the recipe ({best.name}):", style="bold"))
        console.print(Text(yaml.safe_dump([best.entry], sort_keys=False, width=10_000).rstrip()), soft_wrap=True)
    console.print(Text(closing(found, remedies, reason)), soft_wrap=True)


def closing(found: Found, remedies: Sequence[Remedy], reason: str | None) -> str:
    """The last sentence: the worst layer, and what restores the accuracy."""
    if not found.fell:
        return f"The accuracy fell by no more than {found.task.max_drop:g}."
    ranked = found.ranked
    kept = found.kept()
    said = f"The worst layer is {short_names([e.layer.name for e in ranked])[0]}. " if ranked else ""
    many = "1 layer" if len(kept) == 1 else f"{len(kept)} layers"
    best = next((r for r in remedies if r.restores), None)
    if best is not None and best.judged is not None:
        how = "in float" if best.name == STORED["none"] else "with 16-bit activations"
        return f"{said}With {many} {how}, built as {best.name}, it reaches {_figure(best.judged.accuracy.value)}."
    if remedies:
        return f"{said}What was built with {many} kept does not restore the accuracy."
    if kept and found.search.enough:
        return f"{said}Keeping {many} restores it in a simulation; not built: {reason}."
    return f"{said}Nothing was built: {reason}."


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, justify="left" if name in ("model", "layer", "operator", "") else "right")
    return table


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _db(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
