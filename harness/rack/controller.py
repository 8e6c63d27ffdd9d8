"""Runs jobs on the phones of a rack, heals phones that fall ill, and ends every job once: with a result or a failure.

One thread decides; whatever takes time (a look, a ladder, a job) has a thread of its own and answers into the inbox.
The decisions are pure functions: `machine.step` for a phone, `schedule` for jobs, `retry.again` for another try. While
phones run their blocks alone, the host waits.
"""

from __future__ import annotations

import logging
import queue
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.benchmark.plan import limit_block_s
from harness.benchmark.session import Surroundings
from harness.benchmark.work import PlannedSession
from harness.clock import Clock
from harness.errors import HarnessError
from harness.phones.lease import release
from harness.rack import retry
from harness.rack.events import Action, AdbSaw, Checked, Event, Freed, Held, Late, Leased, Released
from harness.rack.failure import Failure, Kind
from harness.rack.gather import Seen, look_at
from harness.rack.holds import Hold
from harness.rack.jobs import Job, PhoneView, Schedule
from harness.rack.machine import deadline, first, step
from harness.rack.outcome import of_look
from harness.rack.perform import PhoneWork, Tools, Try, perform
from harness.rack.poisoned import not_run
from harness.rack.recover import RecoveryStep, RecoveryTarget, recover
from harness.rack.schedule import schedule
from harness.rack.slot import Slot
from harness.rack.status import RackState
from harness.records import PhoneRecord, SessionKey, SessionRecord
from harness.results.folder import RunFolder
from harness.results.journal import JobEnd

if TYPE_CHECKING:
    from harness.adb.server import AdbServer
    from harness.adb.track import DeviceTracker
    from harness.hubs.hub import HubPort
    from harness.phones.tiers import TierRules
    from harness.rack.store import RackStore

log = logging.getLogger("harness.rack")

#: Real seconds: the longest nap of the deciding thread, between looks at the adb server and at holds, and for what is
#: under way at the end.
_NAP_S = 0.2
_AROUND_EVERY_S = 2.0
_END_S = 120.0
#: Deadlines of the states include what goes over a cable, which no fast virtual clock makes faster.
_MOST_RATE = 10.0
#: Controller seconds: between looks at a phone that somebody else holds, and by which a lease in use is put off.
_HELD_EVERY_S = 15.0
_LEASE_S = 1800.0
#: Failures after which the session that was under way is suspected.
_HURT = frozenset({Kind.REBOOTED, Kind.JOB_DIED, Kind.JOB_HUNG, Kind.NO_ANSWER})


@dataclass(frozen=True)
class QueuedJob:
    """A job and what it is on a phone. name: for people. work: (phone, times that it moved to another phone)."""

    job: Job
    name: str
    work: Callable[[PhoneRecord, int], PhoneWork]


@dataclass(frozen=True)
class Site:
    """The rack as the controller finds it.

    Attributes:
        server: where its phones are.
        clock: the phones', at their rate.
        owner: user@host:pid of this command.
        fit: why a phone that was looked at takes no job for this run (health, gates), None where it does.
        expected: phone_ids that the rack file names, with their labels; a missing one is told.
        hub: the USB port that feeds a phone, where one that switches is known.
        store: what commands remember together; None: nothing is written down.
        patience_s: how long a job waits for a phone that is ill, controller seconds.
        full_ladder: phones may be rebooted, not only reconnected.
    """

    server: AdbServer
    rules: TierRules
    clock: Clock
    owner: str
    fit: Callable[[Seen | None], Failure | None] = of_look
    expected: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hub: Callable[[str], HubPort | None] = lambda _phone_id: None
    store: RackStore | None = None
    patience_s: float = 900.0
    link_s: float = 60.0
    full_ladder: bool = False


@dataclass
class RunResult:
    """What came of a run. `failures` maps a phone_id, or a job's name where it had none, to why it did not finish."""

    folder: Path
    sessions: list[SessionRecord] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    bytes_pushed: int = 0
    wall_s: float = 0.0
    ideal_s: float = 0.0
    interrupted: bool = False


@dataclass
class _Waiting:
    """A job that has not ended, as the controller's thread keeps it."""

    queued: QueuedJob
    job: Job
    phone_id: str | None = None
    tries: int = 0
    since_progress: int = 0
    moves: int = 0
    ill_since_s: float | None = None
    told: str = ""


class Controller:
    """One run. `run` may be called once.

    Args:
        jobs: what is to run.
        phones: the phones that it may run on, as they were looked at.
        force: models larger than a phone's free memory are tried too.
        on_session: progress; called from the phones' threads, one call at a time, after a session is in the journal.
        on_note: (serial, sentence) for what a person should know while it runs.
    """

    def __init__(
        self,
        site: Site,
        folder: RunFolder,
        jobs: Sequence[QueuedJob],
        phones: Sequence[Seen],
        *,
        force: bool = False,
        on_session: Callable[[SessionRecord], None] = lambda _: None,
        on_note: Callable[[str, str], None] = lambda _serial, _text: None,
    ) -> None:
        self._site, self._folder, self._note = site, folder, on_note
        self._on_session, self._force = on_session, force
        self._stop = threading.Event()
        self._guard = threading.Lock()
        self._inbox: queue.Queue[Callable[[], object]] = queue.Queue()
        self._threads: set[threading.Thread] = set()
        self._restarting = threading.Lock()
        self._looked_around = time.monotonic()
        self._rate = min(_MOST_RATE, getattr(site.clock, "rate", 1.0))
        self._jobs = {q.job.job_id: _Waiting(q, q.job) for q in jobs}
        self._poison = retry.PoisonBook()
        self._served: dict[str, float] = {}
        self._result = RunResult(folder.path)
        self._tools = Tools(folder, site.clock, site.owner, self._stop, self._keep, link_s=site.link_s)
        self._slots: dict[str, Slot] = {}
        for seen in phones:
            if seen.probe is not None:
                self._add(seen)

    def run(self) -> RunResult:
        """Run until every job has ended.

        Returns:
            What came of it. Ctrl-C ends what runs on the phones, restores them, and sets `interrupted`.
        """
        started = time.monotonic()
        tracker = self._site.server.track()
        self._spawn("adb-changes", lambda: self._follow(tracker))
        try:
            while self._jobs:
                self._turn()
        except KeyboardInterrupt:
            self._interrupt()
        finally:
            tracker.close()
            self._wind_up()
        self._result.wall_s = (time.monotonic() - started) * getattr(self._site.clock, "rate", 1.0)
        self._result.ideal_s = ideal_seconds(self._result.sessions)
        return self._result

    # --- the deciding thread -------------------------------------------------------------------------------------

    def _turn(self) -> None:
        try:
            self._inbox.get(timeout=_NAP_S)()
            while True:
                self._inbox.get_nowait()()
        except queue.Empty:
            pass
        if time.monotonic() - self._looked_around > _AROUND_EVERY_S:
            self._looked_around = time.monotonic()
            self._spawn("adb-server", self._revive_server)
            self._read_holds()
        now = self._now()
        for slot in self._slots.values():
            due = deadline(slot.status)
            if due is not None and now >= due:
                self._late(slot)
            if slot.holder and slot.status.state is RackState.READY and now >= slot.look_again_s:
                slot.look_again_s = now + _HELD_EVERY_S
                self._look(slot)
        if not self._stop.is_set():
            self._assign()

    def _now(self) -> float:
        return time.monotonic() * self._rate

    def _late(self, slot: Slot) -> None:
        if slot.job is not None:  # its thread watches it and has deadlines of its own
            self._tell(slot, Leased(self._site.owner, self._now() + _LEASE_S))
        else:
            self._tell(slot, Late())

    def _assign(self) -> None:
        waiting = [w for w in self._jobs.values() if w.phone_id is None]
        if not waiting:
            return
        plan = self._schedule(waiting)
        for job_id, phone_id in plan.starts.items():
            if job_id in self._jobs:
                self._start(self._jobs[job_id], self._slots[phone_id])
        for waiting_job in waiting:
            job_id = waiting_job.job.job_id
            if job_id in plan.hopeless:
                self._end(waiting_job, Failure(Kind.CANNOT, plan.hopeless[job_id]))
            elif job_id in plan.waits:
                self._wait(waiting_job, plan.waits[job_id])

    def _schedule(self, waiting: Sequence[_Waiting]) -> Schedule:
        views = [
            PhoneView(
                slot.record,
                self._busy(slot),
                slot.free_kb,
                slot.battery_pct,
                labels=self._site.expected.get(slot.phone_id, frozenset()),
            )
            for slot in self._slots.values()
        ]
        return schedule([w.job for w in waiting], views, self._now(), served=self._served)

    def _busy(self, slot: Slot) -> str | None:
        if slot.status.state is not RackState.READY:
            return f"{slot.status.state}: {slot.status.reason}" if slot.status.reason else str(slot.status.state)
        return slot.holder

    def _wait(self, waiting: _Waiting, why: str) -> None:
        """A job that waits for a phone that is ill waits so long and no longer; others may take their time."""
        able = [self._slots[waiting.job.phone_id]] if waiting.job.phone_id else list(self._slots.values())
        ill = [s for s in able if s.status.state not in (RackState.READY, RackState.LEASED, RackState.CHECKING)]
        if len(ill) < len(able):
            waiting.ill_since_s = None
            if any(s.holder for s in able) and why != waiting.told:
                waiting.told = why
                self._note("", f"{waiting.queued.name} waits: {why}")
            return
        now = self._now()
        since = waiting.ill_since_s = waiting.ill_since_s if waiting.ill_since_s is not None else now
        over = now - since > self._site.patience_s
        if over or all(s.status.state is RackState.NEEDS_PERSON for s in ill):
            status = ill[0].status
            failure = status.failure or Failure(Kind.UNFIT, status.reason or str(status.state))
            self._end(waiting, failure)

    def _start(self, waiting: _Waiting, slot: Slot) -> None:
        work = waiting.queued.work(slot.record, waiting.moves)
        for_s = limit_block_s(work.block) * self._rate / getattr(self._site.clock, "rate", 1.0) + _LEASE_S
        waiting.phone_id, slot.job = slot.phone_id, waiting.job.job_id
        waiting.tries += 1
        self._served[waiting.job.run_id] = self._now()
        self._tell(slot, Leased(self._site.owner, self._now() + for_s))
        self._skip_poison(work, slot)
        phone, record, around = self._site.server.phone(slot.serial), slot.record, slot.around
        log.info("%s: %s, try %d", slot.serial, waiting.queued.name, waiting.tries)

        def work_on() -> None:
            done = perform(phone, record, around, work, self._tools)
            self._send(self._tried, waiting, slot, work, done)

        self._spawn(f"job-{slot.serial}", work_on)

    def _tried(self, waiting: _Waiting, slot: Slot, work: PhoneWork, done: Try) -> None:
        self._result.bytes_pushed += done.report.bytes_pushed
        slot.job, slot.lease = None, done.lease or slot.lease
        waiting.phone_id = None
        failure = done.failure
        if failure is None:
            self._end(waiting, None, slot)
            self._tell(slot, Released())
            return
        if failure.kind in _HURT and done.report.running is not None:
            self._suspect(work.block.sessions, done.report.running, slot)
        waiting.since_progress = 1 if done.finished else waiting.since_progress + 1
        verdict = retry.again(failure.kind, waiting.tries, waiting.since_progress)
        stopping = self._stop.is_set() or failure.kind is Kind.INTERRUPTED
        if stopping or isinstance(verdict, retry.Stop):
            self._end(waiting, failure, slot)
        else:
            self._note(slot.serial, f"{failure.message}; it is tried again")
            waiting.job = replace(waiting.job, not_before_s=self._now() + verdict.pause_s)
            if waiting.job.phone_id is None and verdict.elsewhere:
                waiting.job = replace(waiting.job, avoid=waiting.job.avoid | {slot.phone_id})
                waiting.moves += 1
                self._give_back(slot)
        self._tell(slot, Released(failure))

    def _end(self, waiting: _Waiting, failure: Failure | None, slot: Slot | None = None) -> None:
        """A job has ended, once."""
        job_id = waiting.job.job_id
        del self._jobs[job_id]
        phone_id = slot.phone_id if slot else waiting.job.phone_id
        kind, message = (str(failure.kind), failure.message) if failure else (None, "")
        end = JobEnd(job_id, phone_id, kind, message, waiting.tries)
        if failure is None or failure.kind is not Kind.INTERRUPTED:
            with self._guard:
                self._folder.journal.end_job(end)
            self._event("job", phone_id, job=job_id, ended=kind or "complete", text=message)
        if failure is not None:
            self._result.failures[phone_id or waiting.queued.name] = message
            self._note(slot.serial if slot else "", f"{waiting.queued.name} did not finish: {message}")
        if slot is not None:
            self._give_back(slot)

    # --- poison --------------------------------------------------------------------------------------------------

    def _suspect(self, sessions: Sequence[PlannedSession], running: int, slot: Slot) -> None:
        key = next((s.key for s in sessions if s.index == running), None)
        if key is not None and self._poison.struck(_condition(key), slot.phone_id):
            self._note(slot.serial, f"{_condition(key)} brought the phone down twice and is not tried again")

    def _skip_poison(self, work: PhoneWork, slot: Slot) -> None:
        """Sessions of conditions that bring phones down end here, without one more try."""
        for session in work.block.sessions:
            known = work.block.session_id(session.index) in self._folder.journal.sessions
            if not known and self._poison.is_poison(_condition(session.key), slot.phone_id):
                self._keep(not_run(session, work, slot.record, "it brought phones down and is not tried again"))

    # --- phones --------------------------------------------------------------------------------------------------

    def _add(self, seen: Seen) -> None:
        assert seen.probe is not None
        record = seen.probe.record
        expected = record.phone_id in self._site.expected
        slot = Slot(record, first(self._now(), expected=expected), Surroundings(force=self._force), expected)
        self._slots[record.phone_id] = slot
        slot.status, _ = step(slot.status, AdbSaw(seen.adb_state), self._now(), expected=expected)
        self._looked(slot, seen)

    def _tell(self, slot: Slot, event: Event) -> None:
        before = slot.status
        slot.status, action = step(before, event, self._now(), expected=slot.expected)
        now = slot.status
        if now.state is not before.state:
            log.debug("%s: %s, was %s: %s", slot.serial, now.state, before.state, now.reason)
            self._event("state", slot.phone_id, serial=slot.serial, state=now.state, text=now.reason)
        match action:
            case Action.CHECK if self._jobs:
                self._look(slot)
            case Action.RECOVER:
                self._recover(slot)
            case Action.QUARANTINE:
                self._hold(slot, RackState.QUARANTINED, (now.until_s or self._now()) - self._now())
            case Action.TELL:
                self._hold(slot, RackState.NEEDS_PERSON, None)

    def _hold(self, slot: Slot, state: RackState, for_s: float | None) -> None:
        status = slot.status
        self._note(slot.serial, f"{state}: {status.reason}" + (f"; {status.advice}" if status.advice else ""))
        if self._site.store is not None and state is RackState.QUARANTINED and slot.expected:
            hold = Hold(state, status.reason, status.advice, self._site.owner, time.time(), for_s)
            store = self._site.store
            self._quietly(lambda: store.set_hold(slot.phone_id, hold))

    def _read_holds(self) -> None:
        """What somebody took out or put back by hand while we run."""
        if self._site.store is None:
            return
        for phone_id, slot in self._slots.items():
            hold = self._site.store.hold(phone_id)
            if hold is not None and hold.by != self._site.owner and not slot.status.held and slot.status.after is None:
                until = None if hold.for_s is None else self._now() + hold.for_s
                self._tell(slot, Held(hold.state, hold.reason, hold.advice, until))
            elif hold is None and (slot.status.held or slot.status.after is not None):
                self._tell(slot, Freed())

    def _follow(self, tracker: DeviceTracker) -> None:
        for change in tracker:
            self._send(self._adb_saw, change.serial, change.state)

    def _adb_saw(self, serial: str, state: str | None) -> None:
        slot = next((s for s in self._slots.values() if s.serial == serial), None)
        if slot is not None:
            self._tell(slot, AdbSaw(state))
        elif state == "device" and any(s.status.adb != "device" for s in self._slots.values()):
            self._spawn(f"who-{serial}", lambda: self._send(self._returned, self._seen(serial)))

    def _returned(self, seen: Seen | None) -> None:
        """A phone that adb names by an address that is new to us may be one that we miss."""
        if seen is None or seen.probe is None:
            return
        slot = self._slots.get(seen.probe.record.phone_id)
        if slot is not None and slot.status.adb != "device":
            log.info("%s: the phone came back as %s", slot.serial, seen.serial)
            slot.record = replace(slot.record, serial=seen.serial)
            self._tell(slot, AdbSaw(seen.adb_state))

    def _seen(self, serial: str) -> Seen | None:
        line = next((line for line in self._site.server.devices() if line.serial == serial), None)
        return None if line is None else look_at(self._site.server, line, self._site.rules)

    def _look(self, slot: Slot) -> None:
        serial = slot.serial

        def look() -> None:
            try:
                self._send(self._looked, slot, self._seen(serial))
            except HarnessError as error:
                log.debug("%s: %s", serial, error)
                self._send(self._looked, slot, None)

        self._spawn(f"look-{serial}", look)

    def _looked(self, slot: Slot, seen: Seen | None) -> None:
        probe = seen.probe if seen is not None else None
        if seen is not None and probe is not None:
            if probe.record.phone_id != slot.phone_id:
                self._tell(slot, AdbSaw(None))  # another phone has its address now
                return
            self._changed(slot, probe.record)
            slot.around = Surroundings(probe.nodes, probe.thermal_service, probe.mem_available_kb, self._force)
            slot.free_kb, slot.battery_pct = probe.free_kb, probe.battery.level_pct
            held = probe.standing
            ours = held is not None and held.lease is not None and held.lease.run_id == self._folder.meta["run_id"]
            slot.holder = None if held is None or ours else held.holder
        failure = self._site.fit(seen)
        self._tell(slot, Checked(failure))

    def _changed(self, slot: Slot, now: PhoneRecord) -> None:
        """A phone that was updated in mid-run is another phone to whoever reads its figures."""
        was = slot.record
        if now.fingerprint == was.fingerprint and now.android == was.android:
            return
        text = f"its software changed during the run, from {was.fingerprint} to {now.fingerprint}; run it again"
        for waiting in [w for w in self._jobs.values() if w.job.phone_id == slot.phone_id and w.phone_id is None]:
            self._end(waiting, Failure(Kind.CANNOT, text), slot)

    def _recover(self, slot: Slot) -> None:
        failure = slot.status.failure or Failure(Kind.NO_ANSWER, slot.status.reason)
        alike = sum(s.status.state is RackState.RECOVERING for s in self._slots.values())
        target = RecoveryTarget(
            self._site.server,
            slot.serial,
            slot.phone_id,
            hub=self._site.hub(slot.phone_id),
            allow_server_restart=self._may_restart,
            several=alike > 1,
        )

        def climb() -> None:
            found = recover(target, failure, clock=self._site.clock, on_step=lambda s: self._climbed(slot, s))
            self._send(self._tell, slot, found)

        self._spawn(f"recover-{slot.serial}", climb)

    def _climbed(self, slot: Slot, done: RecoveryStep) -> None:
        well = "it is well" if done.ok else "it is not well"
        log.info("%s: %s: %s (%s, %.1f s)", slot.serial, done.rung, done.message, well, done.seconds)
        self._event(
            "recovery", slot.phone_id, serial=slot.serial, rung=done.rung, ok=done.ok, seconds=round(done.seconds, 2)
        )

    def _give_back(self, slot: Slot) -> None:
        """End our lease; where the phone is away it expires by itself."""
        lease, slot.lease = slot.lease, None
        if lease is None:
            return
        phone = self._site.server.phone(slot.serial)
        self._spawn(f"release-{slot.serial}", lambda: self._quietly(lambda: release(phone, lease)))

    # --- the adb server ------------------------------------------------------------------------------------------

    def _may_restart(self) -> bool:
        return not self._stop.is_set() and not self._server_answers()

    def _server_answers(self) -> bool:
        try:
            self._site.server.version()
        except HarnessError:
            return False
        return True

    def _revive_server(self) -> None:
        """A server that is gone costs every phone its link, and none of them can be asked."""
        if not self._restarting.acquire(blocking=False):
            return
        try:
            if not self._server_answers():
                self._note("", "the adb server does not answer and is started again")
                self._event("server_restart", None)
                self._quietly(self._site.server.restart)
        finally:
            self._restarting.release()

    # --- threads -------------------------------------------------------------------------------------------------

    def _keep(self, session: SessionRecord) -> None:
        with self._guard:
            if self._folder.journal.append(session):
                self._result.sessions.append(session)
                self._on_session(session)

    def _send(self, what: Callable[..., object], *arguments: object) -> None:
        self._inbox.put(lambda: what(*arguments))

    def _spawn(self, name: str, work: Callable[[], object]) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads = {t for t in self._threads if t.is_alive()} | {thread}
        thread.start()

    def _quietly(self, work: Callable[[], object]) -> None:
        try:
            work()
        except HarnessError as error:
            log.debug("%s", error)

    def _event(self, kind: str, phone_id: str | None, **fields: Any) -> None:
        if self._site.store is not None:
            self._site.store.event(kind, phone_id=phone_id, run=str(self._folder.meta["run_id"]), **fields)

    def _interrupt(self) -> None:
        self._result.interrupted = True
        # A second Ctrl-C must not leave phones with changed settings; each step has a deadline.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._note("", "Ending what runs on the phones and restoring them; this takes a moment")
        self._stop.set()
        for waiting in [w for w in self._jobs.values() if w.phone_id is None]:
            del self._jobs[waiting.job.job_id]
        while self._jobs:
            self._turn()

    def _wind_up(self) -> None:
        """Give phones back, and let what is under way come to its end."""
        self._stop.set()
        for slot in self._slots.values():
            self._give_back(slot)
        end = time.monotonic() + _END_S
        for thread in self._threads:
            if thread.name.startswith(("release", "job", "recover")):
                thread.join(max(0.0, end - time.monotonic()))


def _condition(key: SessionKey) -> str:
    options = "".join(f":{k}={v}" for k, v in sorted(key.options.items()))
    return f"{key.model} {key.variant} on {key.delegate}{options}".replace("  ", " ")


def ideal_seconds(sessions: Sequence[SessionRecord]) -> float:
    """What the phones had to spend, seconds of their clock: the longest sum of session times over the phones."""
    spent: dict[str, float] = {}
    for session in sessions:
        spent[session.phone_id] = spent.get(session.phone_id, 0.0) + (session.wall_s or 0.0)
    return max(spent.values(), default=0.0)
