"""What the harness says while it works: on stderr a line a step (with -v every command sent to a phone), and as JSON
lines in a file where one is asked for.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import NamedTuple

from harness.errors import UsageError
from harness.logs import JsonFormatter, PhoneFormatter

VERBOSE = ("-v", "--verbose")
JSON = "--log-json"
#: Names the file where the option does not.
ENVIRONMENT = "HARNESS_LOG"


class LogOptions(NamedTuple):
    """verbose: show everything; json: the file for JSON lines, None for none."""

    verbose: bool = False
    json: Path | None = None


class _Stderr(logging.Handler):
    """Looks stderr up anew for each line, since a live progress bar replaces it to keep lines above itself."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), file=sys.stderr)


def set_up_logs(options: LogOptions) -> None:
    """Show the harness's own log from now on: steps and warnings, or where verbose everything with its time.

    The file gets every record, also of commands sent to phones; what is in it already stays.

    Raises:
        UsageError: the file cannot be written.
    """
    shown = _Stderr(logging.DEBUG if options.verbose else logging.INFO)
    form = "%(asctime)s.%(msecs)03d %(message)s" if options.verbose else "%(message)s"
    shown.setFormatter(PhoneFormatter(form, datefmt="%H:%M:%S"))
    handlers: list[logging.Handler] = [shown]
    if options.json is not None:
        try:
            kept = logging.FileHandler(options.json, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            advice = f"choose another {JSON}, or unset {ENVIRONMENT}"
            raise UsageError(f"{str(options.json)!r} cannot be written: {error.strerror}", advice=advice) from None
        kept.setFormatter(JsonFormatter())
        handlers.append(kept)
    log = logging.getLogger("harness")
    log.handlers[:] = handlers
    log.setLevel(logging.DEBUG if options.json else shown.level)
    log.propagate = False


def take_log_options(arguments: list[str]) -> tuple[list[str], LogOptions]:
    """The arguments without -v and --log-json, which may stand anywhere before `--`, and what they say.

    Raises:
        UsageError: --log-json without a file.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept, verbose, file = [], False, os.environ.get(ENVIRONMENT)
    words = iter(arguments[:end])
    for word in words:
        if word in VERBOSE:
            verbose = True
        elif word == JSON or word.startswith(f"{JSON}="):
            file = next(words, "") if word == JSON else word.partition("=")[2]
            if not file:
                raise UsageError(f"{JSON} needs a file", advice=f"as in {JSON} night.jsonl")
        else:
            kept.append(word)
    return kept + arguments[end:], LogOptions(verbose, Path(file) if file else None)
