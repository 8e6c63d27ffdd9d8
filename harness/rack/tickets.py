"""The queue that all commands of one machine share, without a server: a folder with a ticket a running command.

A command holds `RUN_ID.lock` as long as it lives and keeps `RUN_ID.json` beside it up to date. Every command reads all
tickets, makes the same schedule from them, and starts only its own jobs; the lease on the phone decides in the end. A
ticket whose lock is free is of a command that died: it is told and moved to `dead/`, as a damaged one is.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from harness.durable import sync_folder, write_atomic
from harness.errors import HostError, HostTransientError
from harness.rack.life_lock import LifeLock, holder_lives
from harness.rack.own_ticket import OwnTicket
from harness.rack.ticket import Ticket, read_ticket

log = logging.getLogger("harness.rack")

#: One that has given none for so long starts nothing: what it wants stands in nobody's way.
QUIET_S = 90.0
#: For the order numbers, which are held for milliseconds, and against those who only ask for a moment.
_LOCK_S = 20.0
#: Its folder below the rack's state folder.
QUEUE = "queue"
_ORDERS = "orders"
_DEAD = "dead"


@dataclass(frozen=True)
class DeadTicket:
    """A ticket that was set aside. run_id, ticket: None where the file is damaged."""

    file: Path
    run_id: str | None
    ticket: Ticket | None


class _Seen(NamedTuple):
    """A file as it was last read, and since when (real seconds) it has been so."""

    sign: tuple[int, int, int]
    since_s: float
    ticket: Ticket | None


class TicketBook:
    """The queue in a folder; made when something is first written. Safe to use from several processes.

    Args:
        folder: QUEUE of the rack's state folder.
        now: seconds since the epoch.
    """

    def __init__(self, folder: Path, now: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self.now = now
        self._own: set[Path] = set()
        self._seen: dict[Path, _Seen] = {}
        self._told: set[Path] = set()

    def open(self, run_id: str, owner: str) -> OwnTicket:
        """A ticket for a run; the run's earlier command may have died.

        Args:
            owner: user@host:pid.

        Raises:
            HostTransientError: another command runs it.
            HostError: the folder cannot be written.
        """
        with self._writing():
            self._make(self.folder)
        try:
            lock = LifeLock(self._lock(run_id), wait_s=2.0, mode=self.mode())
        except HostTransientError:
            advice = "wait for it, or end it; harness queue says whose it is"
            raise HostTransientError(f"another command runs {run_id}", advice=advice) from None
        path = self._lock(run_id).with_suffix(".json")
        ticket = OwnTicket(path, lock, Ticket(run_id, owner, self.now()), self.orders, self.mode(), self.now)
        self._own.add(path)
        try:
            with self._writing():
                ticket.write()
            for dead in self.dead():
                if dead.run_id == run_id:
                    log.info("%s is gone on with; its command had ended without a word", run_id)
                    dead.file.unlink(missing_ok=True)
        except BaseException:
            ticket.close()
            raise
        return ticket

    def orders(self, count: int = 1) -> range:
        """Numbers that no command had before, and that are higher than all that any had.

        Raises:
            HostTransientError: another command held them for too long.
            HostError: the folder cannot be written.
        """
        with self._writing():
            self._make(self.folder)
            with LifeLock(self.folder / f"{_ORDERS}.lock", wait_s=_LOCK_S, mode=self.mode()):
                first = self._next_order()
                write_atomic(self.folder / _ORDERS, f"{first + count}\n", mode=self.mode())
        return range(first, first + count)

    def others(self, now_s: float = 0.0) -> list[Ticket]:
        """The tickets of all other living commands, by run_id; dead and damaged ones are set aside and told.

        Args:
            now_s: the clock on which the jobs' `not_before_s` are given.

        Raises:
            HostError: the folder is there and cannot be read.
        """
        try:
            paths = sorted(p for p in self.folder.glob("*.json") if p not in self._own)
        except OSError as error:
            raise HostError(f"{self.folder} cannot be read: {error.strerror}") from error
        self._seen = {p: seen for p, seen in self._seen.items() if p in paths}
        ahead_s = self.now() - now_s
        return [ticket.on_clock(ahead_s) for path in paths if (ticket := self._look(path)) is not None]

    def dead(self) -> list[DeadTicket]:
        """What was set aside and not gone on with since, by name."""
        found = []
        for path in sorted((self.folder / _DEAD).glob("*.json*")):
            name = unquote(path.name.partition(".json")[0])
            with contextlib.suppress(OSError):
                ticket = read_ticket(path.read_bytes(), name)
                found.append(DeadTicket(path, None if ticket is None else name, ticket))
        return found

    def mode(self) -> int:
        """Permissions of the files: a group that may write the folder may write them; everybody else reads at most."""
        return 0o644 | self.folder.stat().st_mode & 0o020

    def _look(self, path: Path) -> Ticket | None:
        """A living ticket, its jobs' pauses in seconds since the epoch."""
        run_id = unquote(path.name.removesuffix(".json"))
        seen = self._seen.get(path)
        try:
            status = path.stat()
            # By changes, not by the file's time: clocks are set back.
            sign = (status.st_mtime_ns, status.st_ino, status.st_size)
            if seen is None or seen.sign != sign:
                # Only the age of what was there before us is by the clock.
                age_s = max(0.0, self.now() - status.st_mtime) if seen is None else 0.0
                ticket = read_ticket(path.read_bytes(), run_id)
                seen = self._seen[path] = _Seen(sign, time.monotonic() - age_s, ticket)
        except FileNotFoundError:
            return None  # closed just now
        except OSError as error:
            self._tell(path, f"the ticket {path} cannot be read: {error.strerror}")
            return None
        ticket = seen.ticket
        if not holder_lives(self._lock(run_id)):
            who = f" of {ticket.owner}" if ticket else ""
            self._set_aside(path, f"the command{who} that ran {run_id} ended without a word")
            return None
        if ticket is None:
            # Its command lives and writes the file anew when something changes.
            self._set_aside(path, f"the ticket of {run_id} is damaged", lives=True)
            return None
        return replace(ticket, quiet_s=time.monotonic() - seen.since_s)

    def _set_aside(self, path: Path, what: str, *, lives: bool = False) -> None:
        lock = None
        try:
            if not lives:
                # Held while the file is moved, so that nobody opens the run in between.
                lock = LifeLock(path.with_suffix(".lock"), wait_s=0.0, mode=self.mode())
            folder = self.folder / _DEAD
            self._make(folder)
            target = next(t for n in itertools.count(1) if not (t := folder / (path.name + f"-{n}" * (n > 1))).exists())
            path.rename(target)
            sync_folder(folder)
            log.warning("%s; its ticket is kept as %s", what, target)
        except (FileNotFoundError, HostTransientError):
            pass  # another command did it
        except (OSError, HostError) as error:
            self._tell(path, f"{what}, and its ticket {path} cannot be moved: {error}")
        finally:
            if lock is not None:
                lock.release(remove=True)

    def _next_order(self) -> int:
        """Under the lock of the numbers."""
        path = self.folder / _ORDERS
        try:
            return int(path.read_bytes())
        except FileNotFoundError:
            pass
        except ValueError:
            self._set_aside(path, f"the numbers in {path} are damaged and drawn anew", lives=True)
        files = [*self.folder.glob("*.json"), *(self.folder / _DEAD).glob("*.json*")]
        known = (read_ticket(f.read_bytes(), unquote(f.name.partition(".json")[0])) for f in files)
        return max((t.highest() for t in known if t), default=0) + 1

    def _lock(self, run_id: str) -> Path:
        return self.folder / f"{quote(run_id, safe='')}.lock"

    def _tell(self, path: Path, text: str) -> None:
        if path not in self._told:
            self._told.add(path)
            log.warning("%s", text)

    @staticmethod
    def _make(folder: Path) -> None:
        """A folder that the group may write where it may write the one above, and nobody else."""
        if folder.is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755 | folder.parent.stat().st_mode & 0o2020)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise HostError(
                f"the queue in {self.folder} cannot be written: {error.strerror}",
                advice="make room, or see to the folder's permissions",
            ) from error
