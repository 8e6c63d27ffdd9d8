"""Reads what an external power meter wrote as CSV: time, and current with voltage, or power. Pure.

Columns are found by the unit in their names, as the common tools write them: `Time (s)`, `Main (mA)`, `Timestamp(ms)`,
`Current(uA)`, `bus_V`, `power_mW`. What the names do not say has to be said: a unit is never guessed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Units by what they measure, as factors to s, A, V and W.
UNITS: dict[str, dict[str, float]] = {
    "time": {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "min": 60.0},
    "current": {"A": 1.0, "mA": 1e-3, "uA": 1e-6, "nA": 1e-9},
    "voltage": {"V": 1.0, "mV": 1e-3, "uV": 1e-6},
    "power": {"W": 1.0, "mW": 1e-3, "uW": 1e-6},
}
#: Seconds over which power is averaged: energy stays exact, and a file of millions of rows becomes small.
BIN_S = 0.02
_UNIT = re.compile(r"[(\[]\s*([A-Za-zµμ]+)\s*[)\]]\s*$|[_ ]([A-Za-zµμ]+)$")
#: Among several columns of one kind, the one that feeds the phone.
_PREFERRED = ("main", "avg", "vbat", "battery")
_CLOCK = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_LEAST_ROWS = 10


@dataclass(frozen=True)
class Column:
    """A column of the file. unit: as in UNITS; "clock" of a date and time."""

    name: str
    unit: str


@dataclass(frozen=True)
class MeterLog:
    """Power over the meter's own time.

    Attributes:
        times_s: of the middle of each bin; power_mw: mean in it.
        columns: what was read as what.
        period_s: between two values of the file.
    """

    times_s: NDArray[np.float64]
    power_mw: NDArray[np.float64]
    columns: dict[str, Column]
    period_s: float


def read_meter(text: str, asked: Mapping[str, str] | None = None, volts: float | None = None) -> MeterLog:
    """Read a meter's file.

    Args:
        asked: "time", "current", "voltage" or "power" to NAME or NAME:UNIT, where the names do not say it.
        volts: the supply's, where the file has no voltage.

    Raises:
        UsageError: the columns cannot be told, or the file holds too little.
    """
    import numpy as np

    head = _head(text)
    columns = _columns(head.names, dict(asked or {}), head.first)
    values = _values(text, head, columns)
    times, power = values["time"], _power(values, volts)
    keep = np.isfinite(times) & np.isfinite(power)
    times, power = times[keep], power[keep]
    if len(times) < _LEAST_ROWS:
        raise UsageError("the meter's file holds fewer than ten rows of numbers", advice="see what it should be")
    order = np.argsort(times, kind="stable")
    times, power = times[order], power[order]
    if float(np.median(power)) < 0:
        raise UsageError("the meter's power is negative", advice="its leads are swapped, or it shows charging")
    period = float(np.median(np.diff(times)))
    if period <= 0:
        raise UsageError("the meter's times do not advance", advice="name the column of time with --time")
    return MeterLog(*_bins(times, power * 1000.0, max(BIN_S, period)), columns, period)


@dataclass(frozen=True)
class _Head:
    """Names of columns, values below them, what separates fields, and how many lines come before the values."""

    names: list[str]
    first: list[str]
    separator: str
    lines: int


def _head(text: str) -> _Head:
    """Lines before the head, which may hold notes, are passed over."""
    lines = text[:20_000].splitlines()[:60]
    for index, line in enumerate(lines[:-1]):
        for separator in (";", "\t", ","):
            head = next(csv.reader([line.lstrip("#\ufeff ")], delimiter=separator))
            below = next(csv.reader([lines[index + 1]], delimiter=separator))
            if len(head) > 1 and len(below) == len(head) and _number(below[-1]) is not None and _words(head):
                return _Head([n.strip() for n in head], below, separator, index + 1)
    raise UsageError("the meter's file has no head with names of columns", advice="give a CSV with a line of names")


def _words(head: Sequence[str]) -> bool:
    return all(_number(name) is None for name in head)


def _number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def _columns(names: Sequence[str], asked: dict[str, str], first: Sequence[str]) -> dict[str, Column]:
    found = {kind: _asked(kind, text, names, first) for kind, text in asked.items()}
    if "time" not in found:
        found["time"] = _only("time", names, first)
    if not {"power", "current"} & found.keys():
        having = [kind for kind in ("power", "current") if _candidates(kind, names)]
        if not having:
            raise UsageError(
                f"no column of the meter's file names power or current with a unit (it has {', '.join(names)})",
                advice="name one, as in --current 'I:mA'",
            )
        found[having[0]] = _only(having[0], names, first)
    if "current" in found and "power" not in found and "voltage" not in found and _candidates("voltage", names):
        found["voltage"] = _only("voltage", names, first)
    return found


def _asked(kind: str, text: str, names: Sequence[str], first: Sequence[str]) -> Column:
    name, colon, unit = text.rpartition(":")
    if not colon or unit not in UNITS[kind]:
        name, unit = text, ""
    if name not in names:
        raise UsageError(f"the meter's file has no column {name!r}", advice=f"it has {', '.join(names)}")
    unit = unit or _unit(kind, name) or _clock(kind, first, names.index(name))
    if not unit:
        example = f"{name}:{next(iter(UNITS[kind]))}"
        raise UsageError(f"the unit of {name!r} is not known", advice=f"as in --{kind} {example!r}")
    return Column(name, unit)


def _only(kind: str, names: Sequence[str], first: Sequence[str]) -> Column:
    found = _candidates(kind, names)
    if kind == "time" and not found:
        clocks = [n for n, v in zip(names, first, strict=True) if _CLOCK.match(v.strip())]
        if clocks:
            return Column(clocks[0], "clock")
        raise UsageError(
            f"no column of the meter's file names time with a unit (it has {', '.join(names)})",
            advice="name it, as in --time 't:ms'",
        )
    for word in _PREFERRED:
        liked = [n for n in found if word in n.lower()]
        if len(found) > 1 and liked:
            found = liked
    if len(found) > 1:
        raise UsageError(f"several columns may be the {kind}: {', '.join(found)}", advice=f"name one with --{kind}")
    return Column(found[0], _unit(kind, found[0]))


def _candidates(kind: str, names: Sequence[str]) -> list[str]:
    return [n for n in names if _unit(kind, n)]


def _unit(kind: str, name: str) -> str:
    """The unit in a column's name, "" where there is none of that kind."""
    found = _UNIT.search(name)
    unit = (found[1] or found[2]).replace("µ", "u").replace("μ", "u") if found else ""
    if unit in UNITS[kind]:
        return unit
    return name.lower() if kind == "time" and name.lower() in ("seconds", "ms", "us") else ""


def _clock(kind: str, first: Sequence[str], index: int) -> str:
    return "clock" if kind == "time" and index < len(first) and _CLOCK.match(first[index].strip()) else ""


def _values(text: str, head: _Head, columns: Mapping[str, Column]) -> dict[str, NDArray[np.float64]]:
    import numpy as np
    import pandas as pd

    table = pd.read_csv(
        io.StringIO(text),
        sep=head.separator,
        decimal="," if head.separator == ";" else ".",
        skiprows=head.lines,
        skip_blank_lines=False,
        names=head.names,
        header=None,
        on_bad_lines="skip",
    )
    found: dict[str, NDArray[np.float64]] = {}
    for kind, column in columns.items():
        if column.unit == "clock":
            moments = pd.to_datetime(table[column.name], errors="coerce", utc=True, format="ISO8601")
            since = (moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
            found[kind] = np.asarray(since, dtype=np.float64)
        else:
            numbers = np.asarray(pd.to_numeric(table[column.name], errors="coerce"), dtype=np.float64)
            found[kind] = numbers * UNITS[kind][column.unit]
    return found


def _power(values: Mapping[str, NDArray[np.float64]], volts: float | None) -> NDArray[np.float64]:
    if "power" in values:
        return values["power"]
    if "voltage" in values:
        return values["current"] * values["voltage"]
    if volts is None:
        raise UsageError("the meter's file has no voltage", advice="say what the supply gave, as in --volts 3.85")
    return values["current"] * volts


def _bins(
    times: NDArray[np.float64], power: NDArray[np.float64], width: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means over equal times; a time without a value has none."""
    import numpy as np

    index = np.floor((times - times[0]) / width + 1e-9).astype(np.int64)
    numbers, starts, counts = np.unique(index, return_index=True, return_counts=True)
    means = np.add.reduceat(power, starts) / counts
    return times[0] + (numbers + 0.5) * width, means
