"""/system/build.prop and its like. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harness.dumps.text import lines, whole

_ROW = re.compile(r"^\s*(?P<name>[\w.@-]+)\s*=(?P<value>.*)$")
_PARTS = ("", "system.", "system_ext.", "product.", "vendor.", "odm.", "bootimage.")


def looks_like(text: str) -> bool:
    """Properties of a build."""
    return bool(re.search(r"^ro\.[\w.]+ ?=", text, re.MULTILINE))


def parse(text: str, name: str = "") -> dict[str, Any]:
    """Keys: model, brand, manufacturer, device, android_release, sdk, abi, abilist, board_platform, fingerprint,
    count.
    """
    props: dict[str, str] = {}
    for line in lines(text):
        if row := _ROW.match(line):
            # The first counts: a property that begins with ro. cannot be set twice.
            props.setdefault(row["name"], row["value"].strip())
    abi = _first(props, "ro.product.cpu.abi", "ro.system.product.cpu.abi", "ro.vendor.product.cpu.abi")
    listed = _first(props, "ro.product.cpu.abilist", "ro.system.product.cpu.abilist", "ro.vendor.product.cpu.abilist")
    abis = [a.strip() for a in (listed or "").split(",") if a.strip()]
    second = props.get("ro.product.cpu.abi2")
    abis = abis or [a for a in (abi, second) if a]
    return {
        **{key: _product(props, key) for key in ("model", "brand", "manufacturer", "device")},
        "android_release": _build(props, "version.release"),
        "sdk": whole(_build(props, "version.sdk")),
        "abi": abi or (abis[0] if abis else None),
        "abilist": abis,
        "board_platform": _first(props, "ro.board.platform", "ro.product.board"),
        "fingerprint": _build(props, "fingerprint"),
        "count": len(props),
    }


def _first(props: Mapping[str, str], *names: str) -> str | None:
    return next((props[n] for n in names if props.get(n)), None)


def _product(props: Mapping[str, str], key: str) -> str | None:
    return _first(props, *(f"ro.product.{part}{key}" for part in _PARTS))


def _build(props: Mapping[str, str], key: str) -> str | None:
    return _first(props, *(f"ro.{part}build.{key}" for part in _PARTS))
