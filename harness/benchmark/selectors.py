"""Chooses phones: a serial or phone_id, or terms that must all hold. Pure."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.errors import UsageError
from harness.records import PhoneRecord

_TERM = re.compile(r"^([a-z_]+)(>=|<=|!=|=|>|<)(.*)$")
_TEXT = ("tier", "soc", "model", "manufacturer", "abi", "device", "gpu", "provenance", "phone_id", "serial")
_NUMBERS = ("android", "sdk", "ram_mb", "cores", "performance_class")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True)
class Term:
    """One condition. A key of None compares the serial or phone_id."""

    key: str | None
    sign: str
    value: str

    def holds(self, phone: PhoneRecord) -> bool:
        """Whether the phone meets it; an unknown value meets nothing."""
        if self.key is None:
            return self.value in (phone.serial, phone.phone_id)
        have = getattr(phone, self.key)
        if self.key in _NUMBERS:
            number = _number(have)
            return number is not None and _COMPARE[self.sign](number, float(self.value))
        if have is None:
            return False
        return bool(have.lower() == self.value.lower()) == (self.sign == "=")

    def __str__(self) -> str:
        return self.value if self.key is None else f"{self.key}{self.sign}{self.value}"


def parse_selectors(texts: Sequence[str]) -> list[list[Term]]:
    """Selectors as alternatives of terms.

    Raises:
        UsageError: a term cannot be read.
    """
    return [_parse(text) for text in texts]


def _parse(text: str) -> list[Term]:
    if not _TERM.match(text.split(",")[0]):
        return [Term(None, "=", text)]
    terms = []
    for part in text.split(","):
        found = _TERM.match(part.strip())
        if not found or found[1] not in (*_TEXT, *_NUMBERS):
            raise UsageError(
                f"--device {text!r}: {part!r} is no term",
                advice=f"use {', '.join((*_TEXT, *_NUMBERS))} with =, !=, >=, <=",
            )
        key, sign, value = found.groups()
        if key in _NUMBERS and _number(value) is None:
            raise UsageError(f"--device {text!r}: {key} needs a number, not {value!r}")
        if key in _TEXT and sign not in ("=", "!="):
            raise UsageError(f"--device {text!r}: {key} is a name and takes = or !=")
        terms.append(Term(key, sign, value))
    return terms


def why_not(selectors: Sequence[Sequence[Term]], phone: PhoneRecord) -> str | None:
    """None where the phone matches any selector (or there is none), else the first condition that each misses."""
    if not selectors:
        return None
    misses = []
    for terms in selectors:
        missed = next((t for t in terms if not t.holds(phone)), None)
        if missed is None:
            return None
        misses.append(str(missed))
    return "it is not " + ", nor ".join(misses)


def _number(value: object) -> float | None:
    try:
        return float(str(value).split(".")[0]) if value is not None else None
    except ValueError:
        return None
