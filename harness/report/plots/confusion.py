"""What a classifier takes for what: a model's confusion, and how it differs from the original's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.report.plots.svg import COLORS, style

#: More classes than these are not told apart in print; those that are confused most are shown.
_MOST_CLASSES = 20
#: Up to so many classes, counts fit into their cells.
_MOST_NUMBERS = 12


def confusion_picture(
    path: Path, name: str, counts: npt.NDArray[np.int64], classes: Sequence[str], base: npt.NDArray[np.int64] | None
) -> None:
    """Write a PNG: rows are right classes, columns answers, a cell the share of its row.

    With `base`, a second panel shows what changed: examples more (or fewer) than the original has there.

    Raises:
        OSError: the disk refuses.
    """
    from matplotlib.figure import Figure

    shown, left_out = _shown(counts, base)
    names = [classes[c] if c < len(classes) else str(c) for c in shown]
    panels = 1 if base is None else 2
    side = 1.3 + 0.34 * max(8, len(shown))
    with style():
        figure = Figure(figsize=(panels * (side + 0.5), side + 0.5), layout="constrained", facecolor=COLORS["page"])
        axes = figure.subplots(1, panels, squeeze=False)[0]
        some = counts[np.ix_(shown, shown)]
        share = some / np.maximum(1, counts.sum(1)[shown])[:, None]
        _panel(axes[0], share, some, names, (0.0, 1.0), COLORS["cpu"], COLORS["cpu"])
        axes[0].set_title(f"{name}: {counts.sum()} examples", loc="left", fontsize=10, weight="bold")
        if base is not None:
            change = (counts - base)[np.ix_(shown, shown)]
            most = max(1, int(np.abs(change).max()))
            _panel(axes[1], change / most, change, names, (-1.0, 1.0), COLORS["gpu"], COLORS["cpu"], sign=True)
            moved = int(np.abs(counts - base).sum()) // 2  # what moved both ways does not show
            title = f"Against the original: {moved} {'answer has' if moved == 1 else 'answers have'} moved"
            axes[1].set_title(title, loc="left", fontsize=10, weight="bold")
        if left_out:
            text = f"The {len(shown)} classes with the most confusion; {left_out} are left out."
            figure.supxlabel(text, fontsize=8.5, color=COLORS["soft"])
        figure.savefig(path, format="png", dpi=150, bbox_inches="tight", pad_inches=0.15, metadata={"Software": None})


def _shown(counts: npt.NDArray[np.int64], base: npt.NDArray[np.int64] | None) -> tuple[list[int], int]:
    classes = len(counts)
    if classes <= _MOST_CLASSES:
        return list(range(classes)), 0
    wrong = counts + (0 if base is None else np.abs(counts - base))
    wrong = wrong - np.diag(np.diag(wrong))
    most = np.argsort(-(wrong.sum(0) + wrong.sum(1)), kind="stable")[:_MOST_CLASSES]
    return sorted(int(c) for c in most), classes - _MOST_CLASSES


def _panel(
    axis: Any,
    shade: npt.NDArray[np.float64],
    numbers: npt.NDArray[np.int64],
    names: Sequence[str],
    span: tuple[float, float],
    more: str,
    fewer: str,
    *,
    sign: bool = False,
) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    stops = [fewer, COLORS["page"], more] if sign else [COLORS["page"], more]
    axis.imshow(shade, cmap=LinearSegmentedColormap.from_list("shares", stops), vmin=span[0], vmax=span[1])
    places = range(len(names))
    long = max(map(len, names), default=0) > 3
    axis.set_xticks(places, names, rotation=90 if long else 0)
    axis.set_yticks(places, names)
    axis.set_xlabel("answer")
    axis.set_ylabel("right class")
    axis.tick_params(length=0, labelsize=8.5)
    axis.set_xticks([p - 0.5 for p in places], minor=True)
    axis.set_yticks([p - 0.5 for p in places], minor=True)
    axis.grid(which="minor", color=COLORS["line"], lw=0.6)
    axis.tick_params(which="minor", length=0)
    if len(names) > _MOST_NUMBERS and not sign:
        return
    for row in places:
        for column in places:
            if numbers[row, column]:
                text = f"{numbers[row, column]:+d}" if sign else str(numbers[row, column])
                dark = abs(shade[row, column]) > 0.55
                axis.text(
                    column, row, text, ha="center", va="center", fontsize=8.5,
                    color=COLORS["page"] if dark else COLORS["ink"],
                )  # fmt: skip
