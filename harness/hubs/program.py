"""Runs the program that knows a maker's hub."""

from __future__ import annotations

import shutil
import subprocess

from harness.errors import EnvironmentFault, HostTransientError

#: Real seconds; a hub answers in less than one.
_TIMEOUT_S = 20.0


def run_program(command: list[str], where_from: str) -> tuple[int, str]:
    """Its exit code and all that it printed.

    Args:
        where_from: where one gets the program.

    Raises:
        EnvironmentFault: it is not installed, or cannot be started.
        HostTransientError: it did not end in time.
    """
    name = command[0]
    if shutil.which(name) is None:
        raise EnvironmentFault(f"{name} is not installed here", advice=f"install it: {where_from}")
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        raise HostTransientError(f"{' '.join(command)} did not end within {_TIMEOUT_S:g} s") from None
    except OSError as error:
        raise EnvironmentFault(f"{name} cannot be started: {error.strerror}") from error
    return done.returncode, done.stdout
