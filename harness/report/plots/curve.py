"""Latency over minutes of work without a rest: a small panel a phone, a line a condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.report.plots.svg import COLORS, NARROW_IN, WIDE_IN, color, style, to_svg, watermark
from harness.report.words import badge, condition, model_name

Row = dict[str, Any]
_HEIGHT_IN = 2.0
#: Lines of one delegate are told apart by their dashes.
_DASHES = ("solid", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1, 2)))


def curve_plot(name: str, rows: Sequence[Row], names: dict[str, str]) -> tuple[str, str] | None:
    """For a wide and for a narrow page; None where no row has a whole chain.

    Per cent of the first step's latency over minutes, so that fast and slow conditions share a scale.
    """
    shown = [r for r in rows if r["sustained"] and r["sustained"]["curve"]]
    if not shown:
        return None
    phones = list(dict.fromkeys(r["phone_id"] for r in shown))
    columns = 2 if len(phones) in (2, 4) else min(3, len(phones))
    return (
        _draw(f"{name}-w", shown, phones, names, columns, WIDE_IN),
        _draw(f"{name}-n", shown, phones, names, 1, NARROW_IN),
    )


def _draw(
    name: str, rows: Sequence[Row], phones: Sequence[str], names: dict[str, str], columns: int, width: float
) -> str:
    from matplotlib.figure import Figure

    lines = -(-len(phones) // columns)
    height = _HEIGHT_IN * lines + 0.1
    shares = [100 * ms / r["sustained"]["curve"][0][1] for r in rows for _, ms in r["sustained"]["curve"]]
    span = (min(95.0, min(shares) - 2), max(110.0, max(shares) + 3))
    last = max(r["sustained"]["curve"][-1][0] for r in rows) / 60
    with style():
        figure = Figure(figsize=(width, height))
        each = width / max(columns, 2) if columns < 3 and width == WIDE_IN else width / columns
        for place, phone in enumerate(phones):
            line, column = divmod(place, columns)
            box = (
                (column * each + 0.55) / width,
                (height - 0.1 - _HEIGHT_IN * (line + 1) + 0.42) / height,
                (each - 1.55) / width,
                (_HEIGHT_IN - 0.75) / height,
            )
            axis = figure.add_axes(box)
            _panel(axis, names.get(phone, phone), [r for r in rows if r["phone_id"] == phone])
            axis.set_xlim(0, last * 1.02)
            axis.set_ylim(*span)
        if mark := badge(r["provenance"] for r in rows):
            watermark(figure, mark)
    return to_svg(figure, name, "Latency over minutes of work, as a share of that of the cool phone")


def _panel(axis: Any, name: str, rows: Sequence[Row]) -> None:
    axis.set_title(name, loc="left", fontsize=9.5, color=COLORS["ink"], weight="bold", pad=7)
    axis.axhline(100, color=COLORS["line"], lw=1.0)
    several = len({(r["model"], r["variant"]) for r in rows}) > 1
    ends = []
    counts: dict[str, int] = {}
    for row in rows:
        points = row["sustained"]["curve"]
        dash = _DASHES[counts.setdefault(row["delegate"], 0) % len(_DASHES)]
        counts[row["delegate"]] += 1
        shares = [100 * ms / points[0][1] for _, ms in points]
        axis.plot([s / 60 for s, _ in points], shares, color=color(row["delegate"]), lw=1.3, ls=dash)
        label = f"{model_name(row)} {condition(row)}" if several else condition(row)
        ends.append((shares[-1], points[-1][0] / 60, label, color(row["delegate"])))
    _labels(axis, ends)
    axis.grid(axis="y", color=COLORS["line"], lw=0.8)
    axis.tick_params(length=0, labelsize=8.5, pad=4)
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:.0f} %")
    axis.set_xlabel("minutes", fontsize=8.5, labelpad=2)


def _labels(axis: Any, ends: list[tuple[float, float, str, str]]) -> None:
    """Each line's name at its end, moved apart where two would lie on each other."""
    height = 0.0
    for share, minute, text, code in sorted(ends):
        offset = max(0.0, height - share)
        axis.annotate(
            text, (minute, share + offset), xytext=(5, 0), textcoords="offset points", fontsize=8.5, color=code,
            va="center", annotation_clip=False,
        )  # fmt: skip
        height = share + offset + 6.0
