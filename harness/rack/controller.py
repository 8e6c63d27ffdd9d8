"""Runs jobs on the phones of a rack, heals phones that fall ill, and ends every job once: with a result or a failure.

One thread decides; whatever takes time (a look, a ladder, a job) has a thread of its own and answers into the inbox.
The decisions are pure functions: `machine.step` for a phone, `schedule` for jobs, `retry.again` for another try. While
phones run their blocks alone, the host waits.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from harness.benchmark.plan import limit_block_s
from harness.benchmark.work import PlannedSession
from harness.errors import HostError
from harness.logs import log_context
from harness.rack import retry
from harness.rack.events import Leased, Released
from harness.rack.failure import Failure, Kind
from harness.rack.inbox import Inbox
from harness.rack.jobs import Job, PhoneView
from harness.rack.perform import PhoneWork, Tools, Try, perform
from harness.rack.poisoned import not_run
from harness.rack.queueing import Queueing
from harness.rack.result import RunResult, ideal_seconds
from harness.rack.roster import LEASE_S, Roster
from harness.rack.run_alarms import RunAlarms
from harness.rack.schedule import takers
from harness.rack.site import Site
from harness.rack.slot import Slot
from harness.rack.status import RackState
from harness.rack.ticket import JobState, TicketJob
from harness.records import PhoneRecord, SessionKey, SessionRecord
from harness.results.folder import RunFolder
from harness.results.journal import JobEnd

log = logging.getLogger("harness.rack")

#: Real seconds: the longest nap of the deciding thread, and for what is under way at the end.
_NAP_S = 0.2
_END_S = 120.0
#: Failures after which the session that was under way is suspected.
_HURT = frozenset({Kind.REBOOTED, Kind.JOB_DIED, Kind.JOB_HUNG, Kind.NO_ANSWER})
#: Controller seconds for which a job that another phone may take over waits for one that is ill.
_MOVE_S = 180.0
#: States in which a phone is well, or only rests.
_WELL = frozenset({RackState.READY, RackState.LEASED, RackState.CHECKING})


@dataclass(frozen=True)
class QueuedJob:
    """A job and what it is on a phone.

    Attributes:
        name: for people.
        work: what a phone is to do for it now, from what is in the journal, and None where all is done; given the phone
            and how many times the job moved to another one. Asked again after each block.
    """

    job: Job
    name: str
    work: Callable[[PhoneRecord, int], PhoneWork | None]


@dataclass
class _Open:
    """A job that has not ended.

    Attributes:
        job: as the scheduler sees it now.
        phone_id: the phone that it runs on now.
        bound_to: where a job for any phone of a group has begun; it goes on there until another phone takes it over.
        tries, fruitless, moves: so far (see retry.py).
        ill_since_s: since when every phone that could take it is ill.
        why: it waits.
        told: the holders of phones that a person was told it waits for.
    """

    queued: QueuedJob
    job: Job
    phone_id: str | None = None
    bound_to: str | None = None
    tries: int = 0
    fruitless: int = 0
    moves: int = 0
    ill_since_s: float | None = None
    why: str = ""
    told: tuple[str, ...] = ()

    @property
    def movable(self) -> bool:
        """Whether another phone may take it over."""
        return self.queued.job.apart is not None

    def bind(self, phone_id: str) -> None:
        """It begins on a phone, or goes on there."""
        if self.movable:
            self.moves += self.bound_to not in (None, phone_id)
            self.bound_to = phone_id
            self.job = replace(self.job, phone_id=phone_id)

    def unbind(self) -> None:
        """It never began there, so any phone will do."""
        if self.movable:
            self.bound_to = None
            self.job = replace(self.job, phone_id=None)


class Controller:
    """One run. Fill `roster` with the phones that it may run on; then `run` may be called once.

    Args:
        jobs: what is to run.
        on_session: progress; called from the phones' threads, one call at a time, after a session is in the journal.
        on_note: (serial, sentence) for what a person should know while it runs.
        on_more: (job_id, sessions) where a job goes on with sessions that were not planned at first.
    """

    def __init__(
        self,
        site: Site,
        folder: RunFolder,
        jobs: Sequence[QueuedJob],
        *,
        on_session: Callable[[SessionRecord], None] = lambda _: None,
        on_note: Callable[[str, str], None] = lambda _serial, _text: None,
        on_more: Callable[[str, int], None] = lambda _job_id, _sessions: None,
    ) -> None:
        self._site, self._folder, self._note, self._on_session = site, folder, on_note, on_session
        self._on_more = on_more
        self._inbox = Inbox()
        self.roster = Roster(site, self._inbox, on_note=on_note)
        self._stop = threading.Event()
        self._guard = threading.Lock()
        self._open = {q.job.job_id: _Open(q, q.job, bound_to=q.job.phone_id) for q in jobs}
        self._ended: dict[str, TicketJob] = {}
        self._queueing = Queueing(site.book, site.ticket)
        self._poison = retry.PoisonBook()
        self._result = RunResult(folder.path)
        self._alarms = RunAlarms(site, site.alarms, site.limits)
        self._tools = Tools(folder, site.clock, site.owner, self._stop, self._keep, site.link_s)

    def run(self) -> RunResult:
        """Run until every job has ended.

        Returns:
            What came of it. Ctrl-C ends what runs on the phones, restores them, and sets `interrupted`.
        """
        started = time.monotonic()
        self.roster.follow()
        try:
            while self._open:
                self._turn()
        except KeyboardInterrupt:
            self._interrupt()
        finally:
            self._wind_up()
        self._result.wall_s = (time.monotonic() - started) * self._site.phone_rate
        self._result.ideal_s = ideal_seconds(self._result.sessions)
        return self._result

    def _turn(self) -> None:
        self._inbox.turn(_NAP_S)
        self.roster.tick()
        self._alarms.tick(self.roster.slots.values(), self._left())
        if not self._stop.is_set():
            self._assign()
            tickets = [TicketJob(o.job, _state(o), o.phone_id, note=o.why) for o in self._open.values()]
            self._queueing.tell([*tickets, *self._ended.values()], self._site.now_s())

    # --- which job runs where ------------------------------------------------------------------------------------

    def _assign(self) -> None:
        waiting = {o.job.job_id: o for o in self._open.values() if o.phone_id is None}
        if not waiting:
            return
        plan = self._queueing.schedule([o.job for o in waiting.values()], self._views(), self._site.now_s())
        for job_id, phone_id in plan.starts.items():
            self._start(waiting[job_id], self.roster.slots[phone_id])
        for job_id, one in waiting.items():
            if job_id in plan.hopeless:
                self._end(one, Failure(Kind.CANNOT, plan.hopeless[job_id]))
            elif job_id in plan.waits:
                self._wait(one, plan.waits[job_id])

    def _views(self) -> list[PhoneView]:
        return [
            PhoneView(
                slot.record,
                _busy(slot),
                slot.free_kb,
                slot.battery_pct,
                self._site.labels.get(slot.phone_id, frozenset()),
                slot.known,
            )
            for slot in self.roster.slots.values()
        ]

    def _wait(self, one: _Open, why: str) -> None:
        """A job whose phones are all ill waits so long and no longer; for others' jobs it may take its time."""
        slots = self.roster.slots
        able = [slots[one.job.phone_id]] if one.job.phone_id else list(slots.values())
        if any(s.holder and s.holder not in one.told for s in able):
            one.told = tuple(s.holder for s in able if s.holder)
            self._note("", why if one.job.phone_id else f"{one.queued.name} {why}")
        one.why = why
        if any(s.status.state in _WELL and not s.status.waiting for s in able):
            one.ill_since_s = None
            return
        now = self._site.now_s()
        one.ill_since_s = now if one.ill_since_s is None else one.ill_since_s
        resting = any(s.status.waiting for s in able)  # that has a deadline of its own
        ill_s = 0.0 if resting else now - one.ill_since_s
        for_good = all(s.status.state is RackState.NEEDS_PERSON for s in able)
        if one.movable and one.job.phone_id and (for_good or ill_s > _MOVE_S) and self._move(one, able[0]):
            return
        if for_good or ill_s > self._site.patience_s:
            status = able[0].status
            self._end(one, status.failure or Failure(Kind.UNFIT, status.reason or str(status.state)))

    def _start(self, one: _Open, slot: Slot) -> None:
        one.bind(slot.phone_id)
        work = one.queued.work(slot.record, one.moves)
        if work is None:  # an earlier command did all of it
            self._end(one, None, slot)
            return
        for_s = limit_block_s(work.block) * self._site.rate / self._site.phone_rate + LEASE_S
        one.phone_id, slot.job, one.why = slot.phone_id, one.job.job_id, ""
        one.tries += 1
        for other in self._open.values():
            if other is not one and one.job.apart is not None and other.job.apart == one.job.apart:
                other.job = replace(other.job, avoid=other.job.avoid | {slot.phone_id})
        self.roster.tell(slot, Leased(self._site.owner, self._site.now_s() + for_s))
        self._skip_poison(work, slot)
        phone, record, around, usb = self._site.server.phone(slot.serial), slot.record, slot.around, slot.usb
        cut = self._site.usb_cut(slot.phone_id, slot.serial)
        log.debug("%s: %s, try %d", slot.serial, one.queued.name, one.tries, extra=slot.about)

        def work_on() -> None:
            turn = self._site.pushes.slot
            about = {"serial": record.serial, "phone_id": record.phone_id, "job": one.job.job_id}
            with log_context(**about, run=self._tools.run_id):
                done = perform(
                    phone,
                    record,
                    around,
                    work,
                    self._tools,
                    lambda: turn(record.serial, usb),
                    begin=slot.changed is None,
                    cut=cut,
                )
            self._inbox.send(self._tried, one, slot, work, done)

        def failed(error: Exception) -> None:
            self._tried(one, slot, work, Try(Failure(Kind.HOST, f"the harness itself failed: {error!r}")))

        self._inbox.spawn(f"job-{slot.serial}", work_on, failed)

    def _tried(self, one: _Open, slot: Slot, work: PhoneWork, done: Try) -> None:
        """A try of a job is over."""
        self._result.bytes_pushed += done.report.bytes_pushed
        slot.job, slot.lease, one.phone_id = None, done.lease or slot.lease, None
        failure = done.failure
        if failure is None:
            self._done(one, slot)
            self.roster.tell(slot, Released())
            return
        if slot.changed is not None:
            failure = Failure(Kind.CANNOT, slot.changed)
        if failure.kind in _HURT and done.report.running is not None:
            self._suspect(work.block.sessions, done.report.running, slot)
        one.fruitless = 1 if done.finished else one.fruitless + 1
        verdict = retry.again(failure.kind, one.tries, one.fruitless)
        if self._stop.is_set() or isinstance(verdict, retry.Stop):
            self._end(one, failure, slot)
        else:
            self._note(slot.serial, f"{failure.message}; it is tried again")
            one.job = replace(one.job, not_before_s=self._site.now_s() + verdict.pause_s)
            begun = work.block.block_id in self._folder.journal.blocks
            if not begun:
                one.unbind()
            # A phone that somebody else held is as good as any another time.
            if one.movable and verdict.elsewhere and (begun or failure.kind is not Kind.LEASE_LOST):
                self._move(one, slot)
        self.roster.tell(slot, Released(failure))

    def _done(self, one: _Open, slot: Slot) -> None:
        """A block is done; the job goes on where its intervals are still wide."""
        more = None if self._stop.is_set() else one.queued.work(slot.record, one.moves)
        if more is None:
            self._end(one, None, slot)
            return
        one.tries = one.fruitless = 0
        self._on_more(one.job.job_id, len(more.block.sessions))
        # Another command's job of a higher priority may come first.
        self._give_back(slot, tidy=False)

    def _move(self, one: _Open, slot: Slot) -> bool:
        """Let another phone take a job over, where one is well that could; it does all of it."""
        moved = replace(one.job, phone_id=None, avoid=one.job.avoid | {slot.phone_id})
        well = [v for v in self._views() if self.roster.slots[v.record.phone_id].status.state in _WELL]
        if not takers(moved, well):
            return False
        self._note(slot.serial, f"{one.queued.name} is done by another phone")
        one.job, one.ill_since_s = moved, None
        self._give_back(slot)
        return True

    def _end(self, one: _Open, failure: Failure | None, slot: Slot | None = None) -> None:
        """A job has ended, once."""
        job_id = one.job.job_id
        del self._open[job_id]
        phone_id = slot.phone_id if slot else one.job.phone_id
        kind, message = (str(failure.kind), failure.message) if failure else (None, "")
        self._ended[job_id] = TicketJob(one.job, JobState.ENDED, phone_id, note=message or "complete")
        if failure is None or failure.kind is not Kind.INTERRUPTED:
            self._write_end(JobEnd(job_id, phone_id, kind, message, one.tries))
            self.roster.event("job", slot, job=job_id, ended=kind or "complete", text=message)
        if failure is not None:
            self._result.failures[phone_id or one.queued.name] = message
            self._note(slot.serial if slot else "", f"{one.queued.name} did not finish: {message}")
        if slot is not None:
            self._give_back(slot, tidy=failure is not None)

    def _write_end(self, end: JobEnd) -> None:
        try:
            with self._guard:
                self._folder.journal.end_job(end)
        except HostError as error:  # the sessions say the same, and a resume finds out
            self._note("", str(error))

    # --- conditions that bring phones down -----------------------------------------------------------------------

    def _suspect(self, sessions: Sequence[PlannedSession], running: int, slot: Slot) -> None:
        key = next((s.key for s in sessions if s.index == running), None)
        if key is not None and self._poison.struck(_condition(key), slot.phone_id):
            self._note(slot.serial, f"{_condition(key)} brought phones down and is not tried again here")

    def _skip_poison(self, work: PhoneWork, slot: Slot) -> None:
        """Sessions of conditions that bring phones down end here, without one more try."""
        for session in work.block.sessions:
            known = work.block.session_id(session.index) in self._folder.journal.sessions
            if not known and self._poison.is_poison(_condition(session.key), slot.phone_id):
                self._record(not_run(session, work, slot.record, "it brought phones down and is not tried again"))

    # --- sessions, leases, ends ----------------------------------------------------------------------------------

    def _keep(self, session: SessionRecord) -> None:
        """A session has ended on a phone."""
        self._record(session)
        self._inbox.send(self._poison.survived, _condition(session.key), session.phone_id)

    def _record(self, session: SessionRecord) -> None:
        with self._guard:
            if self._folder.journal.append(session):
                self._result.sessions.append(session)
                self._alarms.result()
                self._on_session(session)

    def _left(self) -> int:
        """Sessions that the run is still to have."""
        planned = sum(int(n) for n in self._folder.meta.get("planned", {}).values())
        return max(0, planned - len(self._folder.journal.sessions))

    def _give_back(self, slot: Slot, *, tidy: bool = True) -> None:
        """End our lease; where the phone is away it expires by itself."""
        lease, slot.lease = slot.lease, None
        if lease is None:
            return
        self.roster.give_back(slot, lease, tidy=tidy)

    def _interrupt(self) -> None:
        self._result.interrupted = True
        # A second Ctrl-C must not leave phones with changed settings; each step has a deadline.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._note("", "Ending what runs on the phones and restoring them; this takes a moment")
        self._stop.set()
        self._open = {job_id: one for job_id, one in self._open.items() if one.phone_id is not None}
        while self._open:
            self._turn()

    def _wind_up(self) -> None:
        """Give phones back, and let what is under way come to its end."""
        self._stop.set()
        self.roster.close()
        for slot in self.roster.slots.values():
            self._give_back(slot)
        self._inbox.join(("job", "release", "recover"), _END_S)
        self._alarms.over(self._left(), told=self._result.interrupted)


def _state(one: _Open) -> JobState:
    return JobState.WAITING if one.phone_id is None else JobState.RUNNING


def _busy(slot: Slot) -> str | None:
    status = slot.status
    if slot.holder is not None or status.state is RackState.READY:
        return slot.holder
    return f"{status.state}: {status.reason}" if status.reason else str(status.state)


def _condition(key: SessionKey) -> str:
    options = "".join(f":{k}={v}" for k, v in sorted(key.options.items()))
    return f"{key.model} {key.variant} on {key.delegate}{options}".replace("  ", " ")
