"""Reads which delegates a log names and what they took."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_APPLIED = re.compile(
    r"(?:Explicitly a|A)pplied (\S+) delegate, and the model graph will be"
    r"(?: (completely|partially|paritally) executed|$)"
)
_NOT_APPLIED = re.compile(r"Though (\S+) delegate is (?:explicitly )?applied, the model graph will not be executed")
_REPLACING = re.compile(
    r"Replacing (\d{1,9})(?: out of (\d{1,9}))? node\(s\) with delegate \((\S+?)\)(?: node)?"
    r"(?:, yielding (\d{1,9}) partitions)?(?: for subgraph (\d{1,9}))?"
)
_WRAPPED = re.compile(r"^(completely|partially) executed (?:by|w/)")
#: What the runtime calls a delegate's node, and the name that the tool gives the delegate.
_NODE_NAMES = (("xnnpack", "XNNPACK"), ("gpu", "GPU"), ("nnapi", "NNAPI"), ("hexagon", "Hexagon"), ("coreml", "COREML"))
_MOST = 64


@dataclass(frozen=True)
class DelegateOutput:
    """One delegate on one subgraph as the log names it; extent: completely, partially or none."""

    name: str
    nodes_delegated: int | None = None
    nodes_total: int | None = None
    partitions: int | None = None
    extent: str | None = None


class DelegateReader:
    """Fed line by line. Keeps the first that is said of a delegate and a subgraph."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], dict[str, Any]] = {}
        self._wraps: dict[str, Any] | None = None

    def see(self, text: str) -> None:
        """Take notice of one line."""
        if self._wraps is not None:
            if found := _WRAPPED.match(text):
                self._wraps["extent"] = found[1]
            self._wraps = None
        if "delegate" not in text:
            return
        if found := _APPLIED.search(text):
            entry = self._entry(found[1], "0", found[1])
            if found[2] is None:
                self._wraps = entry
            else:
                entry["extent"] = "completely" if found[2] == "completely" else "partially"
        elif found := _NOT_APPLIED.search(text):
            self._entry(found[1], "0", found[1]).update(extent="none", nodes_delegated=0)
        elif found := _REPLACING.search(text):
            self._replacing(found)

    def _replacing(self, found: re.Match[str]) -> None:
        node = found[3].lower()
        tool = next((tool for part, tool in _NODE_NAMES if part in node), found[3])
        entry = self._entry(tool, found[5] or "0", None)
        if "nodes_delegated" in entry:
            return
        entry.setdefault("name", found[3])
        entry["nodes_delegated"] = int(found[1])
        if found[2]:
            entry["nodes_total"] = int(found[2])
            entry.setdefault("extent", "completely" if found[1] == found[2] else "partially")
        if found[4]:
            entry["partitions"] = int(found[4])

    def _entry(self, key: str, subgraph: str, name: str | None) -> dict[str, Any]:
        # One delegate may be named twice: by its node's class, and by the tool once it was asked for by a flag.
        known = self._entries.get((key, subgraph))
        if known is None:
            known = {}
            if len(self._entries) < _MOST:
                self._entries[(key, subgraph)] = known
        if name:
            known["name"] = name[:100]
        return known

    def result(self) -> tuple[DelegateOutput, ...]:
        """In the order in which the log names them."""
        return tuple(DelegateOutput(**entry) for entry in self._entries.values() if entry)
