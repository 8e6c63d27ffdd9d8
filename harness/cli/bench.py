"""`harness bench`: benchmark models from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import (
    Apk,
    AsJson,
    Binary,
    Device,
    DryRun,
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
    comma_list,
    comma_numbers,
)


def bench(
    models: Annotated[list[Path] | None, typer.Argument(help="One or more .tflite files.", show_default=False)] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Use a model that we bring: an image classifier's work, random weights.")
    ] = False,
    delegate: Annotated[
        str, typer.Option(help="cpu, gpu, nnapi, npu; several with commas; options as gpu:precision=fp32.")
    ] = "cpu,gpu",
    threads: Annotated[str, typer.Option(help="CPU threads; several with commas.")] = "4",
    context: Annotated[str, typer.Option(help="shell, app or both: in adb's shell, in the official app.")] = "shell",
    protocol: Annotated[str, typer.Option(help="quick, standard, energy, sustained or cold.")] = "quick",
    sessions: Annotated[
        int | None, typer.Option(min=1, help="Fresh processes per condition.", show_default="as the protocol has it")
    ] = None,
    until: Annotated[
        float | None, typer.Option(help="Go on until the interval is within so many per cent.", show_default=False)
    ] = None,
    most: Annotated[int, typer.Option(min=3, help="With --until: no more sessions per condition.")] = 20,
    device: Device = None,
    virtual: Virtual = 0,
    binary: Binary = None,
    apk: Apk = None,
    offline: Offline = False,
    check_outputs: Annotated[
        bool, typer.Option("--check-outputs", help="Hold the phone's outputs against the host's, after the timing.")
    ] = False,
    inputs: Annotated[
        Path | None, typer.Option(help="Check them on these inputs (.npz), not on random ones.", show_default=False)
    ] = None,
    details: Annotated[
        str | None, typer.Option(help="memory, operators: sessions of their own for them, after the timing.")
    ] = None,
    num_runs: Annotated[int | None, typer.Option(min=1, help="At least this many timed runs a session.")] = None,
    min_secs: Annotated[float | None, typer.Option(min=0, help="At least this long a timed phase.")] = None,
    warmup_min_secs: Annotated[float | None, typer.Option(min=0, help="At least this long a warm-up.")] = None,
    state: Annotated[
        str, typer.Option(help="Hold phones still: fixed_performance=on,screen=dim,radios=off,…", show_default=False)
    ] = "",
    out: Out = Path("runs"),
    tiers: Tiers = None,
    seed: Seed = 0,
    dry_run: DryRun = False,
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
    """Benchmark MODELs on every connected phone, or on virtual ones, and report per device tier.

    Without further options it takes at most two minutes for models of up to 200 ms. Without a model at hand: --sample.

    Example: harness bench mobilenet.tflite --delegate cpu,gpu --threads 1,4 --virtual 2
    """
    from harness.benchmark.suite import suite_from_flags
    from harness.benchmark.work import OutputsWanted
    from harness.cli.job import JobOptions, run_job
    from harness.phones.state import parse_state

    suite = suite_from_flags(
        _models(models or [], sample=sample),
        delegates=comma_list(delegate, "--delegate"),
        threads=comma_numbers(threads, "--threads"),
        contexts=comma_list(context, "--context"),
        sessions=sessions,
        protocol=protocol,
        repeats=None if until is None else (until, most),
        num_runs=num_runs,
        min_secs=min_secs,
        warmup_min_secs=warmup_min_secs,
        seed=seed,
        outputs=OutputsWanted(inputs) if check_outputs or inputs is not None else None,
        state=parse_state(state),
        details=comma_list(details, "--details") if details is not None else (),
    )
    run_job(
        suite,
        JobOptions(
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
            apk=apk,
            offline=offline,
            tiers=tiers,
            dry_run=dry_run,
            force=force,
            priority=priority,
            as_json=as_json,
        ),
    )


def _models(given: list[Path], *, sample: bool) -> list[Path]:
    from harness.benchmark.sample import sample_model
    from harness.cache import cache_dir
    from harness.errors import UsageError

    if not given and not sample:
        raise UsageError("no model was given", advice="give a .tflite file, or --sample for a model that we bring")
    return [*given, sample_model(cache_dir() / "models")] if sample else given
