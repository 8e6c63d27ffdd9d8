"""Sees to it that a port which was switched off is switched on again, also where the command that did it is killed.

While a port is off, a process of its own waits at the other end of a pipe. When the command that holds the pipe ends,
however it ends, the pipe closes, and the guard switches the port on. For as long as it lives it holds a lock, by which
other commands of this user know that the phone is away on purpose.
"""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator

from filelock import FileLock, Timeout

from harness.cache import cache_dir
from harness.errors import HarnessError, HostError
from harness.hubs.hub import HubPort
from harness.hubs.spec import open_hub

#: Of a command, after which a person is told; of the guard, which has nobody to tell.
_TRIES, _GUARD_TRIES = 3, 50
#: Real seconds between two tries, and for the lock of a port.
_BETWEEN_S = 2.0
_LOCK_S = 10.0
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
                raise HostError(f"port {port.spec} is left on: its guard did not start, or another run has it off")
            try:
                port.power(False)
                yield
            finally:
                switch_on(port)
                with contextlib.suppress(OSError):  # somebody killed the guard, which is not needed any more
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


def is_off(port: HubPort) -> bool:
    """Whether a command of this user has the port off now, on purpose."""
    lock = _lock(port.spec)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False


def main(spec: str) -> None:
    """Be the guard of a port: wait for the end of the pipe, and switch it on unless it was said to be done."""
    port = open_hub(spec)
    # Whoever asks `is_off` holds it for a moment.
    with _lock(spec).acquire(timeout=_LOCK_S):
        sys.stdout.buffer.write(_READY)
        sys.stdout.buffer.flush()
        if sys.stdin.buffer.read() != _DONE:
            switch_on(port, tries=_GUARD_TRIES)


def _lock(spec: str) -> FileLock:
    folder = cache_dir() / "ports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return FileLock(folder / f"{hashlib.sha256(spec.encode()).hexdigest()[:16]}.lock")


if __name__ == "__main__":
    main(sys.argv[1])
