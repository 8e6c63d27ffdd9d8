"""Power use in `dumpsys batterystats`, as text or with `--checkin`: a model's estimate, no measurement. Pure."""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines, real

_NUMBER = r"[\d.]+(?:[eE][-+]?\d+)?"
_SUMMARY = re.compile(
    rf"Capacity: (?P<capacity>{_NUMBER}),\s*Computed drain: (?P<computed>{_NUMBER})"
    rf"(?:,\s*actual drain: (?P<low>{_NUMBER})(?:-(?P<high>{_NUMBER}))?)?",
    re.IGNORECASE,
)
_UID = re.compile(rf"^\s*UID (?P<uid>[\w]+):\s*(?P<mah>{_NUMBER})", re.IGNORECASE)
_PART = re.compile(rf"^\s{{2,}}(?P<part>[A-Za-z][\w ]*?): (?P<mah>{_NUMBER})(?:\s|$)")
_CHECKIN = re.compile(r"^\d+,(?P<uid>\d+),\w+,(?P<kind>pws|pwi),(?P<rest>.*)$")
_HEADING = "Estimated power use"


def looks_like(text: str) -> bool:
    """Its headings, or lines of a checkin."""
    return _HEADING in text or bool(
        re.search(r"^(?:Battery History|Statistics since last charge)", text, re.MULTILINE)
        or re.search(r"^\d+,\d+,\w+,(?:pws|pwi|vers|bt),", text, re.MULTILINE)
    )


def parse(text: str, name: str = "") -> dict[str, Any]:
    """Keys: capacity_mah, computed_drain_mah, actual_drain_mah [least, most], uid_mah by uid as printed, and parts_mah,
    what else is named (screen, wifi …).
    """
    found: dict[str, Any] = {
        "capacity_mah": None,
        "computed_drain_mah": None,
        "actual_drain_mah": None,
        "uid_mah": {},
        "parts_mah": {},
    }
    inside = False
    for line in lines(text):
        if checkin := _CHECKIN.match(line):
            _checkin(found, checkin)
        elif _HEADING in line:
            inside = True
        elif summary := _SUMMARY.search(line):
            inside = True
            _summary(found, summary["capacity"], summary["computed"], summary["low"], summary["high"])
        elif inside and not line.strip():
            inside = not found["uid_mah"] and not found["parts_mah"]
        elif inside and (uid := _UID.match(line)):
            found["uid_mah"].setdefault(uid["uid"], real(uid["mah"]))
        elif inside and (part := _PART.match(line)):
            found["parts_mah"].setdefault(part["part"].strip().lower(), real(part["mah"]))
    return found


def _summary(found: dict[str, Any], capacity: str, computed: str, low: str | None, high: str | None) -> None:
    if found["capacity_mah"] is None:
        found.update(capacity_mah=real(capacity), computed_drain_mah=real(computed))
        if low is not None:
            found["actual_drain_mah"] = [real(low), real(high or low)]


def _checkin(found: dict[str, Any], line: re.Match[str]) -> None:
    words = line["rest"].split(",")
    if line["kind"] == "pws" and len(words) >= 4:
        _summary(found, *words[:4])
    elif line["kind"] == "pwi" and len(words) >= 2:
        if words[0] == "uid":
            found["uid_mah"].setdefault(line["uid"], real(words[1]))
        else:
            found["parts_mah"].setdefault(words[0], real(words[1]))
