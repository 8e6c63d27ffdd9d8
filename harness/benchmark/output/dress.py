"""Takes off what shells, logcat, log libraries and quoting put around a line of a benchmark program.

Every form is optional and they nest: a quoted logcat line may hold a severity, which may hold a place in the source.
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: Characters of a line that are looked at; what a program says about itself is far shorter.
LONGEST_TEXT = 8192

_DATE = r"(?:(?:\d{4}-)?\d\d-\d\d[ T]\d\d:\d\d:\d\d[.,]\d+(?: ?[-+]\d{4}| ?Z)?|\d{1,12}\.\d{3,9})"
_PID = r"(?P<pid>\d{1,9})"
_LEVEL = r"(?P<level>[VDIWEFSA])"
#: logcat: threadtime (also with year, UTC, epoch, uid), time, brief, tag, process and thread; both of Android Studio's.
_STAMPED = (
    re.compile(rf"{_DATE}\s+(?:[\w]+\s+)?{_PID}\s+\d{{1,9}}\s+{_LEVEL}\s+(?P<tag>.{{0,120}}?)\s*: ?(?P<text>.*)"),
    re.compile(rf"{_DATE}\s+{_LEVEL}/(?P<tag>[^(:]{{0,120}}?)\s*\(\s*{_PID}\): ?(?P<text>.*)"),
    re.compile(rf"(?:{_DATE}\s+)?{_PID}-\d{{1,9}}/\S*\s+{_LEVEL}/(?P<tag>[^:]{{0,120}}?)\s*: ?(?P<text>.*)"),
    re.compile(rf"{_DATE}\s+{_PID}-\d{{1,9}}\s+(?P<tag>\S+)\s+\S+\s+{_LEVEL}  (?P<text>.*)"),
)
_BARE = (
    re.compile(rf"{_LEVEL}/(?P<tag>[^(:]{{0,120}}?)\s*\(\s*{_PID}(?::\s*\w+)?\): ?(?P<text>.*)"),
    re.compile(rf"{_LEVEL}/(?P<tag>[\w.-]+)\s*: ?(?P<text>.*)"),
    re.compile(rf"{_LEVEL}\(\s*{_PID}(?::\s*\d{{1,9}})?\)\s?(?P<text>.*?)(?:\s+\((?P<tag>[\w.-]+)\s*\))?$"),
)
_LONG = re.compile(rf"\[ {_DATE}\s+(?:\w+\s+)?{_PID}:\s*(?:0x[0-9a-f]+|\d+)\s+{_LEVEL}/(?P<tag>.*?)\s*\]$")
_SEVERITY = re.compile(r"(INFO|WARN|WARNING|ERROR|VERBOSE|FATAL|DEBUG): ?")
_PLACE = re.compile(r"\[[^\]\s]*\.(?:cc|h|cpp):\d+\] ?")
#: abseil's and TensorFlow's own log lines.
_ABSEIL = re.compile(r"(?P<level>[IWEF])\d{4} \d\d:\d\d:[\d.]+\s+\d+ [^\s\]]+:\d+\] ?(?P<text>.*)")
_TENSORFLOW = re.compile(r"[\d-]{10} [\d:.]+: (?P<level>[IWEF]) \S+:\d+\] ?(?P<text>.*)")
_CLOCK = re.compile(r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?Z?\]?:? +")
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)?|[\x00\x07\x08\ufeff]")
_QUOTE = re.compile(
    r"(?:\s*>)*\s*(?:(?:#|//|[-*|])\s+(?=`|(?:INFO|WARN|WARNING|ERROR|VERBOSE|FATAL): |count=|STARTING!))?"
)
_LEVELS = {"V": "VERBOSE", "D": "DEBUG", "I": "INFO", "W": "WARN", "E": "ERROR", "F": "FATAL", "A": "FATAL"}


class Line(NamedTuple):
    """One line without its prefixes.

    Attributes:
        severity: INFO, WARN and so on where one was printed.
        pid, tag: of logcat, where it named them.
        is_header: the first of the two lines that a message has in logcat's long form.
        origin: "" for a line of the benchmark's own process, "other_run" for the start of another run's process,
            "afar" for what the system says about the benchmark's process.
    """

    severity: str | None
    text: str
    pid: str | None = None
    tag: str | None = None
    is_header: bool = False
    origin: str = ""


def undress(raw: str) -> Line:
    """A line of a file as what was said, by which process, how loudly."""
    text = raw[:LONGEST_TEXT].rstrip()
    if "\x1b" in text or "\x00" in text or "\x07" in text or "\x08" in text or "\ufeff" in text:
        text = _ANSI.sub("", text)
    quote = _QUOTE.match(text)
    if quote and quote.end():
        text = text[quote.end() :]
    if not text:
        return Line(None, "")
    first = text[0]
    if first.isdigit():
        found = _first(_STAMPED, text)
    elif first in "VDIWEFA" and text[1:2] in ("/", "("):
        found = _first(_BARE, text)
    elif first == "[" and (header := _LONG.match(text)):
        return Line(_LEVELS.get(header["level"]), "", header["pid"], header["tag"], is_header=True)
    else:
        found = None
    if found is None:
        return said(text)
    inner = said(found["text"])
    parts = found.groupdict()
    return Line(inner.severity or _LEVELS.get(found["level"]), inner.text, parts.get("pid"), found["tag"])


def said(text: str) -> Line:
    """A line of a program itself: severity and place taken off, as well as a clock that a CI system put before it."""
    text = text.strip()
    if text[:1] == "`":
        text = text.strip("`").strip()
    if text[:1] in "2[" and (clock := _CLOCK.match(text)):
        if (whole := _TENSORFLOW.match(text)) is not None:
            return Line(_LEVELS[whole["level"]], whole["text"])
        text = text[clock.end() :]
    if text[:1] in ("I", "W", "E", "F") and (glog := _ABSEIL.match(text)):
        return Line(_LEVELS[glog["level"]], glog["text"].strip())
    level = None
    if severity := _SEVERITY.match(text):
        level = severity[1]
        text = text[severity.end() :]
    if text[:1] == "[" and (place := _PLACE.match(text)):
        text = text[place.end() :]
    return Line(level, text)


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> re.Match[str] | None:
    for pattern in patterns:
        if found := pattern.match(text):
            return found
    return None
