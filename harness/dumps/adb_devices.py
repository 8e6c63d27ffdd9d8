"""`adb devices`, with and without `-l`, on any host. Pure."""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines

#: What stands in place of a serial number, then the state, which may hold blanks, then `key:value` words.
_LINE = re.compile(
    r"^(?P<serial>\(no serial number\)|\?+|\S+)\s+"
    r"(?P<state>device|offline|unauthorized|authorizing|connecting|recovery|rescue|sideload|bootloader|host|detached|unknown"
    r"|no device|no permissions)"
    r"(?P<message>(?: \(.*?\))?(?:; see \[.*?\])?)(?P<rest>(?:\s+[a-z_]+:\S*)*)\s*$"
)


def looks_like(text: str) -> bool:
    """Its heading, or nothing but such lines."""
    rows = [line for line in lines(text) if line.strip()]
    return "List of devices attached" in text or (bool(rows) and all(_LINE.match(row) for row in rows))


def parse(text: str, name: str = "") -> dict[str, Any]:
    """Key: devices, a list of serial, state, and of what -l adds: usb, product, model, device, transport_id (a number);
    message is what adb says beside the state.
    """
    found = []
    for line in lines(text):
        row = _LINE.match(line)
        if row is None:
            continue
        words: dict[str, Any] = dict(word.split(":", 1) for word in row["rest"].split())
        number = str(words.get("transport_id", ""))
        if number.isdecimal():
            words["transport_id"] = int(number)
        entry = {"serial": row["serial"], "state": row["state"], **words}
        found.append({**entry, "message": row["message"].strip() or None})
    return {"devices": found}
