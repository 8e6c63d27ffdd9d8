"""Accuracy in words, the same in every format. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from harness.report.words import NOT_MEASURED, number


def any_accuracy(rows: Iterable[dict[str, Any]]) -> bool:
    """Whether a table over these rows, or tier entries, has something to say of it."""
    return any(row["accuracy"]["value"] is not None for row in rows)


def accuracy(row: dict[str, Any]) -> str:
    """`top1 86.87 %`; a dash where it is not known."""
    found = row["accuracy"]
    if found["value"] is None:
        return NOT_MEASURED
    agreement = " agreement" if found["reference"] == "base" else ""
    return (
        f"{found['metric']}{agreement} {figure(found['value'], found['unit'])}{' %' if found['unit'] == 'pct' else ''}"
    )


def drop(row: dict[str, Any]) -> str:
    """`+0.67 (-0.61 to +2.42), no drop shown`; nothing where there is no other model to compare with."""
    found = row["accuracy"]
    if found["value"] is None or found["drop"] is None:
        return ""
    inside = limits(found["drop_ci95"], found["unit"], signed=True)
    text = figure(found["drop"], found["unit"], signed=True) + (f" ({inside})" if inside else "")
    return f"{text}, {found['verdict']}" if found["verdict"] else text


def metric_name(name: str, unit: str) -> str:
    """How a column of this metric is called: `top1 %`."""
    return f"{name} %" if unit == "pct" else name


def figure(value: float | None, unit: str, *, signed: bool = False) -> str:
    """A figure or a drop: shares with two digits behind the point, others with three significant ones."""
    if value is None:
        return NOT_MEASURED
    if unit == "pct":
        value = 0.0 if abs(value) < 0.005 else value
        return f"{value:+.2f}" if signed and value else f"{value:.2f}"
    plus = "+" if signed and value > 0 else ""
    return f"{plus}{number(value)}"


def limits(pair: Sequence[float | None], unit: str, *, signed: bool = False) -> str:
    """`95.10 to 98.62`, or nothing."""
    low, high = (figure(value, unit, signed=signed) for value in pair)
    return f"{low} to {high}" if pair[0] is not None else ""
