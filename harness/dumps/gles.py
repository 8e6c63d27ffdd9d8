"""`dumpsys SurfaceFlinger | grep GLES`, Android 4 to 17: the GPU and its driver, from the line "GLES: …".

Keys: `vendor`, `renderer`, `version` ("OpenGL ES 3.2"), `driver` (what follows the version, as the vendor writes it),
`driver_date` (Adreno). Renderers may hold commas inside brackets (ANGLE).
"""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines_of

_LINE = re.compile(r"\bGLES:\s*(\S.*)$")
_VERSION = re.compile(r",\s*(OpenGL ES(?:-C[ML])?\s+[0-9]+(?:\.[0-9]+)*)")
_DATE = re.compile(r"\(Date:\s*([^)]*)\)")
_BUILD = re.compile(r"^(?:GIT@|Date:)")


def gles(text: str) -> dict[str, Any]:
    """Read the GLES line out of any output of SurfaceFlinger."""
    line = next((found[1].strip() for found in map(_LINE.search, lines_of(text)) if found and "," in found[1]), "")
    versions = list(_VERSION.finditer(line))
    names = line[: versions[-1].start()] if versions else line
    rest = line[versions[-1].end() :].strip() if versions else ""
    vendor, renderer = _split(names)
    date = _DATE.search(rest)
    return {
        "vendor": vendor or None,
        "renderer": renderer or None,
        "version": versions[-1][1] if versions else None,
        "driver": _driver(rest) or None,
        "driver_date": date[1].strip() or None if date else None,
    }


def _split(names: str) -> tuple[str, str]:
    depth = 0
    for i, char in enumerate(names):
        depth += (char == "(") - (char == ")")
        if char == "," and depth <= 0:
            return names[:i].strip(), names[i + 1 :].strip()
    return names.strip(), ""


def _driver(rest: str) -> str:
    if rest.startswith("V@"):
        # Adreno: the driver's number, then what it was built from.
        return rest.split()[0]
    if rest.startswith("(") and not _BUILD.match(rest[1:]):
        return rest[1:].rstrip(")").strip()
    return rest.split(" (")[0].strip() if not rest.startswith("(") else ""
