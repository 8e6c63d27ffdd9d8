"""What the readers of dumps share: lines, numbers and `key: value` fields, read leniently. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

#: What drivers write for "no value": the smallest 32-bit number.
_UNSUPPORTED = -(2**31)


def lines(text: str) -> Iterator[str]:
    """Lines without their ends, whatever those are, and without a byte order mark."""
    for line in text.removeprefix("\ufeff").split("\n"):
        yield line.rstrip("\r")


def whole(text: str | None) -> int | None:
    """A whole number, or None: for none, for words, and for what drivers write instead of a value."""
    if text is None or not re.fullmatch(r"\s*[-+]?\d{1,18}\s*", text):
        return None
    value = int(text)
    return None if value == _UNSUPPORTED else value


def real(text: str | None) -> float | None:
    """A finite number, or None."""
    try:
        value = float(text) if text is not None and "_" not in text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def tenths(text: str | None) -> float | None:
    """A temperature in tenths of a degree, in degrees."""
    value = whole(text)
    return None if value is None else value / 10


def fields(text: str, separator: str = ":") -> dict[str, str]:
    """`key: value` lines; the first of a key counts, since makers repeat keys with other meanings further down."""
    found: dict[str, str] = {}
    for line in lines(text):
        key, has, value = line.partition(separator)
        if has:
            found.setdefault(key.strip(), value.strip())
    return found


def current(value: int | None, key: str, *, milliampere: bool, status: str | None) -> dict[str, object] | None:
    """A gauge's current as the contract shows it, with its unit as far as anything settles it.

    Args:
        value: as printed; None gives None.
        key: under which it stood.
        milliampere: this line is known to be in mA.
        status: what the battery is said to do.

    Unit: from 16000 on, mA would be more current than any phone takes (method: acc), and a line known to be in mA is.
    """
    if value is None:
        return None
    unit = "uA" if abs(value) >= 16_000 else "mA" if milliampere else None
    word = "charging" if status == "charging" else "discharging" if status == "discharging" else None
    sign = f"{'positive' if value > 0 else 'negative'} while {word}" if word and value else None
    found: dict[str, object] = {"value": value, "unit": unit, "sign": sign, "key": key}
    if unit is None:
        found["unit_reason"] = "its size fits both µA and mA"
    return found
