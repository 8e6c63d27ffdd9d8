"""Spans of time as people write them. Pure."""

from __future__ import annotations

import re

from harness.errors import UsageError

_UNITS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_LONGEST_S = 10 * 365 * 86400.0


def parse_span(text: str) -> float:
    """Seconds of `90s`, `30m`, `2h`, `1h30m` or `3d`.

    Raises:
        UsageError: it is none, or is longer than ten years.
    """
    words = re.findall(r"(\d+(?:\.\d+)?)\s*([a-z]+)", text)
    if not words or not re.fullmatch(r"(\s*\d+(\.\d+)?\s*[a-z]+\s*)+", text) or any(u not in _UNITS for _, u in words):
        raise UsageError(f"{text!r} is no span of time", advice="write it as 30m, 2h or 3d")
    seconds = sum(float(n) * _UNITS[unit] for n, unit in words)
    if not 0 < seconds <= _LONGEST_S:
        raise UsageError(f"{text!r} is no span of time", advice="give more than nothing and at most ten years")
    return seconds
