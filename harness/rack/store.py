"""What this machine remembers of its rack between commands: holds on phones, and what happened.

Several commands and users share one store (`state:` of the rack file). Nothing here talks to phones.
"""

from __future__ import annotations

import getpass
import logging
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.errors import HostError
from harness.rack.event_log import EventLog, append_event, event_line, read_events
from harness.rack.hold_file import Settled, read_holds, settle, unreadable, write_holds
from harness.rack.holds import HOLD_STATES, Hold, strongest
from harness.rack.state_files import StateFolder

log = logging.getLogger("harness.rack")

_HOLDS = "holds"


class RackStore:
    """The state of a rack in a folder; safe to use from several threads and processes.

    Args:
        folder: made when something is first written.
        now: seconds since the epoch; holds end by this clock.

    A store that this user may only read is read all the same; what would be written down (an expiry) then is not.
    """

    def __init__(self, folder: Path, now: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self.files = StateFolder(folder)
        self.now = now
        self._complained = False

    def hold(self, phone_id: str) -> Hold | None:
        """The hold on a phone, None where there is none.

        One that has expired is lifted, with an event. A file that cannot be read is set aside, and its phone needs a
        person.
        """
        return strongest(self._read(self.files.place(_HOLDS, phone_id)))

    def holds(self) -> dict[str, Hold]:
        """phone_id to the hold that counts, of every phone that has one; as `hold`."""
        found = {self.files.name_of(path): strongest(self._read(path)) for path in self.files.listed(_HOLDS)}
        return {phone_id: hold for phone_id, hold in found.items() if hold is not None}

    def set_hold(self, phone_id: str, hold: Hold) -> None:
        """Take a phone out. A hold of the same state is replaced; one of another state stays beside it.

        So a drain outlives a quarantine that ends by itself; `lift` ends both.

        Raises:
            HostError: it cannot be written; the phone is not held.
            ValueError: no hold has that state.
        """
        if hold.state not in HOLD_STATES:
            raise ValueError(f"{hold.state} is no state of a hold")
        path = self.files.place(_HOLDS, phone_id)
        with self.files.locked():
            kept = [h for h in self._settle(path) if h.state != hold.state]
            self.files.write(path, write_holds(phone_id, (*kept, hold)))
            fields = {"state": hold.state, "reason": hold.reason, "by": hold.by, "for_s": hold.for_s}
            self._append("hold", {"phone_id": phone_id, **fields})

    def lift(self, phone_id: str, *, by: str | None = None) -> tuple[Hold, ...]:
        """End every hold on a phone.

        Returns:
            Those that there were.

        Raises:
            HostError: it cannot be written; the phone is still held.
        """
        path = self.files.place(_HOLDS, phone_id)
        if not path.exists():
            return ()
        with self.files.locked():
            holds = self._settle(path)
            self.files.remove(path)
            if holds:
                states = [h.state for h in holds]
                self._append("lifted", {"phone_id": phone_id, "by": by or who(), "states": states})
        return holds

    def event(
        self,
        kind: str,
        *,
        phone_id: str | None = None,
        serial: str | None = None,
        job: str | None = None,
        run: str | None = None,
        **fields: Any,
    ) -> None:
        """Write down that something happened; never raises, since no run ends for its log.

        Args:
            kind: one word for programs, as `hold` or `reboot`.
            fields: what JSON can hold; None is left out.
        """
        try:
            with self.files.locked():
                self._append(kind, {**fields, "phone_id": phone_id, "serial": serial, "job": job, "run": run})
        except HostError as error:
            self._complain(error)

    def events(self, last: int = 100) -> EventLog:
        """The last events, oldest first; torn and damaged lines are passed over and counted.

        Raises:
            HostError: the log is there and cannot be read.
        """
        try:
            return read_events(self.folder, last)
        except OSError as error:
            raise HostError(f"the events in {self.folder} cannot be read: {error.strerror}") from error

    def _read(self, path: Path) -> tuple[Hold, ...]:
        try:
            before, settled = self._look(path)
        except OSError as error:  # it may be sound, and another user's
            return (unreadable(f"{path}: {error.strerror}", self.now()),)
        if before == settled.holds:
            return settled.holds
        try:
            with self.files.locked():
                return self._settle(path)
        except HostError as error:
            log.debug("%s", error)
            return settled.holds

    def _look(self, path: Path) -> tuple[tuple[Hold, ...] | None, Settled]:
        """The holds in a file, None where it is damaged, and what they come to now."""
        now = self.now()
        try:
            before = read_holds(path.read_bytes())
        except FileNotFoundError:
            before = ()
        return before, Settled((unreadable(f"{path} is damaged", now),)) if before is None else settle(before, now)

    def _settle(self, path: Path) -> tuple[Hold, ...]:
        """Bring a file up to date, and give what it holds; under the lock."""
        try:
            before, settled = self._look(path)
        except OSError:
            before, settled = None, Settled(())
        phone_id, holds = self.files.name_of(path), settled.holds
        if before is None:
            aside = self.files.set_aside(path)
            holds = (unreadable(f"the damaged file is kept as {aside}", self.now()),)
            log.warning("%s: %s", phone_id, holds[0].reason)
            self._append("hold_damaged", {"phone_id": phone_id, "file": str(aside)})
        for kind, text in settled.told:
            log.warning("%s: %s", phone_id, text)
            self._append(kind, {"phone_id": phone_id, "text": text})
        if before != holds:
            self.files.write(path, write_holds(phone_id, holds))
        return holds

    def _append(self, kind: str, fields: dict[str, Any]) -> None:
        """Append an event; under the lock."""
        try:
            append_event(self.folder, event_line(kind, self.now(), fields), self.files.mode())
        except OSError as error:
            self._complain(self.files.fault(error))

    def _complain(self, error: HostError) -> None:
        if not self._complained:
            log.warning("what happens on the rack is not written down: %s", error)
        self._complained = True


def this_command() -> str:
    """This command as leases and tickets name it: user@host:pid."""
    return f"{who()}:{os.getpid()}"


def who() -> str:
    """Who runs this command, as user@host."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user id without a name
        user = "someone"
    return f"{user}@{socket.gethostname()}"
