"""The `GLES:` line of `dumpsys SurfaceFlinger`: vendor, renderer, version with the driver's own words. Pure."""

from __future__ import annotations

import re
from typing import Any

_LINE = re.compile(r"GLES:\s*(?P<rest>[^\r\n]+)")
_VERSION = re.compile(r"^(?P<version>OpenGL ES(?:-CM)? \d+\.\d+)\s*(?P<driver>.*)$")
_DATE = re.compile(r"\(Date:\s*(?P<date>[^)]*)\)")


def looks_like(text: str) -> bool:
    """Its beginning."""
    return bool(re.search(r"^\W*(?:\w+ )?GLES:", text, re.MULTILINE))


def parse(text: str, name: str = "") -> dict[str, Any]:
    """Keys: vendor, renderer, version (`OpenGL ES 3.2`), driver (the first word after it, which names the driver's
    version), driver_date, driver_text (all of it).
    """
    found: dict[str, Any] = dict.fromkeys(("vendor", "renderer", "version", "driver", "driver_date", "driver_text"))
    line = _LINE.search(text)
    if line is None:
        return found
    parts = _split(line["rest"].strip())
    at = next((i for i, part in enumerate(parts) if part.startswith("OpenGL ES")), None)
    found["vendor"] = parts[0] or None
    names = parts[1:at] if at is not None else parts[1:]
    found["renderer"] = ", ".join(names) or None
    version = _VERSION.match(", ".join(parts[at:])) if at is not None else None
    if version is not None:
        text = version["driver"].strip()
        words = text.removeprefix("build ").split()
        date = _DATE.search(text)
        found.update(
            version=version["version"],
            driver=words[0] if words and not words[0].startswith("(") else None,
            driver_date=date["date"].strip() if date else None,
            driver_text=text or None,
        )
    return found


def _split(text: str) -> list[str]:
    """At commas outside of brackets, since ANGLE's renderer names hold commas."""
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth <= 0:
            parts.append(text[start:index].strip())
            start = index + 1
    return [*parts, text[start:].strip()]
