"""What `bench` and `run` share: phones, plan, run, report."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.adb.server import AdbServer
    from harness.benchmark.plan import Plan
    from harness.benchmark.suite import Suite
    from harness.benchmark.work import Block, ModelFile
    from harness.rack.gather import Seen
    from harness.rack.run import Assignment, RunResult
    from harness.results.folder import RunFolder


@dataclass(frozen=True)
class JobOptions:
    """The options of `bench` and `run` that are no part of the suite."""

    out: Path
    devices: tuple[str, ...] = ()
    virtual: int = 0
    profiles: tuple[str, ...] = ()
    rate: float = 1.0
    binary: Path | None = None
    tiers: Path | None = None
    dry_run: bool = False
    force: bool = False
    as_json: bool = False
    resume: Path | None = None


def run_job(suite: Suite, options: JobOptions) -> None:
    """Run `suite` and print its report; the path of the run folder is the last line.

    Raises:
        SystemExit: 1 where a job failed, 130 where it was interrupted (contract.md).
        HarnessError: nothing could be run.
    """
    from harness.cli.select import usable
    from harness.phones.tiers import load_rules

    rules = load_rules(options.tiers)
    models = suite.model_files()
    with contextlib.ExitStack() as stack:
        folder = _open_folder(suite, options, dry_run=options.dry_run)
        server = stack.enter_context(_server(options, suite.seed))
        seen = usable(server, rules, options.devices or tuple(suite.devices))
        run_id = folder.meta["run_id"] if folder else "plan"
        plan = _plan(suite, models, seen, run_id)
        if folder is None:
            _show_plan(plan, options.as_json)
            return
        result = _execute(plan, seen, folder, options, stack)
    _finish(result, options)


@contextlib.contextmanager
def _server(options: JobOptions, seed: int) -> Iterator[AdbServer]:
    if options.virtual or options.profiles:
        from harness.cli.virtual_rack import virtual_server

        names = list(options.profiles)
        with virtual_server(options.virtual, profiles=names, rate=options.rate, seed=seed) as server:
            yield server
        return
    from harness.adb.server import AdbServer

    with AdbServer.from_environment() as server:
        yield server


def _open_folder(suite: Suite, options: JobOptions, *, dry_run: bool) -> RunFolder | None:
    from harness.results.folder import RunFolder, new_run_id

    if options.resume is not None:
        return RunFolder.resume(options.resume)
    if dry_run:
        return None
    import datetime
    import platform
    import secrets

    from harness import __version__

    now = datetime.datetime.now(datetime.UTC)
    meta = {
        "harness": __version__,
        "python": platform.python_version(),
        "host": platform.platform(),
        "started": now.isoformat(timespec="seconds"),
        "argv": sys.argv[1:],
        "suite": suite.model_dump(mode="json"),
        "seed": suite.seed,
        "clock_rate": options.rate,
        "finished": False,
    }
    return RunFolder.create(options.out, new_run_id(now, secrets.token_hex(8)), meta)


def _plan(suite: Suite, models: list[ModelFile], seen: list[Seen], run_id: str) -> Plan:
    from harness.benchmark.plan import make_plan

    plan = make_plan(
        models,
        [s.probe.record for s in seen if s.probe],
        delegates=suite.delegates,
        threads=suite.threads,
        sessions=suite.sessions,
        protocol=suite.work_protocol(),
        seed=suite.seed,
        run_id=run_id,
    )
    for line in plan.skipped_lines():
        print(line, file=sys.stderr)
    return plan


def _show_plan(plan: Plan, as_json: bool) -> None:
    from harness.benchmark.plan import estimate_block_s

    if as_json:
        import json

        from harness.records import to_json

        rows = [
            {
                "phone_id": b.phone_id,
                "estimate_s": estimate_block_s(b),
                "sessions": [{"index": s.index, "repeat": s.repeat, **to_json(s.key)} for s in b.sessions],
            }
            for b in plan.blocks
        ]
        print(json.dumps({"schema": 1, "estimate_s": plan.estimate_s(), "rows": rows}, indent=2))
        return
    for block in plan.blocks:
        print(f"{block.phone_id}: {len(block.sessions)} sessions, at least {estimate_block_s(block):.0f} s")
        for session in block.sessions:
            key = session.key
            options = " ".join(f"{k}={v}" for k, v in key.options.items())
            words = (key.model, key.variant, key.delegate, options, f"{key.threads} threads")
            print(f"  {session.index:4d}  {' '.join(w for w in words if w)}")
    print(f"{plan.sessions} sessions on {len(plan.blocks)} phones, at least {plan.estimate_s():.0f} s.")


def _execute(
    plan: Plan, seen: list[Seen], folder: RunFolder, options: JobOptions, stack: contextlib.ExitStack
) -> RunResult:
    from harness.cli.progress import Progress
    from harness.clock import RateClock
    from harness.rack.run import run_assignments
    from harness.results.folder import phones_meta

    by_id = {s.probe.record.phone_id: s for s in seen if s.probe}
    assignments = [_assign(block, by_id[block.phone_id], folder, options, stack) for block in plan.blocks]
    records = [a.record for a in assignments]
    binaries = {a.binary.sha256: a.binary.path.name for a in assignments}
    folder.write_meta({"phones": phones_meta(records), "binaries": binaries})
    with Progress(sum(len(a.block.sessions) for a in assignments), len(assignments)) as progress:
        result = run_assignments(
            assignments,
            folder,
            clock=RateClock(options.rate if options.virtual or options.profiles else 1.0),
            on_session=progress.session,
            on_note=progress.note,
        )
    folder.finish(
        {
            "finished": not result.interrupted,
            "wall_s": round(result.wall_s, 3),
            "ideal_s": round(result.ideal_s, 3),
            "bytes_pushed": result.bytes_pushed,
            "failures": result.failures,
        }
    )
    return result


def _assign(
    block: Block, seen: Seen, folder: RunFolder, options: JobOptions, stack: contextlib.ExitStack
) -> Assignment:
    import dataclasses

    from harness.benchmark.session import Surroundings
    from harness.cli.program import choose_binary
    from harness.rack.run import Assignment

    assert seen.phone is not None and seen.probe is not None
    probe = seen.probe
    done = {s.session_id for s in folder.journal.sessions.values()}
    left = tuple(s for s in block.sessions if block.session_id(s.index) not in done)
    around = Surroundings(probe.nodes, probe.thermal_service, probe.mem_available_kb, options.force)
    binary = choose_binary(probe.record, options.binary, stack)
    return Assignment(seen.phone, probe.record, dataclasses.replace(block, sessions=left), binary, around)


def _finish(result: RunResult, options: JobOptions) -> None:
    from harness.records import RESULT_OUTCOMES
    from harness.report.document import build_document
    from harness.results.folder import load_run

    run = load_run(result.folder)
    document = build_document(run)
    if options.as_json:
        import json

        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        from harness.cli.report import render
        from harness.report.terminal import print_report

        print_report(document)
        page = result.folder / "report.html"
        page.write_text(render(document, "html", run), encoding="utf-8")
        for phone_id, why in sorted(result.failures.items()):
            print(f"{phone_id} did not finish: {why}")
        print(f"Page: {page}")
        print(result.folder)
    if result.interrupted:
        raise SystemExit(130)
    if result.failures or any(s.outcome not in RESULT_OUTCOMES for s in run.sessions):
        raise SystemExit(1)
