"""Small JSON files that several commands and users of one machine share: one lock, atomic replacement, damage kept.

Readers take no lock, since a file is replaced in one step. A file that cannot be read is set aside beside its place as
NAME.damaged-N and never overwritten.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

from harness.durable import sync_folder, write_atomic
from harness.errors import HostError, HostTransientError

#: Real seconds to wait for another command, which holds the lock for milliseconds.
_LOCK_S = 20.0
_POLL_S = 0.005
_LOCK = "lock"


class StateFolder:
    """A folder of such files; made when something is first written. Nothing is read or locked by making one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against other threads, processes and users. The system lets go when a process dies.

        Raises:
            HostTransientError: somebody held it for too long.
            HostError: the folder cannot be made or written.
        """
        import filelock

        try:
            self.path.mkdir(parents=True, exist_ok=True)
            # An instance of its own each time, so that threads of one process keep each other out too.
            lock = filelock.FileLock(self.path / _LOCK, mode=self.mode(), thread_local=False)
            lock.acquire(timeout=_LOCK_S, poll_interval=_POLL_S)
        except filelock.Timeout:
            advice = "see who has it with fuser, or try again"
            raise HostTransientError(f"{self.path / _LOCK} was held for {_LOCK_S:.0f} s", advice=advice) from None
        except OSError as error:
            raise self.fault(error) from error
        try:
            yield
        finally:
            lock.release()

    def mode(self) -> int:
        """Permissions of shared files: who may write the folder may write them, whatever the first one's umask."""
        return self.path.stat().st_mode & 0o666

    def place(self, kind: str, name: str) -> Path:
        """The file of `name`, whatever characters it has; `name_of` gives the name back."""
        return self.path / kind / f"{quote(name, safe='')}.json"

    @staticmethod
    def name_of(path: Path) -> str:
        """The name that `place` was given."""
        return unquote(path.name.removesuffix(".json"))

    def listed(self, kind: str) -> list[Path]:
        """Every file of a kind, by name; none where there is no folder."""
        return sorted(p for p in (self.path / kind).glob("*.json") if p.is_file())

    def write(self, path: Path, text: str) -> None:
        """Replace a file in one step; call it under the lock.

        Raises:
            HostError: the disk refuses; the old file is still there.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(OSError):  # of somebody else's folder
                path.parent.chmod(self.path.stat().st_mode & 0o7777)
            write_atomic(path, text)
            path.chmod(self.mode())
        except OSError as error:
            raise self.fault(error) from error

    def remove(self, path: Path) -> None:
        """Remove a file, where there is one; call it under the lock.

        Raises:
            HostError: it cannot be removed.
        """
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise self.fault(error) from error
        sync_folder(path.parent)

    def set_aside(self, path: Path) -> Path:
        """Move a damaged file out of the way under a name that is free; call it under the lock.

        Raises:
            HostError: it cannot be moved.
        """
        number = next(n for n in itertools.count(1) if not path.with_name(f"{path.name}.damaged-{n}").exists())
        target = path.with_name(f"{path.name}.damaged-{number}")
        try:
            path.rename(target)
        except OSError as error:
            raise self.fault(error) from error
        return target

    def fault(self, error: OSError) -> HostError:
        """What to tell of an error of the folder."""
        return HostError(
            f"the state of the rack in {self.path} cannot be written: {error.strerror or error}",
            advice="make room or see to its permissions, or name another folder by state: in the rack file",
        )
