"""Shell or app: which rows a decision rests on. Pure.

What is shipped runs in an app, so the app's rows decide; but only where each candidate has one, since a figure of the
app against one of the shell says nothing of two delegates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Row = dict[str, Any]


def in_one_context(rows: Sequence[Row], whole: Callable[[Row], bool]) -> tuple[list[Row], str | None]:
    """The rows (or tier entries) to decide on, all of one context; and what must be said where the shell's stand in for
    the app's, None where nothing must.

    Args:
        rows: of one model variant, of any context.
        whole: whether a row has what makes it a candidate.
    """
    app = [r for r in rows if r["context"] == "app"]
    shell = [r for r in rows if r["context"] != "app"]
    if not app or not shell:
        return list(rows), None
    known = {_key(r) for r in app if whole(r)}
    missing = [r for r in shell if whole(r) and _key(r) not in known]
    if known and not missing:
        return app, None
    return shell, "from the shell, as not all have a figure from the app"


def _key(row: Row) -> tuple[Any, ...]:
    return (row["delegate"], *sorted(row["options"].items()), row["threads"])
