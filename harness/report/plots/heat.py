"""Heat and clocks over a run: two small panels a phone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.report.plots.svg import COLORS, NARROW_IN, WIDE_IN, style, to_svg, watermark
from harness.report.series import PhoneSeries, Points

_HEIGHT_IN = 2.1


def heat_plot(
    name: str, series: Sequence[PhoneSeries], names: dict[str, str], mark: str | None
) -> tuple[str, str] | None:
    """For a wide and for a narrow page; None where nothing was read on any phone.

    Above, degrees Celsius: battery, skin, hottest sensor. Below, per cent of the highest clock: that of the fastest
    cluster, and the lowest cap. What a phone does not show is missing, and its panel says so.
    """
    shown = [s for s in series if s.battery_c or s.skin_c or s.sensor_c or s.clock_pct]
    if not shown:
        return None
    columns = 2 if len(shown) in (2, 4) else min(3, len(shown))
    return (
        _draw(f"{name}-w", shown, names, mark, columns, WIDE_IN),
        _draw(f"{name}-n", shown, names, mark, 1, NARROW_IN),
    )


def _draw(
    name: str, series: Sequence[PhoneSeries], names: dict[str, str], mark: str | None, columns: int, width: float
) -> str:
    from matplotlib.figure import Figure

    lines = -(-len(series) // columns)
    height = _HEIGHT_IN * lines + 0.1
    # One scale for all, so that phones can be compared at a glance.
    heat = [v for s in series for points in (s.battery_c, s.skin_c, s.sensor_c) for _, v in points if v == v]
    span = (min(heat, default=20) - 2, max(heat, default=40) + 2)
    with style():
        figure = Figure(figsize=(width, height))
        each = width / max(columns, 2) if columns < 3 and width == WIDE_IN else width / columns
        for place, phone in enumerate(series):
            line, column = divmod(place, columns)
            left, bottom = column * each + 0.42, height - 0.1 - _HEIGHT_IN * (line + 1)
            box = (left / width, (each - 0.62) / width)
            above = figure.add_axes((box[0], (bottom + 0.95) / height, box[1], 0.82 / height))
            below = figure.add_axes((box[0], (bottom + 0.42) / height, box[1], 0.40 / height))
            _panel(above, below, names.get(phone.phone_id, phone.phone_id), phone, span)
        if mark:
            watermark(figure, mark)
    return to_svg(figure, name, "Temperatures and CPU clocks of each phone over the run")


def _panel(above: Any, below: Any, name: str, phone: PhoneSeries, span: tuple[float, float]) -> None:
    above.set_title(name, loc="left", fontsize=9.5, color=COLORS["ink"], weight="bold", pad=7)
    shown = _curve(above, phone.sensor_c, COLORS["heat"], "hottest sensor", lw=1.0)
    shown += _curve(above, phone.skin_c, COLORS["skin"], "skin", lw=1.2)
    shown += _curve(above, phone.battery_c, COLORS["ink"], "battery", lw=1.2)
    above.set_ylim(*span)
    clocks = _curve(below, phone.clock_pct, COLORS["cpu"], "clock", lw=0.9)
    clocks += _curve(below, phone.cap_pct, COLORS["mark"], "cap", lw=1.3, ls=(0, (4, 2)))
    below.set_ylim(0, 108)
    below.set_yticks([0, 100], ["0", "100 %"])
    if not clocks:
        below.text(0.5, 0.5, "clocks cannot be read", transform=below.transAxes, ha="center", va="center",
                   color=COLORS["soft"], fontsize=8.5)  # fmt: skip
    points = [t for s in (phone.battery_c, phone.skin_c, phone.sensor_c, phone.clock_pct) for t, _ in s]
    last = max(points, default=1.0) * 1.02 or 1.0
    for axis in (above, below):
        axis.set_xlim(0, last)
        axis.grid(axis="y", color=COLORS["line"], lw=0.8)
        axis.tick_params(length=0, labelsize=8.5, pad=4)
        axis.set_axisbelow(True)
    above.yaxis.set_major_locator(_whole(4))
    above.set_xticklabels([])
    below.xaxis.set_major_locator(_whole(6))
    below.set_xlabel("minutes", fontsize=8.5, labelpad=2)
    if last < 3:
        below.xaxis.set_major_formatter(lambda value, _: f"{60 * value:.0f}")
        below.xaxis.set_major_locator(_seconds(last))
        below.set_xlabel("seconds", fontsize=8.5, labelpad=2)


def _whole(most: int) -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(most, integer=True)


def _seconds(minutes: float) -> Any:
    from matplotlib.ticker import MultipleLocator

    step = next(s for s in (1, 2, 5, 10, 20, 30, 60) if 60 * minutes / s <= 6)
    return MultipleLocator(step / 60)


def _curve(axis: Any, points: Points, color: str, label: str, **line: Any) -> int:
    if not points:
        return 0
    axis.plot([t for t, _ in points], [v for _, v in points], color=color, label=label, solid_joinstyle="round", **line)
    return 1
