"""The error of each layer along the graph, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.explain.naming import short_names
from harness.explain.why import Found
from harness.report.plots.svg import COLORS, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Layers that are marked as bad: the worst, where they leave less than this. And a floor of the axes: below it a
#: result has nothing left of its signal.
_WORST, _BAD_DB = 3, 30.0
_ROW_IN, _WIDE_IN, _FLOOR_DB = 0.24, 9.0, -5.0


def draw(found: Found, path: Path) -> None:
    """Write a picture to `path`; its suffix says the format (.png, .svg).

    A row a layer from the input down: noise that it makes alone in the model's outputs, and of its own output in the
    quantized model. The layers that a proposal keeps are marked.
    """
    from matplotlib.figure import Figure

    layers = [e for e in found.errors if e.layer.quantized]
    names = short_names([e.layer.name for e in layers])
    worst = {id(e) for e in found.ranked[:_WORST] if (e.effect.sqnr_db or 0.0) < _BAD_DB}
    height = _ROW_IN * len(layers) + 1.5
    with style():
        figure = Figure(figsize=(_WIDE_IN, height), facecolor="white")
        left, right = figure.subplots(1, 2, sharey=True)
        places = range(len(layers))
        for place, error in zip(places, layers, strict=True):
            _dot(left, place, error.effect.sqnr_db if error.effect.count else None, marked=id(error) in worst)
            _dot(right, place, error.cumulative.sqnr_db if error.cumulative.count else None, marked=False)
            kept = error.layer.index in found.search.keep
            if kept:
                for axis in (left, right):
                    axis.axhspan(place - 0.5, place + 0.5, color=COLORS["mark"], alpha=0.08, lw=0)
            left.text(
                -0.02, place, f"{names[place]}  {error.layer.op}", transform=left.get_yaxis_transform(), ha="right",
                va="center", fontsize=8, color=COLORS["ink"] if kept or id(error) in worst else COLORS["soft"],
                weight="bold" if kept else "normal",
            )  # fmt: skip
        for axis, title in ((left, "this layer alone: SQNR of the outputs"), (right, "all layers: SQNR of this layer")):
            _axis(axis, title, len(layers))
        longest = max(len(f"{n}  {e.layer.op}") for n, e in zip(names, layers, strict=True))
        figure.subplots_adjust(
            left=min(0.55, (0.2 + 0.068 * longest) / _WIDE_IN), right=0.98, top=1 - 0.75 / height, bottom=0.5 / height,
            wspace=0.06,
        )  # fmt: skip
        figure.text(0.01, 1 - 0.25 / height, _headline(found), fontsize=10, weight="bold", va="center")
        figure.savefig(path, dpi=150)


def _dot(axis: Axes, place: int, value: float | None, *, marked: bool) -> None:
    if value is None:
        return
    tint = COLORS["heat"] if marked else COLORS["cpu"]
    shown = max(value, _FLOOR_DB)
    axis.hlines(place, _FLOOR_DB, shown, color=tint, lw=1.2, alpha=0.4)
    axis.plot([shown], [place], "<" if value < _FLOOR_DB else "o", color=tint, ms=5)


def _axis(axis: Axes, title: str, rows: int) -> None:
    axis.set_ylim(rows - 0.4, -0.6)
    axis.set_xlim(_FLOOR_DB, max(55.0, axis.get_xlim()[1]))
    axis.set_yticks([])
    axis.set_title(title, fontsize=9, color=COLORS["soft"], loc="left")
    axis.set_xlabel("dB, more is better")
    axis.grid(axis="x", color=COLORS["line"], lw=0.8)
    axis.set_axisbelow(True)
    axis.tick_params(length=0)


def _headline(found: Found) -> str:
    def figure(evaluated: Any) -> str:
        value = evaluated.accuracy.value
        return "–" if value is None else f"{value:.4g}"

    unit = " %" if found.task.metric.unit == "pct" else ""
    whole, quantized = found.judged
    kept = "; shaded: left out of 8 bits by the proposal" if found.search.keep else ""
    return f"{found.task.metric.name}: float {figure(whole)}{unit}, quantized {figure(quantized)}{unit}{kept}"
