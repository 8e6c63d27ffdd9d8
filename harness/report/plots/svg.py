"""From a matplotlib figure to SVG that a page can colour, embed and repeat byte for byte.

Colours are drawn as fixed codes and replaced by CSS variables (`var(--gpu,#c9730a)`), so that a light page, a dark one
and paper each show their own. Text stays text, in the page's font; a letter that this machine's fonts lack is drawn by
the reader's.
"""

from __future__ import annotations

import io
import re
import warnings
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: CSS variable to the colour drawn where there is no style sheet. No two may be alike: they are told apart by code.
COLORS = {
    "ink": "#1d2329",
    "soft": "#626b76",
    "line": "#dfe3e8",
    "page": "#fefefe",
    "cpu": "#3c6e9f",
    "gpu": "#c9730a",
    "nnapi": "#1e8a7a",
    "npu": "#8a56ac",
    "heat": "#b8433a",
    "skin": "#d08a3e",
    "mark": "#a63d1e",
}
MARKERS = {"cpu": "o", "gpu": "s", "nnapi": "D", "npu": "^"}
#: Point sizes of a figure that is shown at about its own size: 72 units an inch.
WIDE_IN, NARROW_IN = 11.0, 4.7

_STYLE: Any = {
    "svg.hashsalt": "harness",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9.5,
    "text.color": COLORS["ink"],
    "text.parse_math": False,
    "axes.labelcolor": COLORS["soft"],
    "axes.edgecolor": COLORS["line"],
    "axes.linewidth": 0.8,
    "xtick.color": COLORS["soft"],
    "ytick.color": COLORS["soft"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.unicode_minus": False,
}


def style() -> Any:
    """The context in which a figure is made, filled and saved."""
    import matplotlib as mpl

    return mpl.rc_context(_STYLE)


def color(delegate: str) -> str:
    """A delegate's colour; delegates from elsewhere are grey."""
    return COLORS.get(delegate, COLORS["soft"]) if delegate in MARKERS else COLORS["soft"]


def watermark(figure: Figure, text: str) -> None:
    """Mark a whole figure, so that it says what it is wherever it is pasted."""
    figure.text(
        0.5, 0.5, text.upper(), ha="center", va="center", rotation=18, fontsize=figure.get_figwidth() * 6.4,
        color=COLORS["mark"], alpha=0.09, weight="bold", zorder=-5,
    )  # fmt: skip


def to_svg(figure: Figure, name: str, description: str) -> str:
    """The figure as an `<svg>` element.

    Args:
        name: unique on the page; ids within begin with it.
        description: what it shows, for those who do not see it.
    """
    buffer = io.StringIO()
    with style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    for variable, code in COLORS.items():
        text = text.replace(code, f"var(--{variable},{code})")
    text = re.sub(r"font-family: [^;\"]*|font: ([\d.]+)px [^;\"]*", _font, text)
    text = re.sub(r"(\d\.\d\d)\d+", r"\1", text)  # a hundredth of a point is finer than any screen
    text = _own_ids(text, name)
    width, height = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)[0]
    head = f'<svg role="img" aria-label="{escape(description)}" viewBox="0 0 {width} {height}">'
    return re.sub(r"<svg[^>]*>", lambda _: head, text, count=1).rstrip()


def _font(found: re.Match[str]) -> str:
    return f"font-size: {found[1]}px" if found[1] else "font-family: inherit"


def _own_ids(text: str, name: str) -> str:
    """Drop ids that nothing points to, and make the others unique on the page."""
    used = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text))
    wanted = {a or b for a, b in used}
    text = re.sub(r' id="([^"]+)"', lambda found: f' id="{name}-{found[1]}"' if found[1] in wanted else "", text)
    return re.sub(r'xlink:href="#|url\(#', lambda found: f"{found[0].replace('xlink:', '')}{name}-", text)
