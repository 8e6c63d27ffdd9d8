"""What `bench` and `run` share: phones, plan, run, report."""

from __future__ import annotations

import contextlib
import logging
import signal
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentFault, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.accuracy.asked import Asked
    from harness.accuracy.checks import OutputChecks
    from harness.benchmark.plan import Plan
    from harness.benchmark.planned import PlannedJob
    from harness.benchmark.suite import Suite
    from harness.benchmark.work import BinaryFile, ModelFile
    from harness.rack.controller import QueuedJob
    from harness.rack.gather import Seen
    from harness.rack.result import RunResult
    from harness.rack.site import Site
    from harness.records import PhoneRecord
    from harness.results.folder import RunFolder
    from harness.stats.sequential import Repeats


log = logging.getLogger("harness.job")


@dataclass(frozen=True)
class JobOptions:
    """The options of `bench` and `run` that are no part of the suite."""

    out: Path
    devices: tuple[str, ...] = ()
    virtual: int = 0
    profiles: tuple[str, ...] = ()
    rate: float = 1.0
    rack: Path | None = None
    faults: Path | None = None
    ledger: Path | None = None
    wait_s: float = 60.0
    binary: Path | None = None
    apk: Path | None = None
    offline: bool = False
    tiers: Path | None = None
    dry_run: bool = False
    force: bool = False
    priority: int | None = None
    as_json: bool = False
    resume: Path | None = None


def run_job(suite: Suite, options: JobOptions) -> None:
    """Run `suite` and print its report; the path of the run folder is the last line.

    Raises:
        SystemExit: 1 where a job failed, 130 where it was interrupted (contract.md).
        HarnessError: nothing could be run.
    """
    from harness.cli.job_phones import job_phones
    from harness.cli.site import make_site
    from harness.clock import RateClock

    models = suite.model_files()
    asked = _asked(suite, models)
    with contextlib.ExitStack() as stack:
        folder = _resumed(suite, models, asked, options)
        phones = job_phones(suite, options, folder, stack)
        seen = phones.seen
        binaries = phone_binaries(seen, models, options, stack)
        apps = _apps(seen, suite, options, stack)
        run_id = folder.meta["run_id"] if folder else fresh_run_id()
        plan = _plan(suite, models, asked, seen, binaries, run_id, phones.wanted)
        if options.dry_run:
            from harness.cli.plan_text import show_plan

            show_plan(plan, options.as_json)
            return
        # Made only now, so that what could not start leaves no folder behind.
        folder = folder or _new_folder(suite, models, asked, options, run_id)
        check = _check(folder, models, asked, suite.protocol.extra_args)
        clock = RateClock(options.rate)
        site = make_site(phones, clock, suite, run_id, stack, folder.path)
        priority = suite.priority if options.priority is None else options.priority
        result = _execute(
            plan,
            seen,
            binaries,
            apps,
            folder,
            site,
            check,
            force=options.force,
            priority=priority,
            repeats=suite.wanted_repeats(),
        )
    _finish(result, options)


def _asked(suite: Suite, models: list[ModelFile]) -> dict[str, Asked]:
    """What outputs are checked on, by the sha256 of each model."""
    wanted = suite.outputs_wanted()
    if not wanted:
        return {}
    from harness.accuracy.asked import read_asked

    return read_asked(wanted, models)


def _check(
    folder: RunFolder, models: list[ModelFile], asked: dict[str, Asked], extra_args: list[str]
) -> OutputChecks | None:
    """What the phones' outputs are held against; the host runs every model for it."""
    if not asked:
        return None
    from harness.accuracy.checks import OutputChecks
    from harness.report.words import plural

    log.info("Running %s on this machine, to hold the phones' outputs against", plural(len(asked), "model"))
    check = OutputChecks(folder.path, models, asked, extra_args)
    names = {m.sha256: f"{m.name} {m.variant}".strip() for m in models}
    for digest, reason in check.reasons().items():
        print(f"The outputs of {names[digest]} are not checked: {reason}", file=sys.stderr)
    return check


def _resumed(suite: Suite, models: list[ModelFile], asked: dict[str, Asked], options: JobOptions) -> RunFolder | None:
    """The run to go on with, which must have been of the same suite: a session's id is only its place in the plan."""
    from harness.results.folder import RunFolder

    if options.resume is None:
        return None
    folder = RunFolder.resume(options.resume)
    for key, value in _suite_meta(suite, models, asked).items():
        if folder.meta.get(key) != value:
            raise UsageError(
                f"{options.resume} is a run of another suite (see {key} in its run.json)",
                advice="give the suite file and the models that it was started with",
            )
    return folder


def _suite_meta(suite: Suite, models: list[ModelFile], asked: dict[str, Asked]) -> dict[str, Any]:
    """A suite as run.json keeps it: models and inputs by content, as their paths may differ on a resume."""
    checks = {digest[:12]: one.meta() for digest, one in asked.items()}
    return {
        **({"outputs": checks} if checks else {}),
        "suite": suite.measured(),
        "models": [{"name": m.name, "variant": m.variant, "file": m.path.name, "sha256": m.sha256} for m in models],
    }


def _protocol_meta(suite: Suite) -> dict[str, Any]:
    """The suite's protocol in words, and what it changes of it."""
    from harness.benchmark.protocols import PROTOCOLS, changed

    named = PROTOCOLS[suite.protocol.name]
    return {"name": named.name, "help": named.help, "changed": changed(named.name, suite.protocol.model_dump())}


def _accuracy(suite: Suite, models: list[ModelFile]) -> dict[str, Any]:
    """sha256 of a model to its accuracy on the host, of those that were evaluated."""
    from harness.results.accuracy import FILE, read_accuracy

    named = suite.accuracy_files()
    files: dict[Path, list[ModelFile]] = {}
    for model in models:
        files.setdefault(named.get(model.path) or model.path.parent / FILE, []).append(model)
    found: dict[str, Any] = {}
    for file, judged in files.items():
        asked_for = file in named.values()
        if not asked_for and not file.is_file():
            continue
        try:
            found |= read_accuracy(file, [m.sha256 for m in judged])
        except UsageError as error:
            if asked_for:
                raise
            log.warning("%s: the report has no accuracy", error)
    return found


def fresh_run_id() -> str:
    """The name of a run that begins now."""
    import datetime
    import secrets

    from harness.results.folder import new_run_id

    return new_run_id(datetime.datetime.now(datetime.UTC), secrets.token_hex(8))


def _new_folder(
    suite: Suite, models: list[ModelFile], asked: dict[str, Asked], options: JobOptions, run_id: str
) -> RunFolder:
    from harness.results.folder import RunFolder

    meta = {
        **run_meta(options),
        **_suite_meta(suite, models, asked),
        "protocol": _protocol_meta(suite),
        # As it is known now: what is evaluated later changes no run.
        "accuracy": _accuracy(suite, models),
        "seed": suite.seed,
    }
    return RunFolder.create(options.out, run_id, meta)


def run_meta(options: JobOptions) -> dict[str, Any]:
    """What run.json says of any run that begins now, whatever it runs."""
    import datetime
    import platform

    from harness import __version__

    return {
        "harness": __version__,
        "python": platform.python_version(),
        "host": platform.platform(),
        "started": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "argv": sys.argv[1:],
        "clock_rate": options.rate,
        "finished": False,
    }


def phone_binaries(
    seen: Sequence[Seen], models: Sequence[ModelFile], options: JobOptions, stack: contextlib.ExitStack
) -> dict[str, BinaryFile]:
    """phone_id to its program. A plan can be shown without."""
    from harness.cli.program import choose_binary, flavour_for

    # Showing a plan fetches nothing. Phones of the same ABIs share one look into the store.
    offline = options.offline or options.dry_run
    shared: dict[tuple[str, ...], BinaryFile] = {}
    flavour = flavour_for(model.path for model in models)
    found = {}
    for record in (s.probe.record for s in seen if s.probe):
        try:
            found[record.phone_id] = choose_binary(record, options.binary, stack, offline, shared, flavour)
        except EnvironmentFault:
            if not options.dry_run:
                raise
    return found


def _apps(seen: list[Seen], suite: Suite, options: JobOptions, stack: contextlib.ExitStack) -> dict[str, BinaryFile]:
    """phone_id to its benchmark app, where the suite has sessions in it."""
    from harness.cli.program import choose_app

    if "app" not in suite.contexts:
        if options.apk is not None:
            raise UsageError(
                "--apk is for sessions in the app", advice="add --context shell,app, or contexts to the suite"
            )
        return {}
    shared: dict[tuple[str, ...], BinaryFile] = {}
    records = [s.probe.record for s in seen if s.probe] if not options.dry_run else []
    return {r.phone_id: choose_app(r, options.apk, stack, options.offline, shared) for r in records}


def _plan(
    suite: Suite,
    models: list[ModelFile],
    asked: dict[str, Asked],
    seen: list[Seen],
    binaries: dict[str, BinaryFile],
    run_id: str,
    wanted: tuple[str, ...],
) -> Plan:
    from harness.benchmark.plan import make_plan
    from harness.benchmark.selectors import parse_selectors

    plan = make_plan(
        models,
        [s.probe.record for s in seen if s.probe],
        delegates=suite.delegates,
        threads=suite.threads,
        sessions=suite.least_sessions,
        protocol=suite.work_protocol(),
        seed=suite.seed,
        run_id=run_id,
        flavours={phone_id: binary.flavour for phone_id, binary in binaries.items()},
        samples={digest: one.count for digest, one in asked.items()},
        contexts=suite.contexts,
        details=suite.detail_kinds(),
        spread=suite.spread(),
        selectors=parse_selectors(wanted),
    )
    for line in plan.skipped_lines():
        print(line, file=sys.stderr)
    if not plan.sessions:
        raise EnvironmentFault("no phone can run any of it", advice="see the reasons above")
    return plan


def _execute(
    plan: Plan,
    seen: list[Seen],
    binaries: dict[str, BinaryFile],
    apps: dict[str, BinaryFile],
    folder: RunFolder,
    site: Site,
    check: OutputChecks | None,
    *,
    force: bool,
    priority: int,
    repeats: Repeats | None,
) -> RunResult:
    from harness.cli.progress import Progress
    from harness.rack.controller import Controller
    from harness.records import PhoneRecord, from_json, to_json
    from harness.report.words import plural
    from harness.results.folder import phones_meta

    ids = {phone_id for job in plan.jobs for phone_id in job.phones}
    records = [s.probe.record for s in seen if s.probe and s.probe.record.phone_id in ids]
    before = {p["phone_id"]: from_json(PhoneRecord, p) for p in folder.meta.get("phones", [])}
    # A run that is gone on with may have grown beyond its first plan.
    planned, counts = folder.meta.get("planned", {}), {_planned_for(j): len(j.typical.sessions) for j in plan.jobs}
    folder.write_meta(
        {
            "phones": _first_seen(folder.meta.get("phones", []), phones_meta(records)),
            "planned": {**planned, **{n: max(planned.get(n, 0), count) for n, count in counts.items()}},
            "binaries": {b.sha256: b.name or b.path.name for b in (*binaries.values(), *apps.values())},
            "skipped": [to_json(s) for s in plan.skipped],
        }
    )
    count = f"{plan.words()} on {plural(len(records), 'phone')}"
    log.info("%s, %.0f s or more", count, plan.estimate_s())
    left = plan.sessions - len(folder.journal.sessions)
    with Progress(left, len(records)) as progress:
        orders = site.book.orders(len(plan.jobs)) if site.book else range(len(plan.jobs))
        jobs = [
            _queued(n, job, plan, folder, binaries, apps, check, priority, repeats)
            for n, job in zip(orders, plan.jobs, strict=True)
        ]
        names = {job.job_id: _planned_for(job) for job in plan.jobs}

        def more(job_id: str, sessions: int) -> None:
            count = folder.meta["planned"]
            folder.write_meta({"planned": {**count, names[job_id]: count[names[job_id]] + sessions}})
            progress.more(sessions)

        controller = Controller(site, folder, jobs, on_session=progress.session, on_note=progress.note, on_more=more)
        for one in seen:
            controller.roster.add(one, before.get(one.phone_id or ""), force=force)
        # A service that is stopped ends as Ctrl-C does: phones are restored and given back.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        result = controller.run()
    folder.finish(
        {
            "finished": not result.interrupted and not _unfinished(folder, {_planned_for(j) for j in plan.jobs}),
            "wall_s": round(result.wall_s, 3),
            "ideal_s": round(result.ideal_s, 3),
            "bytes_pushed": result.bytes_pushed,
            "failures": {**_elsewhere(folder.meta.get("failures", {}), ids), **result.failures},
        }
    )
    return result


def _first_seen(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Phones of a run that is gone on with, each as it was when the run first had it: its figures were taken then."""
    by_id = {p["phone_id"]: p for p in [*now, *before]}
    return [by_id[phone_id] for phone_id in sorted(by_id)]


def _elsewhere(values: dict[str, Any], ids: set[str]) -> dict[str, Any]:
    return {phone_id: value for phone_id, value in values.items() if phone_id not in ids}


def _planned_for(job: PlannedJob) -> str:
    """What run.json counts planned sessions by: the phone, or the job of one for any phone of a group."""
    return job.phone_id or job.job_id


def _unfinished(folder: RunFolder, here: set[str]) -> bool:
    """Whether a phone or group that takes no part this time still has sessions to run."""
    from harness.benchmark.adaptive import first_block_id

    sessions = folder.journal.sessions.values()
    counts = Counter(s.phone_id for s in sessions) + Counter(first_block_id(s.block_id) for s in sessions)
    left = _elsewhere(folder.meta.get("planned", {}), here)
    return any(counts[name] < planned for name, planned in left.items())


def _queued(
    order: int,
    planned: PlannedJob,
    plan: Plan,
    folder: RunFolder,
    binaries: dict[str, BinaryFile],
    apps: dict[str, BinaryFile],
    check: OutputChecks | None,
    priority: int,
    repeats: Repeats | None,
) -> QueuedJob:
    from harness.benchmark.adaptive import next_block
    from harness.benchmark.plan import estimate_block_s
    from harness.rack.controller import QueuedJob
    from harness.rack.jobs import Job
    from harness.rack.perform import PhoneWork

    blocks = {block_id: start.phone_id for block_id, start in folder.journal.blocks.items()}
    attempt, phone_id = 1, planned.phone_id
    begun = planned.begun(blocks)
    if begun and phone_id is None:
        # What an earlier command began goes on where it is, or anew on another phone where that one is gone.
        attempt, phone_id = begun if begun[1] in planned.phones else (begun[0] + 1, None)
    others = [job.begun(blocks) for job in plan.jobs if job is not planned and job.group and job.group == planned.group]
    job = Job(
        planned.job_id,
        folder.meta["run_id"],
        order,
        priority,
        phone_id=phone_id,
        wanted=planned.wanted,
        apart=planned.group,
        avoid=planned.avoid | {other[1] for other in others if other},
        estimate_s=estimate_block_s(planned.typical),
    )

    def work(record: PhoneRecord, moves: int) -> PhoneWork | None:
        # A copy, since other phones' threads add to it.
        so_far = list(folder.journal.sessions.values())
        block = next_block(planned, record, attempt + moves, so_far, repeats)
        app = apps.get(record.phone_id)
        return None if block is None else PhoneWork(block, binaries[record.phone_id], check, app)

    return QueuedJob(job, planned.name, work)


def _finish(result: RunResult, options: JobOptions) -> None:
    from harness.cli.evidence import evidence_lines
    from harness.records import RESULT_OUTCOMES
    from harness.report.document import build_document
    from harness.results.folder import load_run

    run = load_run(result.folder)
    document = build_document(run)
    if options.as_json:
        import json

        print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from harness.cli.report import render
        from harness.report.terminal import print_report
        from harness.report.verdict import verdicts

        print_report(document)
        page = result.folder / "report.html"
        page.write_text(render(document, "html", run), encoding="utf-8")
        for phone_id, why in sorted(result.failures.items()):
            print(f"{phone_id} did not finish: {why}")
        print(f"Page: {page}")
        for sentence in verdicts(document):
            print(sentence)
        print(result.folder)
    for line in evidence_lines(run):
        print(line, file=sys.stderr, flush=True)
    if result.interrupted:
        raise SystemExit(130)
    if result.failures or any(s.outcome not in RESULT_OUTCOMES for s in run.sessions):
        raise SystemExit(1)
