"""Numbers as C++ streams print them: integers, six digits, scientific, nan and inf."""

from __future__ import annotations

import math
import re

NUMBER = r"[-+]?(?:\d{1,30}(?:\.\d{0,30})?(?:[eE][-+]?\d{1,4})?|\.\d{1,30}|nan|inf)"
_COUNT = re.compile(r"count=(\d{1,12})(?![\d.])")
_FIELD = re.compile(rf" ?(first|curr|min|max|avg|std|p5|median|p95)=({NUMBER})(\(all same\))?")
_FIELDS = ("first", "curr", "min", "max", "avg", "std", "p5", "median", "p95")


def number(text: str | None) -> float | None:
    """A finite number, or None."""
    if text is None:
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def phase(text: str) -> dict[str, float | int | None] | None:
    """The fields of a `count=…` line by record field name, or None where the text is no such line.

    With no run, percentiles of 0 mean "not measured" and are None. Where all runs were equal the program prints only
    one value; minimum, maximum and average are then that value, and the deviation 0.
    """
    found = _COUNT.search(text)
    if not found:
        return None
    count = int(found[1])
    same = count == 1
    values: dict[str, float | int | None] = {"count": count, **{f"{name}_us": None for name in _FIELDS}}
    at = found.end()
    while field := _FIELD.match(text, at):
        at = field.end()
        same = same or bool(field[3])
        if count:
            values[f"{field[1]}_us"] = number(field[2])
    if count and values["curr_us"] is None and values["avg_us"] is None:
        return None  # a count of something else
    if count and values["avg_us"] is None and same:
        one = values["curr_us"]
        values.update(first_us=one, min_us=one, max_us=one, avg_us=one, std_us=0.0)
    return values
