"""What was found out, for people: tables and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.accuracy.evaluate import Evaluated
from harness.explain.layers import LayerError
from harness.explain.naming import short_names
from harness.explain.why import Found

#: Layers and tensors that are told of; the JSON document has them all.
_LAYERS, _TENSORS = 10, 6


def tell_accuracy(console: Console, models: Sequence[Evaluated]) -> None:
    """A row a model: size, figure, drop, verdict."""
    table = _table("model", "KB", "value", "95 %", "drop", "95 % of the drop", "")
    for model in models:
        found = model.accuracy
        size = "–" if model.file_bytes is None else f"{model.file_bytes / 1000:.1f}"
        table.add_row(
            Text(model.name), size, _figure(found.value), _limits(found.ci95), _figure(found.drop),
            _limits(found.drop_ci95), Text(found.verdict or found.reason or ""),
        )  # fmt: skip
    first = models[0].accuracy
    unit = ", per cent" if first.unit == "pct" else ""
    console.print(Text(f"{first.metric}{unit}, {first.examples} examples", style="bold"))
    console.print(table)


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


def worst_sentence(errors: Sequence[LayerError]) -> str:
    """Names the worst layer."""
    worst = errors[0]
    db = worst.effect.sqnr_db
    left = "nothing of the outputs" if db is None else f"the outputs at {db:.0f} dB"
    return f"The worst layer is {worst.layer.name}: alone it leaves {left}."


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, justify="left" if name in ("model", "layer", "operator", "") else "right")
    return table


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _limits(limits: tuple[float | None, float | None]) -> str:
    low, high = limits
    return "–" if low is None or high is None else f"{low:.3g} … {high:.3g}"


def _db(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
