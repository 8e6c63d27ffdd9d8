"""The log of a virtual phone, as logcat shows it: a ring of lines in several buffers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

#: Priorities from the least to the most severe; S silences.
PRIORITIES = "VDIWEFS"
BUFFERS = ("main", "system", "crash", "events", "radio", "kernel")
_DEFAULT_BUFFERS = ("main", "system", "crash")
_MOST_LINES = 5000


@dataclass(frozen=True)
class LogLine:
    """One line; `number` grows by one a line, `wall_s` is since 1970."""

    number: int
    wall_s: float
    pid: int
    tid: int
    priority: str
    tag: str
    text: str
    buffer: str


class LogRing:
    """The last lines written."""

    def __init__(self) -> None:
        self._lines: deque[LogLine] = deque(maxlen=_MOST_LINES)
        self._count = 0

    def add(self, wall_s: float, priority: str, tag: str, text: str, *, pid: int, buffer: str) -> None:
        """Append a message; each of its lines becomes one of the log's."""
        for part in text.splitlines() or [""]:
            self._count += 1
            self._lines.append(LogLine(self._count, wall_s, pid, pid, priority, tag, part, buffer))

    def lines(self, buffers: Iterable[str], *, after: int = 0) -> Iterator[LogLine]:
        """Lines of some buffers in order, younger than line number `after`."""
        wanted = expand_buffers(buffers)
        return (line for line in list(self._lines) if line.number > after and line.buffer in wanted)

    def clear(self, buffers: Iterable[str]) -> None:
        """Forget the lines of some buffers."""
        wanted = expand_buffers(buffers)
        kept = [line for line in self._lines if line.buffer not in wanted]
        self._lines.clear()
        self._lines.extend(kept)

    @property
    def last(self) -> int:
        """Number of the youngest line."""
        return self._count


def expand_buffers(names: Iterable[str]) -> set[str]:
    """Names as `logcat -b` takes them: buffers, `default`, `all`, several with commas; none means default.

    Raises:
        ValueError: a name that no phone knows.
    """
    found: set[str] = set()
    for name in ",".join(names).split(","):
        if name in BUFFERS:
            found.add(name)
        elif name == "all":
            found.update(BUFFERS)
        elif name in ("", "default"):
            found.update(_DEFAULT_BUFFERS)
        else:
            raise ValueError(name)
    return found
