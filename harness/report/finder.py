"""Finds rows of a report by name or by terms. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from harness.errors import UsageError
from harness.report.words import condition, model_name, plural

#: Keys of a row that a term may name; options of delegates are others.
_KEYS = (
    *("row", "phone_id", "serial", "device", "tier", "provenance", "context"),
    *("model", "variant", "delegate", "threads", "outcome", "flag"),
)
#: So many rows are listed where several match, and so many ways to narrow.
_MOST = 12


def find_rows(document: dict[str, Any], text: str) -> list[dict[str, Any]]:
    """The rows that `text` means: a row's name or its beginning (`r3fa`), or terms that must all hold
    (`delegate=gpu,model=mobilenet,precision=fp32`; `!=` is known too). Texts compare without regard to case.

    Raises:
        UsageError: nothing is meant, a term cannot be read, or no row matches.
    """
    rows: list[dict[str, Any]] = document["rows"]
    wanted = text.strip()
    if not rows:
        raise UsageError("this run has no row", advice="nothing was measured in it")
    if not wanted:
        raise UsageError("ROW is empty", advice=f"give a name as {rows[0]['row']}, or terms as delegate=gpu")
    if "=" not in wanted:
        exact = [r for r in rows if r["row"] == wanted.lower()]
        found = exact or [r for r in rows if r["row"].startswith(wanted.lower())]
        if not found:
            near = difflib.get_close_matches(wanted.lower(), [r["row"] for r in rows], n=1)
            advice = f"did you mean {near[0]}?" if near else "`harness report RUN` shows the names, in the column row"
            raise UsageError(f"this run has no row {wanted!r}", advice=advice)
        return found
    terms = [_term(part, rows) for part in wanted.split(",")]
    found = [r for r in rows if all(_holds(r, *term) for term in terms)]
    if not found:
        raise UsageError(f"no row of this run has {wanted}", advice=_nearest(rows, terms))
    return found


def listing(found: Sequence[dict[str, Any]]) -> list[str]:
    """A line a row that matches, and a last one that says how to narrow."""
    lines = [
        f"{r['row']}  {r['device'] or r['phone_id']} ({r['phone_id']})  {model_name(r)}  {condition(r)}"
        for r in found[:_MOST]
    ]
    if len(found) > _MOST:
        lines.append(f"and {len(found) - _MOST} more")
    return [*lines, f"{plural(len(found), 'row')} match: give the name of one, or add {_narrowing(found)}."]


def _narrowing(found: Sequence[dict[str, Any]]) -> str:
    """Terms that would tell the rows apart, as examples."""
    parts = []
    for key in (*_KEYS[1:-2], *_options(found)):
        values = {_value(r, key) for r in found}
        if len(values) > 1 and key not in ("serial", "device"):
            known = sorted(v for v in values if v)
            parts.append(f"{key}={known[0]}" if known else "")
    said = [p for p in parts if p]
    return " or ".join(said[:4]) if said else "nothing: they differ in their programs only"


def _term(part: str, rows: Sequence[dict[str, Any]]) -> tuple[str, bool, str]:
    key, sign, value = part.partition("!=") if "!=" in part else part.partition("=")
    key, value = key.strip(), value.strip()
    if not sign or not key:
        raise UsageError(f"{part!r} is no term", advice="write terms as delegate=gpu,model=mobilenet")
    known = (*_KEYS, *_options(rows))
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1)
        raise UsageError(
            f"rows have no {key!r}", advice=f"did you mean {near[0]}?" if near else f"use {', '.join(known)}"
        )
    return key, sign == "=", value.lower()


def _holds(row: dict[str, Any], key: str, equal: bool, value: str) -> bool:
    if key == "flag":
        return (value in row["flags"]) == equal
    return (_value(row, key).lower() == value) == equal


def _value(row: dict[str, Any], key: str) -> str:
    value = row[key] if key in row else row["options"].get(key)
    return "" if value is None else str(value)


def _options(rows: Sequence[dict[str, Any]]) -> list[str]:
    return sorted({name for r in rows for name in r["options"]} - set(_KEYS))


def _nearest(rows: Sequence[dict[str, Any]], terms: Sequence[tuple[str, bool, str]]) -> str:
    """What the first term that no row meets could have been, or that each holds alone."""
    for key, equal, value in terms:
        if not any(_holds(r, key, equal, value) for r in rows):
            every = sorted({f for r in rows for f in r["flags"]} if key == "flag" else {_value(r, key) for r in rows})
            return f"{key} is {', '.join(v or 'empty' for v in every[:_MOST])} in this run"
    return "each of these terms holds for some row, but for none all of them; leave one out"
