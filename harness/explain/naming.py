"""Names of layers for people. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def short_names(names: Sequence[str]) -> list[str]:
    """Each name shortened as far as all stay apart.

    The converter joins the names of all that it fused by `;`, each a path. Of `a/conv_1/Relu;a/conv_1/Bias` is left
    `conv_1/Relu`; where two become alike, both stay whole.
    """
    short = [_short(name) for name in names]
    return [s if short.count(s) == 1 else name for s, name in zip(short, names, strict=True)]


def _short(name: str) -> str:
    parts = name.partition(";")[0].split("/")
    return "/".join(parts[-2:])
