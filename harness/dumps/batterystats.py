"""`dumpsys batterystats`, text and `--checkin`, Android 5 to 17: the framework's model of who used the battery.

Keys: `capacity_mah`, `computed_drain_mah`, `actual_drain_mah` ([least, most], twice the same where one number is
printed), `uid_mah` (by the uid as printed: u0a318, 1000; numbers in a checkin), `component_mah` (screen, wifi, … as
printed). All of it is the model of power_profile.xml, not a measurement.
"""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import decimal, lines_of

_NUMBER = r"[0-9][0-9.,eE+]*"
_CAPACITY = re.compile(
    rf"Capacity: ({_NUMBER})(?:, [A-Z][a-z]+: {_NUMBER})*, Computed drain: ({_NUMBER}), "
    rf"(?:actual|Min) drain: ({_NUMBER})(?:(?:\s*-\s*| Max drain: )({_NUMBER}))?"
)
_UID = re.compile(rf"^\s*uid (\S+): ({_NUMBER})(?=\s|$)", re.IGNORECASE)
_COMPONENT = re.compile(rf"^\s*([A-Za-z][\w /-]*): ({_NUMBER})(?=\s|$)")
_CSV = re.compile(r"^[0-9]+,(-?[0-9]+),([a-z]),(pws|pwi),(.*)$")
_SINCE_CHARGE = re.compile(r"^[ \t]*[0-9]+,-?[0-9]+,l,pw[si],", re.MULTILINE)


def batterystats(text: str) -> dict[str, Any]:
    """Read the power use out of `dumpsys batterystats`; the first section, which is since the last charge."""
    found: dict[str, Any] = {
        "capacity_mah": None,
        "computed_drain_mah": None,
        "actual_drain_mah": None,
        "uid_mah": {},
        "component_mah": {},
    }
    # "l" is since the last charge; other spans repeat the same, and stand alone in a few dumps.
    span = "l" if _SINCE_CHARGE.search(text) else "u"
    inside, uid_indent = False, None
    for line in lines_of(text):
        if row := _CSV.match(line.strip()):
            if row[2] == span:
                _checkin(row, found)
        elif "Estimated power use" in line:
            if inside:
                break
            inside = True
        elif total := _CAPACITY.search(line):
            _drain(found, [_mah(v) for v in total.groups()])
            inside = True
        elif inside and (not line.strip() or not line[0].isspace()):
            # The list ends with a blank line or the next heading.
            if found["capacity_mah"] is not None:
                break
        elif inside and (uid := _UID.match(line)):
            found["uid_mah"].setdefault(uid[1], _mah(uid[2]))
            uid_indent = _indent(line)
        elif uid_indent is not None and _indent(line) > uid_indent:
            # Android 12 on breaks each uid down into components of its own.
            continue
        elif inside and (component := _COMPONENT.match(line)):
            found["component_mah"].setdefault(component[1].strip().lower(), _mah(component[2]))
    return found


def _drain(found: dict[str, Any], values: list[float | None]) -> None:
    capacity, computed, least, most = values
    if found["capacity_mah"] is None:
        found.update(capacity_mah=capacity, computed_drain_mah=computed)
        found["actual_drain_mah"] = None if least is None else [least, least if most is None else most]


def _checkin(row: re.Match[str], found: dict[str, Any]) -> None:
    uid, _, tag, rest = row.groups()
    words = rest.split(",")
    if tag == "pws":
        _drain(found, [decimal(w) for w in (*words, "", "", "", "")[:4]])
    elif len(words) >= 2 and words[0] == "uid":
        found["uid_mah"].setdefault(uid, decimal(words[1]))
    elif len(words) >= 2:
        found["component_mah"].setdefault(words[0], decimal(words[1]))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _mah(printed: str | None) -> float | None:
    return decimal(printed.replace(",", "").rstrip(".")) if printed else None
