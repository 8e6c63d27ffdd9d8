"""The interpreter's error texts, one message a line as the program prints them. Pure."""

from __future__ import annotations

import re

#: Where one message ends and the next begins, since the Python interpreter joins them without anything between.
_STARTS = re.compile(
    r"(?<!^)(?=Node number \d+ \(|The model allocation is null|Registration failed\.|Restored original )"
)
_PLACE = re.compile(r"^\[?[\w./-]+\.(?:cc|h):\d+[\]:]? ")


def messages(text: str) -> list[str]:
    """Messages in order; one may keep several lines."""
    parts = (_PLACE.sub("", part).removesuffix("\n") for part in _STARTS.split(text))
    return [part for part in parts if part.strip()]
