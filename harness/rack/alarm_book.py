"""The alarms that are raised now, kept for all commands and users of a rack in its store."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from harness.errors import HostError, UsageError
from harness.rack.alarms import Alarm, Verdict
from harness.rack.messenger import Messenger
from harness.rack.store import RackStore

log = logging.getLogger("harness.rack")

_KIND = "alarms"
_ALARM = TypeAdapter(Alarm)


class AlarmBook:
    """Raises and clears alarms; safe to use from several threads and processes. Nothing here raises or waits long.

    Args:
        messenger: hands on what is raised and cleared here; None: nobody is told but who looks.
    """

    def __init__(self, store: RackStore, messenger: Messenger | None = None) -> None:
        self._store = store
        self._files = store.files
        self._messenger = messenger

    def open(self) -> list[Alarm]:
        """What is raised now, the oldest first."""
        found = [alarm for path in self._files.listed(_KIND) if (alarm := self._read(path)) is not None]
        return sorted(found, key=lambda a: (a.since_epoch_s, a.key))

    def settle(self, verdicts: Iterable[Verdict]) -> None:
        """Raise what is not raised yet and clear what is; of commands that do it at the same time one does."""
        for alarm, raised in verdicts:
            path = self._files.place(_KIND, alarm.key)
            if path.exists() == raised:
                continue
            try:
                self._change(path, alarm, raised)
            except HostError as error:
                log.warning("an alarm cannot be kept: %s: %s", alarm.words(), error)

    def dismiss(self, words: Collection[str]) -> list[Alarm]:
        """Clear the alarms of these phones and runs by hand, all where none is named; what is still so comes again.

        Returns:
            Those that were cleared.

        Raises:
            UsageError: a word names no alarm, with what there is.
        """
        alarms = self.open()
        known = {name for a in alarms for name in (a.phone_id, a.run_id) if name}
        for word in words:
            if word not in known:
                advice = f"there are alarms of {', '.join(sorted(known))}" if known else "there is none"
                raise UsageError(f"no alarm is about {word!r}", advice=advice)
        meant = [a for a in alarms if not words or a.phone_id in words or a.run_id in words]
        self.settle(Verdict(alarm, False) for alarm in meant)
        return meant

    def _change(self, path: Path, alarm: Alarm, raised: bool) -> None:
        with self._files.locked():
            if path.exists() == raised:
                return
            if raised:
                alarm = replace(alarm, since_epoch_s=self._store.now())
                self._files.write(path, _ALARM.dump_json(alarm, indent=2).decode() + "\n")
            else:
                self._files.remove(path)
        kind = "alarm" if raised else "alarm_cleared"
        self._store.event(kind, phone_id=alarm.phone_id, run=alarm.run_id, alarm=alarm.kind, text=alarm.message)
        if raised:
            log.warning("alarm: %s", alarm.words())
        if self._messenger is not None:
            self._messenger.send(alarm, raised=raised)

    def _read(self, path: Path) -> Alarm | None:
        try:
            return _ALARM.validate_json(path.read_bytes())
        except FileNotFoundError:  # cleared just now
            return None
        except ValidationError:
            pass
        except OSError as error:
            log.warning("the alarm in %s cannot be read: %s", path, error.strerror)
            return None
        try:
            with self._files.locked():
                aside = self._files.set_aside(path)
        except HostError as error:
            log.warning("the alarm in %s is damaged: %s", path, error)
            return None
        # Its cause raises it again where it is still there.
        log.warning("the alarm in %s was damaged, and is kept as %s", path, aside.name)
        self._store.event("alarm_damaged", file=str(aside))
        return None
