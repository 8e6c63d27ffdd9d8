"""`harness compare`: is B slower than A?"""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.options import (
    AsJson,
    Binary,
    Device,
    Faults,
    Force,
    Ledger,
    Offline,
    Out,
    Priority,
    Profiles,
    Rack,
    Rate,
    Seed,
    Tiers,
    Virtual,
    Wait,
)
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.benchmark.suite import Suite
    from harness.cli.job import JobOptions
    from harness.compare.arm import Arm
    from harness.compare.trial import Trial
    from harness.rack.result import RunResult
    from harness.results.folder import RunFolder

#: Without a terminal there is no width to fit into; a log keeps whole rows.
_FILE_WIDTH = 170
Flags = Annotated[
    list[str] | None, typer.Option(help="One more flag of the program for this side, as --name=value; may be repeated.")
]


def compare(
    a: Annotated[
        str, typer.Argument(metavar="A", help="FILE, FILE@DELEGATE as m.tflite@gpu:precision=fp32, or a run.")
    ],
    b: Annotated[str | None, typer.Argument(metavar="[B]", help="The same; default: A once more.")] = None,
    on_device: Annotated[
        bool, typer.Option("--on-device", help="Run both in turns on each phone, and compare pair by pair.")
    ] = False,
    delegate: Annotated[str, typer.Option(help="Of a side that names none; options as gpu:precision=fp32.")] = "cpu",
    threads: Annotated[int, typer.Option(min=1, max=64, help="CPU threads; of one side: FILE@cpu:threads=1.")] = 4,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of A-B-B-A or B-A-A-B: two pairs each.")] = 5,
    margin: Annotated[float, typer.Option(help="Differences of up to this many % count as the same.")] = 2.0,
    until: Annotated[
        float | None, typer.Option(help="Go on until the verdict stands or the interval is within ± this many %.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="With --until: so many rounds at most.")] = 20,
    binary_a: Annotated[Path | None, typer.Option(help="The build of benchmark_model for A.")] = None,
    binary_b: Annotated[Path | None, typer.Option(help="The build of benchmark_model for B.")] = None,
    flag_a: Flags = None,
    flag_b: Flags = None,
    device: Device = None,
    virtual: Virtual = 0,
    binary: Binary = None,
    offline: Offline = False,
    protocol: Annotated[str, typer.Option(help="quick, standard or energy.")] = "quick",
    num_runs: Annotated[int | None, typer.Option(min=1, help="At least this many timed runs a session.")] = None,
    min_secs: Annotated[float | None, typer.Option(min=0, help="At least this long a timed phase.")] = None,
    warmup_min_secs: Annotated[float | None, typer.Option(min=0, help="At least this long a warm-up.")] = None,
    out: Out = Path("runs"),
    resume: Annotated[Path | None, typer.Option(help="Go on with a comparison that was not finished.")] = None,
    tiers: Tiers = None,
    seed: Seed = 0,
    force: Force = False,
    priority: Priority = None,
    profile: Profiles = None,
    rate: Rate = 1.0,
    rack: Rack = None,
    faults: Faults = None,
    ledger: Ledger = None,
    wait: Wait = 60.0,
    as_json: AsJson = False,
) -> None:
    """Say whether B is faster or slower than A on each phone, or the same: both run in turns, so that heat cancels.

    Without --on-device, A and B are the folders of two runs, and their matching rows are compared.

    The verdict is on latency: faster, slower, same (within --margin) or undecided, with the rounds that are missing.
    Exit code 1 where B is slower by more than the margin.

    Example: harness compare --on-device old.tflite new.tflite --rounds 5 --virtual 2
    """
    from harness.benchmark.binary import read_binary
    from harness.cli.job import JobOptions
    from harness.compare.arm import parse_arm
    from harness.compare.trial import Trial, check_trial

    if not on_device:
        _compare_runs(Path(a), Path(b) if b else None, margin, as_json=as_json)
        return
    programs = [read_binary(path) if path else None for path in (binary_a, binary_b)]
    sides = zip(("A", "B"), (a, b or a), programs, (flag_a, flag_b), strict=True)
    arms = [
        parse_arm(name, text, delegate=delegate, threads=threads, binary=program, extra_args=flags or ())
        for name, text, program, flags in sides
    ]
    if protocol in ("sustained", "cold"):
        raise UsageError(f"sides are not compared by protocol {protocol}", advice="choose quick, standard or energy")
    phases = {"protocol": protocol, "num_runs": num_runs, "min_secs": min_secs, "warmup_min_secs": warmup_min_secs}
    suite = suite_of(arms, phases, seed)
    trial = Trial(arms[0], arms[1], suite.work_protocol(), rounds, seed, margin, until, most)
    check_trial(trial)
    options = JobOptions(
        out=out,
        devices=tuple(device or ()),
        virtual=virtual,
        profiles=tuple(profile or ()),
        rate=rate,
        rack=rack,
        faults=faults,
        ledger=ledger,
        wait_s=wait,
        binary=binary,
        offline=offline,
        tiers=tiers,
        force=force,
        priority=priority,
        as_json=as_json,
        resume=resume,
    )
    folder, result = run_on_phones([trial], suite, options, {"compare": _meta(trial)})
    _tell(trial, folder, result, as_json=as_json)


def _compare_runs(base: Path, new: Path | None, margin_pct: float, *, as_json: bool) -> None:
    """Two run folders, row by row."""
    from harness.compare.runs import runs_document, slower_rows
    from harness.results.folder import load_run

    if new is None or not (base.is_dir() and new.is_dir()):
        raise UsageError(
            "without --on-device, A and B are the folders of two runs",
            advice="give --on-device to run two models in turns on each phone",
        )
    if margin_pct <= 0:
        raise UsageError("--margin must be above 0", advice="give the smallest difference that matters to you, in %")
    document = runs_document(load_run(base), load_run(new), margin_pct)
    if as_json:
        _print_json(document)
    else:
        from rich.console import Console

        from harness.compare.runs_words import print_runs

        print_runs(document, Console() if sys.stdout.isatty() else Console(width=_FILE_WIDTH))
    if slower_rows(document):
        raise SystemExit(1)


def suite_of(arms: Sequence[Arm], phases: dict[str, Any], seed: int) -> Suite:
    """The protocol, gates and care of `harness bench` for what the arms run.

    Raises:
        UsageError: an option or a flag that cannot be.
    """
    from harness.benchmark.suite import suite_from_flags
    from harness.benchmark.suite.protocol import OWN_FLAGS, SuiteProtocol, protocol_faults

    for arm in arms:
        for fault in protocol_faults(SuiteProtocol(extra_args=list(arm.extra_args)), OWN_FLAGS):
            raise UsageError(f"--flag-{arm.name.lower()}: {fault.text}", advice=fault.advice)
    return suite_from_flags(
        list(dict.fromkeys(arm.model.path for arm in arms)),
        delegates=list(dict.fromkeys(arm.asked() for arm in arms)),
        threads=list(dict.fromkeys(arm.threads for arm in arms)),
        sessions=1,
        seed=seed,
        **phases,
    )


def run_on_phones(
    trials: Sequence[Trial], suite: Suite, options: JobOptions, meta: dict[str, Any]
) -> tuple[RunFolder, RunResult]:
    """Run trials on the phones that the options choose.

    Args:
        meta: what run.json holds of the trials; a run that is gone on with must hold the same.

    Raises:
        HarnessError: nothing could be run.
    """
    from harness.cli.job import fresh_run_id, phone_binaries, run_meta
    from harness.cli.job_phones import job_phones
    from harness.cli.progress import Progress
    from harness.cli.site import make_site
    from harness.clock import RateClock
    from harness.compare.run import run_trials
    from harness.results.folder import RunFolder

    arms = [arm for trial in trials for arm in (trial.a, trial.b)]
    with contextlib.ExitStack() as stack:
        folder = _resumed(options.resume, {**meta, "suite": suite.measured()})
        phones = job_phones(suite, options, folder, stack)
        own = any(arm.binary is None for arm in arms)
        programs = phone_binaries(phones.seen, [arm.model for arm in arms], options, stack) if own else {}
        if folder is None:
            whole = {**run_meta(options), **meta, "suite": suite.measured(), "seed": suite.seed}
            folder = RunFolder.create(options.out, fresh_run_id(), whole)
        run_id = folder.meta["run_id"]
        site = make_site(phones, RateClock(options.rate), suite, run_id, stack, folder.path)
        count = len(phones.seen)
        first = sum(t.first_sessions() for t in trials) * count - len(folder.journal.sessions)
        # A service that is stopped ends as Ctrl-C does: phones are restored and given back.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with Progress(max(first, 0), count) as progress:
            result = run_trials(
                trials,
                folder,
                site,
                phones.seen,
                programs,
                on_session=progress.session,
                on_note=progress.note,
                on_more=lambda _job_id, sessions: progress.more(sessions),
                force=options.force,
                priority=options.priority or 0,
            )
    return folder, result


def _resumed(path: Path | None, meta: dict[str, Any]) -> RunFolder | None:
    """The comparison to go on with, which must have been of the same arms."""
    from harness.results.folder import RunFolder

    if path is None:
        return None
    folder = RunFolder.resume(path)
    for key, value in meta.items():
        if folder.meta.get(key) != value:
            raise UsageError(
                f"{path} is another comparison (see {key} in its run.json)",
                advice="give the arms and options that it was started with",
            )
    return folder


def _meta(trial: Trial) -> dict[str, Any]:
    from harness.compare.run import trial_meta

    return trial_meta(trial)


def _tell(trial: Trial, folder: RunFolder, result: RunResult, *, as_json: bool) -> None:
    from harness.compare.document import compare_document, slower
    from harness.results.folder import load_run

    document = compare_document(trial, load_run(folder.path))
    if as_json:
        _print_json(document)
    else:
        from rich.console import Console

        from harness.compare.words import print_comparison

        for phone_id, why in sorted(result.failures.items()):
            print(f"{phone_id} did not finish: {why}")
        print_comparison(document, Console() if sys.stdout.isatty() else Console(width=_FILE_WIDTH))
        print(folder.path)
    if result.interrupted:
        raise SystemExit(130)
    if result.failures or slower(document):
        raise SystemExit(1)


def _print_json(document: dict[str, Any]) -> None:
    import json

    print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
