"""A lock that a process holds for as long as it lives, and that others can ask about.

flock, which the system lets go of when a process ends, however it ends. Windows has none: there every holder counts as
alive, and nobody is kept out.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from harness.errors import HostError, HostTransientError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_POLL_S = 0.02


class LifeLock:
    """Holds the lock file at `path`; a context that lets go.

    Args:
        path: made where it is not there.
        wait_s: real seconds to wait for whoever holds it; those who only ask hold it for a moment.
        mode: permissions of the file.

    Raises:
        HostTransientError: somebody held it for all of `wait_s`.
        HostError: the file cannot be made.
    """

    def __init__(self, path: Path, *, wait_s: float, mode: int) -> None:
        self.path = path
        end = time.monotonic() + wait_s
        while True:
            self._file = self._open(mode)
            if _try(self._file) and self._is_at_path():
                return
            os.close(self._file)
            if time.monotonic() > end:
                raise HostTransientError(f"{path} is held by another harness", advice="wait for it to end")
            time.sleep(_POLL_S)

    def release(self, *, remove: bool = False) -> None:
        """Let go. remove: the file is not needed any more."""
        if remove:
            self.path.unlink(missing_ok=True)
        os.close(self._file)

    def __enter__(self) -> LifeLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _open(self, mode: int) -> int:
        # No link is followed: what lies in a folder of several users must not lead us elsewhere.
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        try:
            file = os.open(self.path, flags, mode)
            found = os.fstat(file)
            if hasattr(os, "fchmod") and found.st_uid == os.geteuid() and found.st_mode & 0o777 != mode:
                os.fchmod(file, mode)
        except OSError as error:
            advice = "see to the permissions of its folder"
            raise HostError(f"{self.path} cannot be written: {error.strerror}", advice=advice) from error
        return file

    def _is_at_path(self) -> bool:
        """Not where the holder before us removed the file while we waited for it."""
        try:
            return os.path.samestat(os.fstat(self._file), self.path.stat(follow_symlinks=False))
        except FileNotFoundError:
            return False


def holder_lives(path: Path) -> bool:
    """Whether a process holds the lock file; one that is not there is held by nobody."""
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return False
    except OSError:
        return True  # cannot be asked, so nothing is taken from it
    try:
        return fcntl is None or not _try(file, shared=True)
    finally:
        os.close(file)


def _try(file: int, *, shared: bool = False) -> bool:
    if fcntl is None:
        return True
    try:
        # Shared, so that two who ask at the same time do not take each other for the holder.
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
