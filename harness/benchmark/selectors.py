"""Chooses phones: a serial or phone_id, or terms that must all hold. Pure.

`tier=high,soc=SM8550` is one selector of two terms; of several selectors any may hold. A text without a sign is a
serial or phone_id. Texts compare without regard to case; Android versions compare as far as the term gives them, so
that `android=8` holds for 8.1.0 and `android>=8.1` does not for 8.0.0. What is unknown meets no term, `!=` included.
Labels are given to a phone by its rack file, so they stand beside its record: `label=bench3` holds where it has that
label among others, `label!=bench3` where it has not.
"""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from harness.errors import UsageError
from harness.records import PhoneRecord

_TERM = re.compile(r"\s*(\w+)\s*(>=|<=|!=|=|>|<)(.*)", re.DOTALL)
_TEXT = ("tier", "soc", "model", "manufacturer", "abi", "device", "gpu", "provenance", "phone_id", "serial")
_NUMBERS = ("sdk", "ram_mb", "cores", "max_khz", "performance_class")
_LABEL = "label"
_KEYS = (*_TEXT, "android", *_NUMBERS, _LABEL)
_NO_LABELS: frozenset[str] = frozenset()
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
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

    def holds(self, phone: PhoneRecord, labels: Collection[str] = _NO_LABELS) -> bool:
        """Whether the phone, with these labels, meets it; an unknown value meets nothing."""
        if self.key is None:
            return self.value in (phone.serial, phone.phone_id)
        if self.key == _LABEL:
            return (self.value.lower() in {label.lower() for label in labels}) == (self.sign == "=")
        have = getattr(phone, self.key)
        if have is None:
            return False
        compare = _COMPARE[self.sign]
        if self.key == "android":
            wanted, version = _version(self.value) or (), _version(have)
            padded = (*(version or ()), *(0 for _ in wanted))[: len(wanted)]
            return version is not None and compare(padded, wanted)
        if self.key in _NUMBERS:
            return compare(float(have), float(self.value))
        return compare(have.lower(), self.value.lower())

    def why_not(self, phone: PhoneRecord, labels: Collection[str] = _NO_LABELS) -> str:
        """Why it does not hold, as the end of a sentence about the phone."""
        if self.key is None:
            return f"it is not {self.value}"
        if self.key == _LABEL:
            return (
                f"not {self}: its labels are {', '.join(sorted(labels))}" if labels else f"not {self}: it has no label"
            )
        have = getattr(phone, self.key)
        return f"not {self}: its {self.key} is {'unknown' if have is None else have}"

    def __str__(self) -> str:
        return self.value if self.key is None else f"{self.key}{self.sign}{self.value}"


def parse_selectors(texts: Sequence[str]) -> list[list[Term]]:
    """Selectors as alternatives of terms.

    Raises:
        UsageError: a term cannot be read.
    """
    return [_parse(text) for text in texts]


def why_not(
    selectors: Sequence[Sequence[Term]], phone: PhoneRecord, labels: Collection[str] = _NO_LABELS
) -> str | None:
    """None where the phone matches any selector (or there is none), else the first term that each misses, and why."""
    misses = missed(selectors, phone, labels)
    return None if misses is None else ", and ".join(term.why_not(phone, labels) for term in misses)


def missed(
    selectors: Sequence[Sequence[Term]], phone: PhoneRecord, labels: Collection[str] = _NO_LABELS
) -> list[Term] | None:
    """The first term of each selector that the phone misses; None where it matches any selector, or there is none."""
    misses = []
    for terms in selectors:
        first = next((t for t in terms if not t.holds(phone, labels)), None)
        if first is None:
            return None
        misses.append(first)
    return misses or None


def _parse(text: str) -> list[Term]:
    if not text.strip():
        raise UsageError("a selector of phones is empty", advice="give a serial, or terms as tier=high,soc=SM8550")
    if not re.search(r"[=<>,]", text):
        return [Term(None, "=", text.strip())]
    return [_term(text, part) for part in text.split(",")]


def _term(text: str, part: str) -> Term:
    found = _TERM.fullmatch(part)
    where = f"selector {text!r}: "
    if found is None:
        raise UsageError(f"{where}{part!r} is no term", advice="write terms as tier=high or ram_mb>=6000")
    term = Term(found[1], found[2], found[3].strip())
    if not term.value:
        raise UsageError(f"{where}{part!r} has no value", advice=f"write it as {term}VALUE")
    check_term(term, where)
    return term


def check_term(term: Term, where: str = "") -> None:
    """Whether a term that was not parsed here can be asked of a phone.

    Raises:
        UsageError: it cannot; the message begins with `where`.
    """
    key, sign, value = term.key, term.sign, term.value
    if key is None:
        return
    if key not in _KEYS:
        near = difflib.get_close_matches(key, _KEYS, n=1)
        advice = f"did you mean {near[0]}?" if near else f"use {', '.join(_KEYS)}"
        raise UsageError(f"{where}phones have no {key!r}", advice=advice)
    if sign not in _COMPARE:
        raise UsageError(f"{where}{sign!r} is no comparison", advice=f"use {', '.join(_COMPARE)}")
    if key in (*_TEXT, _LABEL) and sign not in ("=", "!="):
        raise UsageError(f"{where}{key} is a name", advice="compare it with = or !=")
    if (key in _NUMBERS and not re.fullmatch(r"\d+(\.\d+)?", value)) or (key == "android" and not _version(value)):
        raise UsageError(f"{where}{key} needs a number, not {value!r}", advice=f"as in {key}>=12")


def _version(text: str) -> tuple[int, ...] | None:
    return tuple(int(p) for p in text.split(".")) if re.fullmatch(r"\d+(\.\d+)*", text) else None
