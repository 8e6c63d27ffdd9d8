"""`pm list features`, and the list in `dumpsys package`, Android 4 to 17 (versions from Android 7 on).

Keys: `features` (version by name, 0 where none is printed, null where it is no number), `count`, `gles_version`
("3.2", from reqGlEsVersion), `vulkan_level`, `vulkan_version` ("4206592 (1.3.0)": as printed and unpacked),
`vulkan_compute`, `vulkan_deqp_level`, `opengles_deqp_level`, `opengles_aep`. What a list of a few lines, an excerpt,
leaves out is null, not false.
"""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines_of, whole

_LINE = re.compile(r"^\s*(?:feature:\s*([\w.\-]+)|([A-Za-z][\w\-]*(?:\.[\w\-]+)+))(?:(?:=| version=)(\S*))?\s*$")
_GLES = re.compile(r"reqGlEsVersion=(0x[0-9a-fA-F]{1,8}|[0-9]{1,10})")
#: The shortest whole list seen on a phone is several times this long.
_WHOLE_LIST = 20


def features(text: str) -> dict[str, Any]:
    """Read a list of features."""
    found: dict[str, int | None] = {}
    for line in lines_of(text):
        if row := _LINE.match(line):
            found[row[1] or row[2]] = whole(row[3]) if row[3] else 0
    gles = _GLES.search(text)
    version = found.get("android.hardware.vulkan.version")

    def has(name: str) -> bool | None:
        return True if name in found else False if len(found) >= _WHOLE_LIST else None

    return {
        "features": found,
        "count": len(found),
        "gles_version": _gles(int(gles[1], 0 if gles[1].startswith("0x") else 10)) if gles else None,
        "vulkan_level": found.get("android.hardware.vulkan.level"),
        "vulkan_version": None if version is None else f"{version} ({_vulkan(version)})",
        "vulkan_compute": has("android.hardware.vulkan.compute"),
        "vulkan_deqp_level": found.get("android.software.vulkan.deqp.level"),
        "opengles_deqp_level": found.get("android.software.opengles.deqp.level"),
        "opengles_aep": has("android.hardware.opengles.aep"),
    }


def _vulkan(packed: int) -> str:
    return f"{packed >> 22}.{packed >> 12 & 0x3FF}.{packed & 0xFFF}"


def _gles(packed: int) -> str:
    return f"{packed >> 16}.{packed & 0xFFFF}"
