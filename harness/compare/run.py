"""Runs trials on the phones of a rack: batch after batch, until the verdict stands or the rounds are spent.

This is the way in for whoever confirms a suspicion: give it arms, phones and a run folder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness.benchmark.order import ROUND_SESSIONS
from harness.benchmark.plan import estimate_block_s
from harness.benchmark.work import BinaryFile
from harness.compare.arm import differences
from harness.compare.standing import Standing, by_block, standing
from harness.compare.trial import Trial, why_not
from harness.rack.controller import Controller, QueuedJob
from harness.rack.gather import Seen
from harness.rack.jobs import Job
from harness.rack.perform import PhoneWork
from harness.rack.result import RunResult
from harness.rack.site import Site
from harness.records import PhoneRecord, SessionRecord, from_json
from harness.results.folder import RunFolder, phones_meta


def trial_meta(trial: Trial) -> dict[str, Any]:
    """A trial as run.json keeps it."""
    return {**trial.meta(), "differences": differences(trial.a, trial.b)}


def run_trials(
    trials: Sequence[Trial],
    folder: RunFolder,
    site: Site,
    seen: Sequence[Seen],
    programs: Mapping[str, BinaryFile],
    *,
    on_session: Callable[[SessionRecord], None] = lambda _: None,
    on_note: Callable[[str, str], None] = lambda _serial, _text: None,
    on_more: Callable[[str, int], None] = lambda _job_id, _sessions: None,
    force: bool = False,
    priority: int = 0,
) -> RunResult:
    """Run every trial on every phone, and finish the run folder. What is in its journal already is not run again.

    A phone goes on by batches, each a block of its own; between two of them it is given back for a moment.

    Args:
        trials: with names that differ.
        seen: the phones, as they were looked at.
        programs: phone_id to the program that it gets where an arm brings none.
        on_session, on_note, on_more: as of Controller.
        force: models larger than a phone's free memory are tried too.
        priority: of runs that wait for one phone, the higher goes first.

    Returns:
        What came of it, with the sessions of this call. `finished` in run.json says whether every trial has ended.
    """
    before = {p["phone_id"]: from_json(PhoneRecord, p) for p in folder.meta.get("phones", [])}
    phones = {s.probe.record.phone_id: s.probe.record for s in seen if s.probe} | before
    named = {b.sha256: b.name or b.path.name for b in _programs(trials, programs)}
    folder.write_meta({"phones": phones_meta(list(phones.values())), "binaries": named})
    able = [(t, p) for t in trials for p in phones.values() if _cannot(t, p, programs) is None]
    folder.write_meta({"planned": _planned(able, folder)})
    orders = site.book.orders(len(able)) if site.book else range(len(able))
    jobs = [_job(n, trial, phone, folder, programs, priority) for n, (trial, phone) in zip(orders, able, strict=True)]
    owners = {job.job.job_id: phone.phone_id for job, (_, phone) in zip(jobs, able, strict=True)}

    def more(job_id: str, sessions: int) -> None:
        planned = dict(folder.meta["planned"])
        planned[owners[job_id]] += sessions
        folder.write_meta({"planned": planned})
        on_more(job_id, sessions)

    controller = Controller(site, folder, jobs, on_session=on_session, on_note=on_note, on_more=more)
    wanted = {phone.phone_id for _, phone in able}
    for one in seen:
        if one.phone_id is None or one.phone_id in wanted:
            controller.roster.add(one, before.get(one.phone_id or ""), force=force)
    result = controller.run()
    over = not result.interrupted and all(_standing(trial, phone, folder).batch is None for trial, phone in able)
    folder.finish(
        {
            "finished": over,
            "skipped": [
                {"phone_id": p.phone_id, "what": t.name or "the comparison", "reason": reason}
                for t in trials
                for p in phones.values()
                if (reason := _cannot(t, p, programs)) is not None
            ],
            "wall_s": round(result.wall_s, 3),
            "ideal_s": round(result.ideal_s, 3),
            "bytes_pushed": result.bytes_pushed,
            "failures": result.failures,
        }
    )
    return result


def _standing(trial: Trial, phone: PhoneRecord, folder: RunFolder) -> Standing:
    # A copy, since other phones' threads add to it.
    blocks = by_block(list(folder.journal.sessions.values()))
    return standing(trial, folder.meta["run_id"], phone.phone_id, blocks)


def _cannot(trial: Trial, phone: PhoneRecord, programs: Mapping[str, BinaryFile]) -> str | None:
    own = programs.get(phone.phone_id)
    return why_not(trial, phone, own.flavour if own else None)


def _programs(trials: Sequence[Trial], programs: Mapping[str, BinaryFile]) -> list[BinaryFile]:
    arms = [arm for trial in trials for arm in (trial.a, trial.b)]
    return [*(arm.binary for arm in arms if arm.binary), *programs.values()]


def _planned(able: Sequence[tuple[Trial, PhoneRecord]], folder: RunFolder) -> dict[str, int]:
    """Sessions by phone that ran, those of the next batches included."""
    count: Counter[str] = Counter()
    for trial, phone in able:
        found = _standing(trial, phone, folder)
        rounds = found.rounds if found.batch is None else sum(trial.batches()[: found.batch + 1])
        count[phone.phone_id] += ROUND_SESSIONS * rounds
    return dict(count)


def _job(
    order: int,
    trial: Trial,
    phone: PhoneRecord,
    folder: RunFolder,
    programs: Mapping[str, BinaryFile],
    priority: int,
) -> QueuedJob:
    run_id = folder.meta["run_id"]
    first = trial.block(run_id, phone, 0)
    estimate_s = estimate_block_s(first)
    job = Job(first.block_id, run_id, order, priority, phone_id=phone.phone_id, estimate_s=estimate_s)

    def work(record: PhoneRecord, _moves: int) -> PhoneWork | None:
        batch = _standing(trial, record, folder).batch
        if batch is None:
            return None
        own = programs.get(record.phone_id) or trial.a.binary
        assert own is not None, "only arms that bring their programs run on a phone that has none of its own"
        return PhoneWork(trial.block(run_id, record, batch), own)

    return QueuedJob(job, " ".join(filter(None, (phone.phone_id, trial.name))), work)
