"""`harness run`: benchmark what a suite file says."""

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
    Tiers,
    Virtual,
    Wait,
)


def run(
    suite: Annotated[Path, typer.Argument(help="A suite file (YAML); see `harness schema suite`.")],
    device: Device = None,
    virtual: Virtual = 0,
    binary: Binary = None,
    apk: Apk = None,
    offline: Offline = False,
    out: Out = Path("runs"),
    resume: Annotated[Path | None, typer.Option(help="Go on with this run folder: only what is missing runs.")] = None,
    tiers: Tiers = None,
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
    """Benchmark the models of SUITE on every matching phone, and report per device tier.

    Example: harness run suite.yaml --virtual 8 --out runs
    """
    from harness.benchmark.suite import load_suite
    from harness.cli.job import JobOptions, run_job

    run_job(
        load_suite(suite),
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
            resume=resume,
        ),
    )
