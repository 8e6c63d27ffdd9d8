"""Splits what a benchmark program printed into lines without the prefixes that shells, logcat and versions add."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_STAMP = r"^(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d+\s+"
_THREADTIME = re.compile(_STAMP + r"(?:\S+\s+)?(?P<pid>\d+)\s+\d+ (?P<level>[VDIWEF]) (?P<tag>.*?)\s*: ?(?P<text>.*)$")
_TIME = re.compile(_STAMP + r"(?P<level>[VDIWEF])/(?P<tag>.*?)\s*\(\s*(?P<pid>\d+)\): ?(?P<text>.*)$")
_BRIEF = re.compile(r"^(?P<level>[VDIWEF])/(?P<tag>[^(]*?)\s*\(\s*(?P<pid>\d+)\): ?(?P<text>.*)$")
_SEVERITY = re.compile(r"^(INFO|WARN|WARNING|ERROR|VERBOSE|FATAL|DEBUG): ?")
_PLACE = re.compile(r"^\[[^\]\s]*\.(?:cc|h|cpp):\d+\] ?")
_LEVELS = {"V": "VERBOSE", "D": "DEBUG", "I": "INFO", "W": "WARN", "E": "ERROR", "F": "FATAL"}


@dataclass(frozen=True)
class Line:
    """One line: its severity where one was printed, and its text without prefixes."""

    severity: str | None
    text: str
    pid: str | None = None


def read_lines(lines: Iterable[str]) -> Iterator[Line]:
    """The lines of one log; of logcat only those of the process that a benchmark ran in.

    A line of logcat from another process is passed over once a process has said STARTING!; before that, lines are
    taken as they come, since short excerpts often lack it.
    """
    benchmark_pid: str | None = None
    for raw in lines:
        line = _split(raw.rstrip("\r\n"))
        if line.pid is not None:
            if line.text.startswith("STARTING!"):
                benchmark_pid = line.pid
            if benchmark_pid is not None and line.pid != benchmark_pid:
                continue
        yield line


def _split(raw: str) -> Line:
    for pattern in (_THREADTIME, _TIME, _BRIEF):
        found = pattern.match(raw)
        if found:
            inner = _plain(found["text"])
            return Line(inner.severity or _LEVELS[found["level"]], inner.text, found["pid"])
    return _plain(raw)


def _plain(text: str) -> Line:
    severity = _SEVERITY.match(text)
    if severity:
        text = text[severity.end() :]
    place = _PLACE.match(text)
    if place:
        text = text[place.end() :]
    return Line(severity[1] if severity else None, text)
