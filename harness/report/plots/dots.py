"""Rows of dots: a line a condition, a dot a phone. Latency, memory and energy of one tier are drawn this way."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.report.plots.svg import COLORS, MARKERS, NARROW_IN, WIDE_IN, color, style, to_svg, watermark
from harness.report.words import OUTCOMES, badge, condition

#: (model, variant) to how a plot calls it.
Names = dict[tuple[str, str], str]
_ROW_IN = {True: 0.30, False: 0.46}  # wide, narrow


@dataclass(frozen=True)
class Dot:
    """A phone's value; limits are its interval. hollow: a figure that counts for nothing (it ran elsewhere)."""

    value: float
    limits: tuple[float, float] | None = None
    hollow: bool = False


@dataclass(frozen=True)
class Line:
    """A condition's place in a plot; without a delegate it is a heading."""

    label: str
    delegate: str | None = None
    dots: tuple[Dot, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class DotPlot:
    """What one plot shows."""

    name: str
    title: str
    axis: str
    lines: list[Line] = field(default_factory=list)
    logarithmic: bool = False
    mark: str | None = None

    def svgs(self) -> tuple[str, str] | None:
        """For a wide and for a narrow page; None where no line has a dot."""
        if not any(line.dots for line in self.lines):
            return None
        return _draw(self, wide=True), _draw(self, wide=False)


def latency_plot(name: str, rows: Sequence[dict[str, Any]], names: Names) -> DotPlot:
    """Median latency of each phone with its interval; a condition that gave none says why in its place."""

    def dot(row: dict[str, Any]) -> Dot | None:
        found = row["latency_ms"]
        if found["median"] is None or row["outcome"] not in ("ok", "fallback"):
            return None
        low, high = found["ci95"]
        return Dot(found["median"], None if low is None else (low, high), row["outcome"] == "fallback")

    lines = _lines(rows, dot, names, failures=True)
    return DotPlot(name, "Latency", "median latency, ms, logarithmic", lines, True, _mark(rows))


def memory_plot(name: str, rows: Sequence[dict[str, Any]], names: Names) -> DotPlot:
    """Peak memory where every row knows it, else its growth since the program's start, which more programs print."""
    good = [r for r in rows if r["outcome"] == "ok"]
    peaks = sum(r["memory_mb"]["peak_rss"] is not None for r in good)
    growths = sum(r["memory_mb"]["overall"] is not None for r in good)
    key, axis = ("peak_rss", "peak memory, MiB")
    if growths > peaks:
        key, axis = ("overall", "growth of peak memory since the start, MiB")

    def dot(row: dict[str, Any]) -> Dot | None:
        value = row["memory_mb"][key]
        return None if value is None else Dot(value)

    return DotPlot(name, "Memory", axis, _lines(good, dot, names), mark=_mark(rows))


def energy_plot(name: str, rows: Sequence[dict[str, Any]], names: Names) -> DotPlot:
    """Energy of one inference over the idle phone, where it is known."""

    def dot(row: dict[str, Any]) -> Dot | None:
        value, (low, high) = row["energy_mj"]["value"], row["energy_mj"]["ci95"]
        return None if value is None else Dot(value, None if low is None else (low, high))

    known = [r for r in rows if r["outcome"] == "ok" and r["energy_mj"]["value"] is not None]
    return DotPlot(
        name, "Energy", "energy of one inference over the idle phone, mJ", _lines(known, dot, names), mark=_mark(rows)
    )


def _mark(rows: Sequence[dict[str, Any]]) -> str | None:
    return badge(r["provenance"] for r in rows)


def _lines(
    rows: Sequence[dict[str, Any]],
    dot: Callable[[dict[str, Any]], Dot | None],
    names: Names,
    *,
    failures: bool = False,
) -> list[Line]:
    """Lines in the rows' order, under a heading a model variant."""
    groups: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in sorted(
        rows, key=lambda r: (r["model"], r["variant"], r["delegate"], str(r["options"]), r["threads"] or 0)
    ):
        groups[names[row["model"], row["variant"]]][condition(row)].append(row)
    lines = []
    for name, conditions in groups.items():
        lines.append(Line(name))
        for label, members in conditions.items():
            found = tuple(d for d in map(dot, members) if d)
            missing = Counter(r["outcome"] for r in members if r["outcome"] != "ok") if failures else {}
            note = ", ".join(f"{n} × {OUTCOMES.get(o, o)}" for o, n in sorted(missing.items()))
            lines.append(Line(label, members[0]["delegate"], found, note))
    return lines


def _draw(plot: DotPlot, *, wide: bool) -> str:
    from matplotlib.figure import Figure

    width, row = (WIDE_IN if wide else NARROW_IN), _ROW_IN[wide]
    places = _places(plot.lines)
    height = row * (places[-1] + 1) + 0.62
    longest = max(len(line.label) for line in plot.lines)
    left = min(0.3 + 0.078 * longest, 0.4 * width) if wide else 0.12
    right = (0.3 + 0.07 * max(len(line.note) for line in plot.lines)) if wide else 0.15
    with style():
        figure = Figure(figsize=(width, height))
        axis = figure.add_axes((left / width, 0.56 / height, 1 - (left + right) / width, 1 - 0.6 / height))
        axis.set_ylim(places[-1] + 0.7, -0.6)
        for line, place in zip(plot.lines, places, strict=True):
            _line(axis, plot, line, place, wide=wide)
        axis.set_yticks([])
        if plot.logarithmic:
            _logarithmic(axis, wide=wide)
        else:
            axis.set_xlim(left=0)
            axis.margins(x=0.06)
        axis.grid(axis="x", color=COLORS["line"], lw=0.8)
        axis.set_axisbelow(True)
        axis.tick_params(length=0, pad=5)
        axis.set_xlabel(plot.axis, labelpad=5)
        if plot.mark:
            watermark(figure, plot.mark)
    return to_svg(
        figure, f"{plot.name}-{'w' if wide else 'n'}", f"{plot.title}: {plot.axis}; the table gives the figures"
    )


def _places(lines: Sequence[Line]) -> list[float]:
    """Where each line stands; a heading keeps a little distance from what is above it."""
    places, at = [], 0.0
    for index, line in enumerate(lines):
        if index:
            at += 1.25 if line.delegate is None else 1.0
        places.append(at)
    return places


def _line(axis: Any, plot: DotPlot, line: Line, place: float, *, wide: bool) -> None:
    beside = axis.get_yaxis_transform()
    if line.delegate is None:
        x, align = (-0.012, "right") if wide else (0.0, "left")
        axis.text(x, place, line.label, transform=beside, ha=align, va="center", weight="bold", fontsize=9.5)
        return
    tint = color(line.delegate)
    if wide:
        axis.text(-0.012, place, line.label, transform=beside, ha="right", va="center", color=COLORS["soft"])
        axis.text(1.012, place, line.note, transform=beside, va="center", color=COLORS["soft"], fontsize=8.5)
    else:
        label = f"{line.label}  {line.note}".strip()
        axis.text(0.0, place - 0.34, label, transform=beside, va="center", color=COLORS["soft"], fontsize=9)
    offset = 0.0 if wide else 0.14
    solid = [d.value for d in line.dots if not d.hollow]
    if len(solid) > 1:
        middle = statistics.median(solid)
        axis.plot([middle] * 2, [place + offset - 0.4, place + offset + 0.4], color=tint, lw=2.4, alpha=0.45,
                  solid_capstyle="butt", zorder=2)  # fmt: skip
    places = [place + offset + shift for shift in _spread(len(line.dots))]
    spans = [(at, *dot.limits) for at, dot in zip(places, line.dots, strict=True) if dot.limits]
    if spans:
        axis.hlines(*zip(*spans, strict=True), color=tint, lw=1.5, alpha=0.6, capstyle="round", zorder=3)
    for hollow, fill in ((False, tint), (True, COLORS["page"])):
        shown = [(dot.value, at) for at, dot in zip(places, line.dots, strict=True) if dot.hollow is hollow]
        if shown:
            axis.plot(*zip(*shown, strict=True), MARKERS.get(line.delegate, "o"), color=tint, markerfacecolor=fill,
                      ms=5.2 if line.delegate in ("cpu", "npu") else 4.6, mew=1.2, zorder=4)  # fmt: skip


def _spread(count: int) -> list[float]:
    reach = min(0.26, 0.11 * (count - 1))
    return [0.0] if count == 1 else [reach * (2 * i / (count - 1) - 1) for i in range(count)]


def _logarithmic(axis: Any, *, wide: bool) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axis.set_xscale("log")
    axis.margins(x=0.06)
    low, high = axis.get_xlim()
    # Within a decade or two, whole decades would leave the axis nearly without numbers.
    few = 15 if wide else 5
    steps = (1, 1.5, 2, 3, 5, 7) if high / low < few else (1, 2, 5) if high / low < 20 * few else (1,)
    axis.xaxis.set_major_locator(LogLocator(subs=steps, numticks=20))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
