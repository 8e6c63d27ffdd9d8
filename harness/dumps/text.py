"""Numbers and lines as dumps print them."""

from __future__ import annotations

import math
import re

#: Whole numbers of at most 18 digits: more is damage, not a reading.
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{0,18})?(?:[eE][+-]?[0-9]{1,3})?")
#: No dump has longer lines; a log without line ends would keep the readers' patterns busy for minutes.
_LONGEST = 4000
#: What drivers and HALs answer for a value that they do not have.
_SENTINELS = frozenset({-(2**31), 2**31 - 1, -(2**63), 2**63 - 1})


def whole(text: str | None) -> int | None:
    """A whole number, None for anything else."""
    word = (text or "").strip()
    return int(word) if _WHOLE.fullmatch(word) else None


def decimal(text: str | None) -> float | None:
    """A finite number, None for anything else, NaN included."""
    word = (text or "").strip()
    if not _DECIMAL.fullmatch(word):
        return None
    value = float(word)
    return value if math.isfinite(value) else None


def reading(text: str | None) -> int | None:
    """A whole number that is no sentinel: INT_MIN, INT_MAX and the long ones stand for "not supported"."""
    value = whole(text)
    return None if value in _SENTINELS else value


def lines_of(text: str) -> list[str]:
    """Lines without their ends; adb of old phones ends lines with CR LF, or CR CR LF. An overlong one comes empty."""
    return [line.rstrip("\r") if len(line) <= _LONGEST else "" for line in text.split("\n")]


def pairs(text: str, separator: str) -> dict[str, str]:
    """`key SEPARATOR value` lines, both stripped; of a key that stands twice the first holds."""
    found: dict[str, str] = {}
    for line in lines_of(text):
        key, seen, value = line.partition(separator)
        if seen and key.strip():
            found.setdefault(key.strip(), value.strip())
    return found
