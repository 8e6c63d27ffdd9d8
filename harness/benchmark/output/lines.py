"""Splits what a benchmark program printed into lines without the prefixes that shells, logcat and versions add."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_STAMP = r"^(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d+\s+"
_THREADTIME = re.compile(_STAMP + r"(?:\S+\s+)?(?P<pid>\d+)\s+\d+ (?P<level>[VDIWEF]) (?P<tag>.*?)\s*: ?(?P<text>.*)$")
_TIME = re.compile(_STAMP + r"(?P<level>[VDIWEF])/(?P<tag>.*?)\s*\(\s*(?P<pid>\d+)\): ?(?P<text>.*)$")
_BRIEF = re.compile(r"^(?P<level>[VDIWEF])/(?P<tag>[^(]*?)\s*\(\s*(?P<pid>\d+)\): ?(?P<text>.*)$")
#: Android Studio, old and new; its columns are apart by two blanks.
_STUDIO = re.compile(_STAMP + r"(?P<pid>\d+)-\d+(?:/\S+)? +(?P<level>[VDIWEF])/(?P<tag>[^:]*?)\s*: ?(?P<text>.*)$")
_STUDIO_NEW = re.compile(_STAMP + r"(?P<pid>\d+)-\d+ +(?P<tag>\S+) +\S+ +(?P<level>[VDIWEF])  ?(?P<text>.*)$")
#: logcat -v long: a heading, and the text on the next line.
_LONG = re.compile(
    r"^\[ (?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d+\s+(?P<pid>\d+): *\d+ (?P<level>[VDIWEF])/(?P<tag>\S*)\s*\]$"
)
_ABSEIL = re.compile(r"^(?P<level>[IWEF])\d{4} \d\d:\d\d:\S+\s+\d+ \S+:\d+\] ?")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
#: What people put before a line that they quote.
_QUOTE = re.compile(r"^(?:> ?)+")
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
    heading: re.Match[str] | None = None
    for raw in lines:
        line = _split(raw.rstrip("\r\n"))
        if heading is not None and line.text:
            line = Line(line.severity or _LEVELS[heading["level"]], line.text, heading["pid"])
        if "[" in raw[:4] and (found := _LONG.match(raw.rstrip())):
            heading = found
            continue
        heading = heading if line.text else None
        if line.pid is not None:
            if line.text.startswith("STARTING!"):
                benchmark_pid = line.pid
            if benchmark_pid is not None and line.pid != benchmark_pid:
                continue
        yield line


def _split(raw: str) -> Line:
    if "\x1b" in raw:
        raw = _COLOUR.sub("", raw)
    if raw.startswith(">"):
        raw = _QUOTE.sub("", raw)
    # Most lines are plain, and those of logcat begin with a date or a level.
    if raw[:1].isdigit() or raw[1:2] == "/":
        for pattern in (_THREADTIME, _TIME, _BRIEF, _STUDIO, _STUDIO_NEW):
            if found := pattern.match(raw):
                inner = _plain(found["text"])
                return Line(inner.severity or _LEVELS[found["level"]], inner.text, found["pid"])
    return _plain(raw)


def _plain(text: str) -> Line:
    severity = _SEVERITY.match(text)
    if severity is None and (abseil := _ABSEIL.match(text)):
        return Line(_LEVELS[abseil["level"]], text[abseil.end() :])
    if severity:
        text = text[severity.end() :]
    place = _PLACE.match(text)
    if place:
        text = text[place.end() :]
    return Line(severity[1] if severity else None, text)
