"""Numbers as C++ streams print them: integers, six digits, scientific, nan and inf."""

from __future__ import annotations

import math
import re

NUMBER = r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|nan|inf)"
_PHASE = re.compile(
    rf"count=(?P<count>\d+)(?: first=(?P<first>{NUMBER}))?(?: curr=(?P<curr>{NUMBER})(?P<same>\(all same\))?)?"
    rf"(?: min=(?P<min>{NUMBER}) max=(?P<max>{NUMBER}) avg=(?P<avg>{NUMBER}) std=(?P<std>{NUMBER}))?"
    rf"(?: p5=(?P<p5>{NUMBER}) median=(?P<median>{NUMBER}) p95=(?P<p95>{NUMBER}))?"
)
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
    found = _PHASE.search(text)
    if not found:
        return None
    count = int(found["count"])
    values: dict[str, float | int | None] = {"count": count}
    values.update({f"{f}_us": number(found[f]) if count else None for f in _FIELDS})
    if count and found["avg"] is None and (count == 1 or found["same"]):
        one = values["curr_us"]
        values.update(first_us=one, min_us=one, max_us=one, avg_us=one, std_us=0.0)
    return values
