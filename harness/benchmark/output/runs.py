"""Tells where one run of a benchmark program ends and the next begins, in a log that may hold several."""

from __future__ import annotations

import re

#: What every run prints once, by how the line begins.
_ONCE = (
    ("STARTING!", "start"),
    ("Log parameter values", "parameters"),
    ("Graph:", "graph"),
    ("Loaded model", "loaded"),
    ("The input model file size", "size"),
    ("Initialized session in", "session"),
    ("Inference timings in us", "timings"),
    ("Average inference timings in us", "timings"),
    ("==========", "block"),
    ("Running benchmark for", "phase_start"),
    ("count=", "phase"),
)
_FIRST_LETTERS = frozenset(begin[0] for begin, _ in _ONCE)
_COMMAND = re.compile(r"benchmark_?\w*model\S*\s(?:.*\s)?--graph=")
_PHASE = re.compile(r"count=(?:0\b|\d+ .*(?:curr|avg)=)")
#: A shell tells the command of a process that died as well.
_DIED = re.compile(r"fault|[Kk]illed|[Aa]bort|Bus error|nstruction|denied|not found|unrecognized|Failed")
#: Before any of these a run is young: its start, command and parameters may come in any order.
_GROWN = frozenset({"session", "size", "phase_start", "phase", "timings", "block"})
_OPENING = frozenset({"start", "parameters", "graph", "loaded", "command"})


class RunCounter:
    """Fed line by line; `see` is True where a line opens a run after the first.

    The two streams of one process may follow each other in either order, so only lines of one stream are compared, and
    each by what a run prints once. `multi` is set in the log of the program that tries several options in one process.
    """

    def __init__(self) -> None:
        self.runs = 0
        self.multi = False
        self._seen: dict[str, int] = {}

    def kind(self, text: str) -> str | None:
        """Which of the lines that a run prints once this is, or None."""
        if text[:1] in _FIRST_LETTERS:
            for begin, kind in _ONCE:
                if text.startswith(begin):
                    if kind == "block" and "BENCHMARK RESULTS" not in text:
                        return None
                    if kind == "phase" and not _PHASE.match(text):
                        return None  # a count of something else
                    return kind
        if "--graph=" in text and _COMMAND.search(text) and not _DIED.search(text):
            return "command"
        if text.startswith("The list of TFLite runtime options"):
            self.multi = True
        return None

    def see(self, kind: str | None) -> bool:
        """Take notice of a line's kind."""
        if kind is None:
            return False
        seen = self._seen
        most = 2 if kind in ("phase", "phase_start") else 1
        again = seen.get(kind, 0) >= most
        late = kind in _OPENING and not _GROWN.isdisjoint(seen) and not (kind == "start" and set(seen) == {"block"})
        after_end = kind == "phase" and "timings" in seen and "phase" in seen
        if kind == "command" and "start" in seen:
            late = True
        new = again or late or after_end
        if new:
            seen.clear()
        seen[kind] = seen.get(kind, 0) + 1
        if new or not self.runs:
            self.runs += 1
            return self.runs > 1
        return False
