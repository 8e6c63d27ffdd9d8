"""Log records that carry the phone and the job that they are about, and their form as JSON lines. Imports no room.

A thread says once whom it works for (`log_context`); every record that it makes then carries it. Threads begin without
a context: a pool's function says it anew, or is wrapped by `in_context`. A single call may say it as `extra`.
"""

from __future__ import annotations

import contextlib
import contextvars
import datetime
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

#: What a record can be about: adb's address, the phone's own number, a block or job of a run, the run's id.
FIELDS = ("serial", "phone_id", "job", "run")
_EMPTY: Mapping[str, str] = {}
_context: contextvars.ContextVar[Mapping[str, str]] = contextvars.ContextVar("harness_log", default=_EMPTY)


@contextlib.contextmanager
def log_context(
    *, serial: str | None = None, phone_id: str | None = None, job: str | None = None, run: str | None = None
) -> Iterator[None]:
    """Every record of this thread (or task) carries these until the end of the with block; None leaves one as it is."""
    given = {"serial": serial, "phone_id": phone_id, "job": job, "run": run}
    token = _context.set({**_context.get(), **{k: v for k, v in given.items() if v is not None}})
    try:
        yield
    finally:
        _context.reset(token)


def in_context(function: Callable[P, R]) -> Callable[P, R]:
    """`function` for another thread, with the context of the thread that calls this."""
    fields = _context.get()

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        token = _context.set(fields)
        try:
            return function(*args, **kwargs)
        finally:
            _context.reset(token)

    return run


def context() -> Mapping[str, str]:
    """What this thread's records carry now."""
    return _context.get()


class PhoneFormatter(logging.Formatter):
    """For people: the message begins with the phone's serial where one is concerned."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """As logging does, after the serial was put in front."""
        serial = _about(record, "serial")
        if serial and not record.message.startswith(serial):
            record.message = f"{serial}: {record.message}"
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """For programs: one JSON object a record, on one line; `FIELDS` are null where nothing is concerned."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        time = datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": time, "level": record.levelname.lower(), "logger": record.name}
        line |= {name: _about(record, name) for name in FIELDS}
        line["message"] = record.getMessage()
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _about(record: logging.LogRecord, name: str) -> str | None:
    # What a call gives as `extra` knows it better than its thread does.
    return getattr(record, name, None) or _context.get().get(name)
