"""Plots as SVG text, drawn to be read on a light and on a dark page; the same data gives the same bytes."""

from __future__ import annotations

import io
import warnings
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from harness.report.words import condition, model_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from harness.records import SessionRecord

COLORS = {"cpu": "#4c78a8", "gpu": "#e4812f", "nnapi": "#2a9d8f", "npu": "#9467bd"}
_INK = "#7d838c"
_GRID = "#7d838c40"
_STYLE: Any = {
    "svg.hashsalt": "harness",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _GRID,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}


def latency_plot(rows: Sequence[dict[str, Any]]) -> str | None:
    """Latency of one tier's rows: a line a condition, a dot a phone with its 95 % interval, a bar at their median."""
    good = [r for r in rows if r["outcome"] == "ok" and r["latency_ms"]["median"]]
    groups = _by_condition(good)
    if not groups:
        return None
    figure, axis = _figure(0.34 * len(groups) + 0.9)
    import statistics

    for place, (_, members) in enumerate(groups):
        color = COLORS.get(members[0]["delegate"], _INK)
        offsets = _spread(len(members))
        for offset, row in zip(offsets, members, strict=True):
            middle, (low, high) = row["latency_ms"]["median"], row["latency_ms"]["ci95"]
            if low is not None:
                axis.plot([low, high], [place + offset] * 2, color=color, lw=1.4, alpha=0.55, solid_capstyle="round")
            axis.plot([middle], [place + offset], "o", color=color, ms=4.2)
        if len(members) > 1:
            middle = statistics.median(r["latency_ms"]["median"] for r in members)
            axis.plot([middle] * 2, [place - 0.36, place + 0.36], color=color, lw=2.2)
    _labels(axis, [label for label, _ in groups])
    _logarithmic(axis)
    axis.set_xlabel("median latency, ms (logarithmic); dot: a phone with its 95 % interval; bar: median of phones")
    return _svg(figure, virtual=_virtual(good))


def memory_plot(rows: Sequence[dict[str, Any]]) -> str | None:
    """Growth of peak memory by condition, as the program reports it: a dot a phone."""
    good = [r for r in rows if r["outcome"] == "ok" and r["memory_mb"]["overall"] is not None]
    groups = _by_condition(good)
    if not groups:
        return None
    figure, axis = _figure(0.28 * len(groups) + 0.9)
    for place, (_, members) in enumerate(groups):
        color = COLORS.get(members[0]["delegate"], _INK)
        values = [r["memory_mb"]["overall"] for r in members]
        axis.barh([place], [max(values)], height=0.5, color=color, alpha=0.22)
        axis.plot(values, [place] * len(values), "o", color=color, ms=4)
    axis.set_xlim(left=0)
    _labels(axis, [label for label, _ in groups])
    axis.set_xlabel("growth of peak memory, MiB; dot: a phone")
    return _svg(figure, virtual=_virtual(good))


def energy_plot(rows: Sequence[dict[str, Any]]) -> str | None:
    """Energy of one inference where it is known; None where it is known nowhere."""
    good = [r for r in rows if r["energy_mj"]["value"] is not None]
    groups = _by_condition(good)
    if not groups:
        return None
    figure, axis = _figure(0.3 * len(groups) + 0.9)
    for place, (_, members) in enumerate(groups):
        color = COLORS.get(members[0]["delegate"], _INK)
        for row in members:
            low, high = row["energy_mj"]["ci95"]
            if low is not None:
                axis.plot([low, high], [place, place], color=color, lw=1.4, alpha=0.55)
            axis.plot([row["energy_mj"]["value"]], [place], "o", color=color, ms=4.2)
    axis.set_xlim(left=0)
    _labels(axis, [label for label, _ in groups])
    axis.set_xlabel("energy of one inference over the idle phone, mJ")
    return _svg(figure, virtual=_virtual(good))


def heat_plot(sessions: Sequence[SessionRecord], names: dict[str, str]) -> str | None:
    """Battery temperature and the lowest clock cap of each session over the run, a panel a phone."""
    by_phone: dict[str, list[SessionRecord]] = defaultdict(list)
    for session in sessions:
        if session.start_uptime_s is not None and session.thermal.battery_after_c is not None:
            by_phone[session.phone_id].append(session)
    if not by_phone:
        return None
    import matplotlib as mpl
    from matplotlib.figure import Figure

    columns = 2
    lines = (len(by_phone) + columns - 1) // columns
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8.6, 1.55 * lines + 0.3))
        axes = figure.subplots(lines, columns, squeeze=False)
        ordered = sorted(by_phone.items(), key=lambda item: names.get(item[0], item[0]))
        for place, (phone, group) in enumerate(ordered):
            _heat_panel(axes[place // columns][place % columns], names.get(phone, phone), group)
        for place in range(len(ordered), lines * columns):
            axes[place // columns][place % columns].axis("off")
        figure.tight_layout(h_pad=1.2, w_pad=2.0)
    return _svg(figure, virtual=any(s.provenance == "virtual" for s in sessions))


def _heat_panel(axis: Any, name: str, group: list[SessionRecord]) -> None:
    group = sorted(group, key=lambda s: s.start_uptime_s or 0.0)
    start = group[0].start_uptime_s or 0.0
    minutes = [((s.start_uptime_s or 0.0) - start) / 60 for s in group]
    axis.plot(minutes, [s.thermal.battery_after_c for s in group], color="#c44e52", lw=1.5)
    axis.set_title(name, loc="left", fontsize=9, color=_INK)
    axis.set_ylabel("battery °C", color="#c44e52", fontsize=8)
    axis.margins(y=0.35)
    axis.ticklabel_format(axis="y", useOffset=False)
    axis.set_xlabel("minutes", fontsize=8)
    caps = [s.frequency.min_cap_pct for s in group]
    if any(c is not None for c in caps):
        right = axis.twinx()
        right.plot(minutes, [float("nan") if c is None else c for c in caps], color=COLORS["cpu"], lw=1.2, ls="--")
        right.set_ylim(40, 105)
        right.set_ylabel("clock cap %", color=COLORS["cpu"], fontsize=8)
        right.tick_params(length=0)
    axis.grid(axis="y", color=_GRID, lw=0.6)
    axis.tick_params(length=0)


def _by_condition(rows: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[f"{model_name(row)}  {condition(row)}"].append(row)
    return sorted(groups.items(), reverse=True)


def _spread(count: int) -> list[float]:
    return [0.0] if count == 1 else [0.22 * (2 * i / (count - 1) - 1) for i in range(count)]


def _figure(height: float) -> tuple[Figure, Any]:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8.6, height))
        return figure, figure.subplots()


def _labels(axis: Any, names: list[str]) -> None:
    # Dollar signs would start a formula.
    axis.set_yticks(range(len(names)), [n.replace("$", r"\$") for n in names])
    axis.set_ylim(-0.6, len(names) - 0.4)
    axis.grid(axis="x", color=_GRID, lw=0.6)
    axis.tick_params(length=0)


def _logarithmic(axis: Any) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axis.set_xscale("log")
    low, high = axis.get_xlim()
    # Within a decade or two, whole decades would leave the axis nearly without numbers.
    steps = (1, 1.5, 2, 3, 5, 7) if high / low < 15 else (1, 2, 5) if high / low < 300 else (1,)
    axis.xaxis.set_major_locator(LogLocator(subs=steps, numticks=20))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.tick_params(which="both", length=0)


def _virtual(rows: Sequence[dict[str, Any]]) -> bool:
    return any(r["provenance"] == "virtual" for r in rows)


def _svg(figure: Figure, *, virtual: bool) -> str:
    import matplotlib as mpl

    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        if virtual:
            figure.text(0.9, 0.9, "virtual", ha="right", va="bottom", fontsize=10, color="#b3452c", weight="bold")
        buffer = io.StringIO()
        # Text stays text in the SVG, so a letter that this machine's font lacks is drawn by the reader's.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
