"""`getprop`: `[name]: [value]`, where a value may go over several lines. Pure."""

from __future__ import annotations

import re
from typing import Any

from harness.dumps.text import lines

_START = re.compile(r"^\[(?P<name>[^\]]+)\]: \[(?P<value>.*)$")


def looks_like(text: str) -> bool:
    """One such line."""
    return bool(re.search(r"^\[[\w.:@-]+\]: \[", text, re.MULTILINE))


def parse(text: str, name: str = "") -> dict[str, Any]:
    """Keys: props (name to value) and count."""
    props = properties(text)
    return {"props": props, "count": len(props)}


def properties(text: str) -> dict[str, str]:
    """Every property by name."""
    props: dict[str, str] = {}
    open_name, value = None, ""
    for line in lines(text):
        if start := _START.match(line):
            open_name, value = start["name"], start["value"]
        elif open_name is not None:
            value += f"\n{line}"
        if open_name is not None and value.endswith("]"):
            props[open_name] = value[:-1]
            open_name = None
    return props
