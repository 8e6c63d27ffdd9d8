"""`pm list features`, whole or through grep. Pure."""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines, whole

_ROW = re.compile(r"^\s*feature:(?P<name>[\w.]+)(?:=(?P<version>\d+))?\s*$")
_GLES = re.compile(r"reqGlEsVersion=0x(?P<version>[0-9a-fA-F]{1,8})")
_VULKAN = "android.hardware.vulkan."


def looks_like(text: str) -> bool:
    """One such line."""
    return bool(re.search(r"^\s*feature:[\w.]+", text, re.MULTILINE))


def parse(text: str, name: str = "") -> dict[str, Any]:
    """Keys: vulkan_level, vulkan_version (`4206592 (1.3.0)`), vulkan_compute, vulkan_deqp_level, opengles_deqp_level,
    gles_version (`3.2`), count, names. A feature without a version number has version 0.
    """
    found: dict[str, int] = {}
    for line in lines(text):
        if row := _ROW.match(line):
            found.setdefault(row["name"], whole(row["version"]) or 0)
    gles = _GLES.search(text)
    packed = int(gles["version"], 16) if gles else None
    version = found.get(f"{_VULKAN}version")
    return {
        "vulkan_level": found.get(f"{_VULKAN}level"),
        "vulkan_version": None if version is None else f"{version} ({vulkan_version(version)})",
        "vulkan_compute": f"{_VULKAN}compute" in found,
        "vulkan_deqp_level": found.get("android.software.vulkan.deqp.level"),
        "opengles_deqp_level": found.get("android.software.opengles.deqp.level"),
        "gles_version": None if packed is None else f"{packed >> 16}.{packed & 0xFFFF}",
        "count": len(found),
        "names": sorted(found),
    }


def vulkan_version(packed: int) -> str:
    """Vulkan's packed version in words: ten bits major, ten minor, twelve patch."""
    return f"{packed >> 22}.{packed >> 12 & 0x3FF}.{packed & 0xFFF}"
