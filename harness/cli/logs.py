"""What the harness says on stderr while it works: a line a step, and with -v every command sent to a phone."""

from __future__ import annotations

import logging
import sys

FLAGS = ("-v", "--verbose")


class _Stderr(logging.Handler):
    """Looks stderr up anew for each line, since a live progress bar replaces it to keep lines above itself."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), file=sys.stderr)


def set_up_logs(*, verbose: bool) -> None:
    """Show the harness's own log from now on: steps and warnings, or with `verbose` everything with its time."""
    handler = _Stderr()
    form = "%(asctime)s.%(msecs)03d %(message)s" if verbose else "%(message)s"
    handler.setFormatter(logging.Formatter(form, datefmt="%H:%M:%S"))
    log = logging.getLogger("harness")
    log.handlers[:] = [handler]
    log.setLevel(logging.DEBUG if verbose else logging.INFO)
    log.propagate = False


def take_verbose(arguments: list[str]) -> tuple[list[str], bool]:
    """The arguments without -v, which may stand anywhere before `--`, and whether it was there."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept = [a for a in arguments[:end] if a not in FLAGS]
    return kept + arguments[end:], len(kept) < end
