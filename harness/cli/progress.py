"""Progress on stderr: a live bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from harness.records import SessionRecord
from harness.report.words import plural

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

_EVERY_S = 10.0


def _bar() -> Bar | None:
    """A live bar on stderr, None where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    if not sys.stderr.isatty():
        return None
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Bar(*columns, console=Console(stderr=True), transient=True)


class _Counter:
    """A count with a live bar, which is there for the length of a with block."""

    def __init__(self, total: int, what: str) -> None:
        self._total, self._done, self._bar = total, 0, _bar()
        if self._bar is not None:
            self._task = self._bar.add_task(what, total=total)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


class Counted(_Counter):
    """Counts things that take long enough to be named one by one."""

    def one(self, said: str) -> None:
        """One more is done."""
        self._done += 1
        if self._bar is not None:
            self._bar.console.print(said, markup=False, highlight=False)
            self._bar.update(self._task, completed=self._done)
        else:
            print(f"{self._done} of {self._total} {said}", file=sys.stderr)


class Progress(_Counter):
    """Counts sessions over all phones."""

    def __init__(self, sessions: int, phones: int) -> None:
        self._phones, self._said = plural(phones, "phone"), time.monotonic()
        super().__init__(sessions, self._phones)

    def session(self, record: SessionRecord) -> None:
        """One more session is in the journal."""
        self._done += 1
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done)
        elif time.monotonic() - self._said >= _EVERY_S or self._done == self._total:
            self._said = time.monotonic()
            print(f"{self._done} of {self._total} sessions on {self._phones}", file=sys.stderr)

    def more(self, sessions: int) -> None:
        """So many more are to come than was thought."""
        self._total += sessions
        if self._bar is not None:
            self._bar.update(self._task, total=self._total)

    def note(self, serial: str, text: str) -> None:
        """Something that a person should know."""
        line = text if not serial or text.startswith(serial) else f"{serial}: {text}"
        if self._bar is not None:
            self._bar.console.print(line)
        else:
            print(line, file=sys.stderr)
