"""What `harness watch` shows: phones, runs and alarms at one moment. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.rack.alarms import Alarm
from harness.rack.roll import Entry
from harness.rack.status import RackState
from harness.rack.ticket import JobState, Ticket
from harness.rack.tickets import QUIET_S
from harness.results.progress import RunProgress

#: What a run's controller says of its phone counts while these states last; in others the phone itself knows better.
_CONTROLLER_KNOWS = (RackState.RECOVERING, RackState.CHECKING, RackState.QUARANTINED, RackState.NEEDS_PERSON)
#: Events that are told as a phone's last error, and for how long, real seconds.
_ERRORS = frozenset({"job", "recovery", "hold_damaged"})
_ERRORS_S = 86_400.0


@dataclass(frozen=True)
class Vitals:
    """A phone's battery as last asked, None where unknown; age_s: real seconds since then."""

    battery_pct: float | None = None
    temperature_c: float | None = None
    age_s: float | None = None


@dataclass(frozen=True)
class PhoneLine:
    """One phone.

    Attributes:
        name: slot, else serial.
        state: a rack state; "unknown" of a phone whose adb server is another one.
        for_s: real seconds for which it has been in the state, as far as anybody saw; None: unknown.
        owner, run_id: who has it.
        done, planned: sessions of that run on it; planned is None where any phone may take them.
        doing: the last condition that finished there.
        error: the last thing that went wrong there, with its time.
    """

    name: str
    phone_id: str | None
    serial: str | None
    model: str | None
    state: str
    for_s: float | None
    reason: str | None
    owner: str | None = None
    run_id: str | None = None
    done: int | None = None
    planned: int | None = None
    doing: str | None = None
    battery_pct: float | None = None
    temperature_c: float | None = None
    error: str | None = None


@dataclass(frozen=True)
class RunLine:
    """One run. alive: its command works on it; quiet_s: real seconds since its last result, as far as anybody saw."""

    run_id: str
    owner: str | None
    path: str | None
    done: int | None
    planned: int | None
    running: int
    waiting: int
    alive: bool
    finished: bool
    quiet_s: float | None = None
    why: str | None = None


@dataclass(frozen=True)
class RackView:
    """Everything, at one moment. waiting: jobs in the queue."""

    time_epoch_s: float
    phones: tuple[PhoneLine, ...]
    runs: tuple[RunLine, ...]
    alarms: tuple[Alarm, ...]
    waiting: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """What a view is made of.

    Attributes:
        tickets: of living commands.
        progress: run_id to its progress, for those whose folder is known.
        vitals: by phone_id.
        since_epoch_s: serial to when adb's word for it changed, as far as we saw.
        quiet_s: run_id to real seconds since its last result.
        events: the last ones, oldest first.
        only: the run to show, None for all.
    """

    now_epoch_s: float
    roll: Sequence[Entry]
    tickets: Sequence[Ticket] = ()
    progress: Mapping[str, RunProgress] = field(default_factory=dict)
    vitals: Mapping[str, Vitals] = field(default_factory=dict)
    since_epoch_s: Mapping[str, float] = field(default_factory=dict)
    quiet_s: Mapping[str, float] = field(default_factory=dict)
    events: Sequence[Mapping[str, Any]] = ()
    alarms: Sequence[Alarm] = ()
    only: str | None = None


def make_view(known: Known) -> RackView:
    """The view; phones in the order of the rack file and their addresses, runs by id."""
    busy = {j.phone_id: (t, j) for t in known.tickets for j in t.jobs if j.state is JobState.RUNNING and j.phone_id}
    told = _by_phone(known.events)
    lines = [_phone(known, entry, busy, told) for entry in sorted(known.roll, key=_place)]
    wanted = known.progress.get(known.only) if known.only else None
    if wanted is not None:
        members = {*wanted.phones, *wanted.by_phone}
        lines = [line for line in lines if line.phone_id in members or line.run_id == known.only]
        seen = {line.phone_id for line in lines}
        lines += [_elsewhere(wanted, phone_id) for phone_id in sorted(members - seen)]
    runs = _runs(known)
    waiting = sum(r.waiting for r in runs)
    return RackView(known.now_epoch_s, tuple(lines), tuple(runs), tuple(known.alarms), waiting)


def _phone(
    known: Known,
    entry: Entry,
    busy: Mapping[str, tuple[Ticket, Any]],
    told: Mapping[str, list[Mapping[str, Any]]],
) -> PhoneLine:
    phone_id = entry.phone_id
    probe = entry.seen.probe if entry.seen else None
    ticket, job = busy.get(phone_id or "", (None, None))
    events = told.get(phone_id or "", [])
    state, reason, since = entry.state, entry.reason, _since(known, entry)
    last = next((e for e in reversed(events) if e["kind"] == "state"), None)
    by_run = last is not None and any(t.run_id == last.get("run") and t.quiet_s <= QUIET_S for t in known.tickets)
    if ticket is not None and job is not None:
        # The roll calls it leased, with the lease's own words, only if it was asked since.
        state, reason = RackState.LEASED, None if entry.state is RackState.LEASED else reason
        since = job.since_epoch_s
    if by_run and last is not None and last.get("state") in _CONTROLLER_KNOWS and entry.hold is None:
        state, reason, since = RackState(last["state"]), last.get("text") or reason, _epoch(last)
    run_id = ticket.run_id if ticket else _leased_for(entry)
    progress = known.progress.get(run_id or known.only or "")
    vitals = known.vitals.get(phone_id or "") or _vitals(entry)
    return PhoneLine(
        name=entry.name,
        phone_id=phone_id,
        serial=entry.serial,
        model=probe.record.model if probe else None,
        state=str(state),
        for_s=None if since is None else max(0.0, known.now_epoch_s - since),
        reason=reason,
        owner=ticket.owner if ticket else _owner(entry),
        run_id=run_id,
        done=None if progress is None or phone_id is None else progress.by_phone.get(phone_id, 0),
        planned=None if progress is None or phone_id is None else progress.planned_by_phone.get(phone_id),
        doing=None if progress is None or phone_id is None else progress.last.get(phone_id),
        battery_pct=vitals.battery_pct,
        temperature_c=vitals.temperature_c,
        error=_error(events, known.now_epoch_s),
    )


def _elsewhere(run: RunProgress, phone_id: str) -> PhoneLine:
    """A phone of a run that this adb server does not name, as a virtual one of that command."""
    model, provenance = run.phones.get(phone_id, ("?", "?"))
    over = run.by_phone.get(phone_id, 0) >= run.planned_by_phone.get(phone_id, 1)
    state = "unknown" if not over else "done"
    reason = "it is on the adb server of its run" if provenance == "virtual" else "this adb server does not name it"
    return PhoneLine(
        phone_id,
        phone_id,
        None,
        model,
        state,
        None,
        reason,
        run_id=run.run_id,
        done=run.by_phone.get(phone_id, 0),
        planned=run.planned_by_phone.get(phone_id),
        doing=run.last.get(phone_id),
    )


def _runs(known: Known) -> list[RunLine]:
    tickets = {t.run_id: t for t in known.tickets}
    lines = []
    for run_id in sorted({*tickets, *known.progress}):
        if known.only is not None and run_id != known.only:
            continue
        ticket, progress = tickets.get(run_id), known.progress.get(run_id)
        states = [j.state for j in ticket.jobs] if ticket else []
        why = [j.note for j in ticket.jobs if j.state is JobState.WAITING and j.note] if ticket else []
        lines.append(
            RunLine(
                run_id,
                ticket.owner if ticket else None,
                str(progress.path) if progress else None,
                progress.done if progress else None,
                progress.planned if progress else None,
                states.count(JobState.RUNNING),
                states.count(JobState.WAITING),
                alive=ticket is not None and ticket.quiet_s <= QUIET_S,
                finished=progress is not None and progress.finished,
                quiet_s=known.quiet_s.get(run_id),
                why=why[0] if why else None,
            )
        )
    return lines


def _place(entry: Entry) -> tuple[bool, str]:
    return entry.place is None, entry.name


def _vitals(entry: Entry) -> Vitals:
    probe = entry.seen.probe if entry.seen else None
    return Vitals(probe.battery.level_pct, probe.battery.temperature_c) if probe else Vitals()


def _since(known: Known, entry: Entry) -> float | None:
    if entry.hold is not None and entry.state is entry.hold.state:
        return entry.hold.since_epoch_s
    for name in (entry.serial, entry.phone_id):
        if name and name in known.since_epoch_s:
            return known.since_epoch_s[name]
    return None


def _owner(entry: Entry) -> str | None:
    probe = entry.seen.probe if entry.seen else None
    standing = probe.standing if probe else None
    return standing.lease.owner if standing and standing.lease and standing.holder else None


def _leased_for(entry: Entry) -> str | None:
    probe = entry.seen.probe if entry.seen else None
    standing = probe.standing if probe else None
    return standing.lease.run_id if standing and standing.lease and standing.holder else None


def _by_phone(events: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for event in events:
        if isinstance(event.get("phone_id"), str):
            found.setdefault(event["phone_id"], []).append(event)
    return found


def _error(events: Sequence[Mapping[str, Any]], now_epoch_s: float) -> str | None:
    for event in reversed(events):
        when = _epoch(event)
        if when is None or now_epoch_s - when > _ERRORS_S:
            continue
        if event["kind"] not in _ERRORS or event.get("ended") == "complete" or event.get("ok") is True:
            continue
        text = event.get("text") or event.get("reason") or event.get("rung") or event["kind"]
        return f"{datetime.datetime.fromtimestamp(when).astimezone():%H:%M} {text}"
    return None


def _epoch(event: Mapping[str, Any]) -> float | None:
    try:
        return datetime.datetime.fromisoformat(event["time"]).timestamp()
    except ValueError:
        return None
