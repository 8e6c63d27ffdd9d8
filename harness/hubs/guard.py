"""Sees to it that a port which was switched off is switched on again, also where the command that did it is killed.

While a port is off, a process of its own waits at the other end of a pipe. When the command that holds the pipe ends,
however it ends, the pipe closes, and the guard switches the port on.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator

from harness.errors import HarnessError, HostError
from harness.hubs.hub import HubPort
from harness.hubs.spec import open_hub

#: Of a command, after which a person is told; of the guard, which has nobody to tell.
_TRIES, _GUARD_TRIES = 3, 50
#: Real seconds between two tries.
_BETWEEN_S = 2.0
_READY, _DONE = b"ready\n", b"done\n"


@contextlib.contextmanager
def port_off(port: HubPort) -> Iterator[None]:
    """While inside, the port gives no power; it does again at the end, also after a SIGKILL of this process.

    Raises:
        HarnessError: it cannot be switched, off or on; then it was tried to leave it on.
    """
    command = [sys.executable, "-m", "harness.hubs.guard", port.spec]
    # A session of its own: Ctrl-C at a terminal is for the command, which tidies up itself.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as guard:
        assert guard.stdin and guard.stdout
        try:
            if guard.stdout.readline() != _READY:
                raise HostError(f"the guard of port {port.spec} did not start, so the port is left on")
            port.power(False)
            yield
        finally:
            try:
                switch_on(port)
                with contextlib.suppress(OSError):
                    guard.stdin.write(_DONE)
            finally:
                with contextlib.suppress(OSError):
                    guard.stdin.close()


def switch_on(port: HubPort, between_s: float = _BETWEEN_S, tries: int = _TRIES) -> None:
    """Switch a port on, in several tries: a phone that is left without power is lost once its battery is empty.

    Raises:
        HostError: it stays off.
    """
    for attempt in range(tries):
        try:
            port.power(True)
            return
        except HarnessError as error:
            if attempt == tries - 1:
                raise HostError(
                    f"port {port.spec} could not be switched on again: {error.message}", advice="switch it on by hand"
                ) from error
            time.sleep(between_s)


def main(spec: str) -> None:
    """Be the guard of a port: wait for the end of the pipe, and switch it on unless it was said to be done."""
    port = open_hub(spec)
    sys.stdout.buffer.write(_READY)
    sys.stdout.buffer.flush()
    if sys.stdin.buffer.read() != _DONE:
        switch_on(port, tries=_GUARD_TRIES)


if __name__ == "__main__":
    main(sys.argv[1])
