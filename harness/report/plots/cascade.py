"""What a cascade gains by what it escalates, as a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.report.plots.svg import COLORS, style

if TYPE_CHECKING:
    from harness.accuracy.cascade import Point


def cascade_picture(
    path: Path,
    points: Sequence[Point],
    recommended: Point | None,
    expected_ms: Callable[[float], float] | None,
    provenance: str | None,
) -> None:
    """Write a picture, PNG or SVG by the name's ending: accuracy over the share that is escalated, with its interval.

    Args:
        points: of the sweep, from none escalated to all.
        expected_ms: mean latency for a share of 1, for an axis of its own; None where it is not known.
        provenance: of that latency, written beside it.

    Raises:
        OSError: the disk refuses.
        ValueError: the ending names no kind of picture.
    """
    from matplotlib.figure import Figure

    with style():
        figure = Figure(figsize=(7.2, 4.4), layout="constrained", facecolor=COLORS["page"])
        axis = figure.subplots()
        shares, accuracies = [100 * p.share for p in points], [100 * p.accuracy for p in points]
        limits = [(100 * p.share, p.accuracy_interval.lo, p.accuracy_interval.hi) for p in points]
        known = [(x, 100 * low, 100 * high) for x, low, high in limits if low is not None and high is not None]
        if len(known) > 1:
            x_band, low_band, high_band = ([row[column] for row in known] for column in range(3))
            axis.fill_between(x_band, low_band, high_band, color=COLORS["cpu"], alpha=0.14, lw=0, label="95 % interval")
        axis.plot(shares, accuracies, color=COLORS["cpu"], lw=1.8, label="cascade")
        axis.plot(shares[:1], accuracies[:1], "o", color=COLORS["cpu"], ms=6, clip_on=False)
        axis.plot(shares[-1:], accuracies[-1:], "s", color=COLORS["gpu"], ms=6, clip_on=False)
        _note(axis, shares[0], accuracies[0], "light alone", (8, -13), "left")
        _note(axis, shares[-1], accuracies[-1], "heavy for all", (-8, -13), "right")
        if recommended is not None:
            x, y = 100 * recommended.share, 100 * recommended.accuracy
            axis.plot([x], [y], "D", color=COLORS["heat"], ms=7, zorder=5, clip_on=False)
            # The curve rises to the right, so below it is room; the ends have notes of their own there.
            side = ((10, 12), "left") if x < 12 else ((10, -14), "left") if x < 70 else ((-8, 12), "right")
            _note(axis, x, y, f"threshold {recommended.threshold:.3g}", *side)
        axis.set_xlim(0, 100)
        axis.set_xlabel("escalated, % of the examples")
        axis.set_ylabel("right answers, %")
        axis.grid(color=COLORS["line"], lw=0.8)
        axis.set_axisbelow(True)
        axis.tick_params(length=0, pad=5)
        axis.margins(y=0.12)
        axis.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 0.08))
        if expected_ms is not None:
            _latency_axis(axis, expected_ms, provenance)
        figure.savefig(path, dpi=150, pad_inches=0.15, metadata=_metadata(path))


def _latency_axis(axis: Any, expected_ms: Callable[[float], float], provenance: str | None) -> None:
    above = axis.twiny()
    above.set_xlim(0, 100)
    ticks = [0, 25, 50, 75, 100]
    above.set_xticks(ticks, [f"{expected_ms(t / 100):.3g}" for t in ticks])
    above.tick_params(length=0, pad=5)
    said = f" ({provenance})" if provenance else ""
    above.set_xlabel(f"expected latency, ms{said}", labelpad=8)


def _note(axis: Any, x: float, y: float, text: str, offset: tuple[int, int], align: str) -> None:
    axis.annotate(text, (x, y), offset, textcoords="offset points", ha=align, color=COLORS["soft"], fontsize=9)


def _metadata(path: Path) -> dict[str, None]:
    # Without date and program: the same picture is the same file.
    return {"Date": None, "Creator": None} if path.suffix.lower() == ".svg" else {"Software": None}
