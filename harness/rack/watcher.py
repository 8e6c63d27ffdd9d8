"""Keeps an eye on a rack for `harness watch`: phones come and go by tracking, the rest is asked gently, with deadlines.

A phone that runs a job is asked for its battery only, and seldom: every question costs it time that a benchmark counts.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.adb.server import AdbServer, DeviceLine
from harness.dumps.battery import battery
from harness.errors import HarnessError, UsageError
from harness.phones.tiers import TierRules
from harness.rack.alarm_book import AlarmBook
from harness.rack.alarms import PhoneNow, RunNow, Verdict, judge_phone, judge_run
from harness.rack.crew import Crew
from harness.rack.event_log import NAME
from harness.rack.gather import Seen, gather, look_at, tell_apart
from harness.rack.rackfile import RackFile
from harness.rack.roll import Entry, call_roll
from harness.rack.store import RackStore
from harness.rack.ticket import JobState, Ticket
from harness.rack.tickets import QUEUE, TicketBook
from harness.rack.view import Known, RackView, Vitals, make_view
from harness.results.folder import JOURNAL
from harness.results.progress import ProgressReader, RunProgress

#: Real seconds between two questions to a phone: for its battery, while idle and at work, and for everything.
_BATTERY_S, _BATTERY_BUSY_S, _LOOK_S = 15.0, 60.0, 120.0
_RETRY_S = 15.0
_ASK_TIMEOUT_S = 10.0
_ALARMS_S = 5.0
_EVENTS = 400
_AT_ONCE = 8


@dataclass
class _Phone:
    """A phone as adb names it, and what it said last (monotonic seconds)."""

    state: str
    since_epoch_s: float
    seen: Seen | None = None
    looked_s: float = float("-inf")
    vitals: Vitals | None = None
    asked_s: float = float("-inf")


@dataclass
class _Events:
    sign: tuple[int, int] | None = None
    events: list[dict[str, Any]] = field(default_factory=list)


class Watcher:
    """A context; `snapshot` is what there is to see now, and takes no time for phones.

    Args:
        run: a run folder or the id of a run, to see that one only.
        alarms: raised and cleared as time passes; None: only shown.
        follow: False: every phone is asked once, in `__enter__`, and nothing is followed.

    Raises:
        UsageError: there is no such run.
    """

    def __init__(
        self,
        server: AdbServer,
        rules: TierRules,
        rack: RackFile,
        store: RackStore,
        *,
        run: str | None = None,
        alarms: AlarmBook | None = None,
        follow: bool = True,
    ) -> None:
        self._server, self._rules, self._rack, self._store = server, rules, rack, store
        self._alarms, self._follow = alarms, follow
        self._shown = AlarmBook(store)
        self._book = TicketBook(rack.state_folder / QUEUE)
        self._phones: dict[str, _Phone] = {}
        self._guard = threading.Lock()
        self._readers: dict[str, ProgressReader] = {}
        self._dead: dict[str, ProgressReader] = {}
        self._events = _Events()
        self._absent_since: dict[str, float] = {}
        self._settled_s = float("-inf")
        self._crew = Crew(_AT_ONCE) if follow else None
        self._stack = contextlib.ExitStack()
        self._only = None if run is None else self._find_run(run)

    def __enter__(self) -> Watcher:
        if not self._follow:
            for seen in gather(self._server, self._rules):
                phone = self._phones[seen.serial] = _Phone(seen.adb_state, self._store.now(), seen)
                phone.looked_s = time.monotonic()
            return self
        tracker = self._server.track()
        self._stack.callback(tracker.close)

        def hear() -> None:
            for change in tracker:
                self._changed(change.serial, change.state)

        threading.Thread(target=hear, name="watch-adb", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def snapshot(self) -> RackView:
        """The rack now. Questions that are due are put to phones meanwhile, and answered in a later snapshot."""
        now = self._store.now()
        tickets = self._tickets()
        busy = {j.phone_id for t in tickets for j in t.jobs if j.state is JobState.RUNNING}
        with self._guard:
            phones = dict(self._phones)
        self._ask(phones, busy)
        roll = call_roll(self._seen(phones), self._rack, self._store.holds())
        progress = {run_id: reader.read() for run_id, reader in self._readers.items()}
        known = Known(
            now,
            roll,
            tickets,
            progress,
            self._vitals(phones),
            self._since(phones, roll, now) if self._follow else {},
            {run_id: _quiet_s(p.path, now) for run_id, p in progress.items()},
            self._last_events(),
            self._shown.open(),
            self._only,
        )
        self._judge(known)
        return make_view(known)

    # --- phones --------------------------------------------------------------------------------------------------

    def _changed(self, serial: str, state: str | None) -> None:
        with self._guard:
            if state is None:
                self._phones.pop(serial, None)
            else:
                self._phones[serial] = _Phone(state, self._store.now())

    def _ask(self, phones: Mapping[str, _Phone], busy: Iterable[str | None]) -> None:
        if self._crew is None:
            return
        now = time.monotonic()
        for serial, phone in phones.items():
            known = phone.seen is not None and (phone.seen.probe is not None or phone.state != "device")
            phone_id = phone.seen.probe.record.phone_id if phone.seen and phone.seen.probe else None
            working = phone_id in busy
            if now - phone.looked_s > (_RETRY_S if not known else _LOOK_S) and not (known and working):
                self._crew.do(serial, lambda s=serial, p=phone: self._look(s, p))  # type: ignore[misc]
            elif known and phone.state == "device":
                every = _BATTERY_BUSY_S if working else _BATTERY_S
                if now - max(phone.asked_s, phone.looked_s) > every:
                    self._crew.do(serial, lambda s=serial, p=phone: self._ask_battery(s, p))  # type: ignore[misc]

    def _look(self, serial: str, phone: _Phone) -> None:
        phone.looked_s = time.monotonic()
        phone.seen = look_at(self._server, DeviceLine(serial, phone.state), self._rules)
        phone.looked_s = time.monotonic()
        phone.vitals = None

    def _ask_battery(self, serial: str, phone: _Phone) -> None:
        phone.asked_s = time.monotonic()
        said = battery(self._server.phone(serial).shell("dumpsys battery", timeout_s=_ASK_TIMEOUT_S).stdout)
        level = said["level_pct"]
        phone.vitals = Vitals(None if level is None else float(level), said["temperature_c"])
        phone.asked_s = time.monotonic()

    def _seen(self, phones: Mapping[str, _Phone]) -> list[Seen]:
        """What phones said; one that has not answered yet is named with adb's word only."""
        found = []
        for serial, phone in sorted(phones.items()):
            waiting = Seen(serial, "connecting", f"the phone {serial}", None, None, reason="it is being asked")
            found.append(phone.seen or waiting)
        return tell_apart(found)

    def _vitals(self, phones: Mapping[str, _Phone]) -> dict[str, Vitals]:
        return {
            p.seen.probe.record.phone_id: p.vitals
            for p in phones.values()
            if p.vitals is not None and p.seen is not None and p.seen.probe is not None
        }

    def _since(self, phones: Mapping[str, _Phone], roll: Iterable[Entry], now: float) -> dict[str, float]:
        since = {serial: phone.since_epoch_s for serial, phone in phones.items()}
        away = {e.phone_id for e in roll if e.seen is None and e.phone_id is not None}
        self._absent_since = {p: self._absent_since.get(p, now) for p in away}
        return since | self._absent_since

    # --- runs ----------------------------------------------------------------------------------------------------

    def _tickets(self) -> list[Ticket]:
        try:
            tickets = self._book.others()
        except HarnessError:
            return []
        for ticket in tickets:
            if ticket.folder and ticket.run_id not in self._readers:
                self._readers[ticket.run_id] = ProgressReader(Path(ticket.folder))
        living = {t.run_id for t in tickets}
        self._readers = {r: one for r, one in self._readers.items() if r in living or r == self._only}
        return tickets

    def _find_run(self, run: str) -> str:
        path = Path(run)
        if (path / "run.json").is_file():
            reader = ProgressReader(path)
            run_id = reader.read().run_id
            self._readers[run_id] = reader
            return run_id
        known = [t.run_id for t in self._book.others()]
        if run in known:
            return run
        advice = f"running now: {', '.join(known)}" if known else "nothing runs on this rack now; give a run folder"
        raise UsageError(f"{run!r} is neither a run folder nor a run that runs", advice=advice)

    def _last_events(self) -> list[dict[str, Any]]:
        """Read anew only where the file changed."""
        try:
            status = (self._store.folder / NAME).stat()
            sign = (status.st_mtime_ns, status.st_size)
            if sign != self._events.sign:
                self._events = _Events(sign, self._store.events(_EVENTS).events)
        except (OSError, HarnessError):
            return []
        return self._events.events

    # --- alarms --------------------------------------------------------------------------------------------------

    def _abandoned(self) -> Iterable[Verdict]:
        """On runs whose command died without a word, and which nobody has gone on with."""
        for dead in self._book.dead():
            if dead.ticket is None or not dead.ticket.folder:
                continue
            reader = self._dead.setdefault(dead.ticket.folder, ProgressReader(Path(dead.ticket.folder)))
            found = reader.read()
            left = max(0, (found.planned or 0) - found.done)
            yield from judge_run(RunNow(dead.ticket.run_id, 0.0, left, over=True), self._rack.alarms)

    def _judge(self, known: Known) -> None:
        alarms = self._alarms
        if alarms is None or self._crew is None or time.monotonic() - self._settled_s < _ALARMS_S:
            return
        self._settled_s = time.monotonic()
        limits = self._rack.alarms
        verdicts: list[Verdict] = []
        for entry in known.roll:
            if entry.phone_id is None or entry.place is None:
                continue  # somebody's phone that is no part of the rack
            since = known.since_epoch_s.get(
                entry.phone_id, known.since_epoch_s.get(entry.serial or "", known.now_epoch_s)
            )
            for_s = max(0.0, known.now_epoch_s - since)
            reason, advice = entry.reason or "", "see harness doctor"
            expected = entry.place.expected
            now = PhoneNow(entry.phone_id, entry.state, for_s, reason, advice, entry.name, expected)
            verdicts += judge_phone(now, limits)
        for ticket in known.tickets:
            verdicts += judge_run(_run_now(ticket.run_id, known.progress.get(ticket.run_id), known), limits)
        self._crew.do("alarms", lambda: alarms.settle([*verdicts, *self._abandoned()]))


def _run_now(run_id: str, progress: RunProgress | None, known: Known) -> RunNow:
    left = max(0, (progress.planned or 0) - progress.done) if progress else 0
    return RunNow(run_id, known.quiet_s.get(run_id, 0.0), left)


def _quiet_s(path: Path, now_epoch_s: float) -> float:
    """Real seconds since the run's journal last grew; a clock that was set back counts as none."""
    try:
        return max(0.0, now_epoch_s - (path / JOURNAL).stat().st_mtime)
    except OSError:
        return 0.0
