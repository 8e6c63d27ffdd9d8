"""`harness rack selftest`: equal artefacts on each phone, and what differences it can show."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import AsJson, Faults, Ledger, Offline, Out, Priority, Profiles, Rack, Rate, Seed, Virtual

if TYPE_CHECKING:
    from harness.rack.rackfile import RackFile

_COLUMNS = (
    "phone",
    "test",
    "B against A",
    "95 % interval",
    "between sessions",
    "shows from",
    "pairs",
    "took",
    "result",
)


def selftest(
    phone: Annotated[
        list[str] | None, typer.Argument(metavar="[PHONE]…", help="A phone_id, serial, slot or label. Default: all.")
    ] = None,
    virtual: Virtual = 0,
    rounds: Annotated[int, typer.Option(min=2, help="Rounds of four sessions a test: two pairs each.")] = 5,
    delegate: Annotated[str, typer.Option(help="What to test; one that a phone refuses is said.")] = "cpu,gpu",
    num_runs: Annotated[int | None, typer.Option(min=1, help="At least this many timed runs a session.")] = None,
    min_secs: Annotated[float | None, typer.Option(min=0, help="At least this long a timed phase.")] = None,
    offline: Offline = False,
    out: Out = Path("runs"),
    seed: Seed = 0,
    priority: Priority = None,
    profile: Profiles = None,
    rate: Rate = 1.0,
    rack: Rack = None,
    faults: Faults = None,
    ledger: Ledger = None,
    as_json: AsJson = False,
) -> None:
    """Run one model against itself on each phone: equal must measure equal, and how well it does is what a phone shows.

    The rack remembers each phone's noise (harness rack list). Exit code 1 where equal artefacts measure unequal.

    Example: harness rack selftest --virtual 2 --rounds 5
    """
    import time

    from harness.benchmark.models import read_model
    from harness.benchmark.sample import sample_model
    from harness.cache import cache_dir
    from harness.cli.compare import run_on_phones, suite_of
    from harness.cli.job import JobOptions
    from harness.cli.options import comma_list
    from harness.compare.arm import Arm
    from harness.compare.run import trial_meta
    from harness.compare.selftest import noises, selftest_document, selftest_trials
    from harness.rack.noise import remember_noise
    from harness.rack.rackfile import load_rack
    from harness.rack.state_files import StateFolder
    from harness.results.folder import load_run

    rack_file = load_rack(rack)
    model = read_model(sample_model(cache_dir() / "models"))
    delegates = list(dict.fromkeys(comma_list(delegate, "--delegate")))
    arms = [Arm("A", model, name) for name in delegates]
    suite = suite_of(arms, {"num_runs": num_runs, "min_secs": min_secs}, seed)
    trials = selftest_trials(model, suite.work_protocol(), delegates=delegates, rounds=rounds, seed=seed)
    options = JobOptions(
        out=out,
        devices=tuple(_selector(word, rack_file) for word in phone or ()),
        virtual=virtual,
        profiles=tuple(profile or ()),
        rate=rate,
        rack=rack,
        faults=faults,
        ledger=ledger,
        offline=offline,
        priority=priority,
        as_json=as_json,
    )
    folder, result = run_on_phones(trials, suite, options, {"selftest": [trial_meta(t) for t in trials]})
    document = selftest_document(trials, load_run(folder.path))
    if not virtual and not profile:  # those are gone with this command
        remember_noise(StateFolder(rack_file.state_folder), noises(document, model.sha256, time.time()))
    if as_json:
        import json

        print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from rich.console import Console

        from harness.compare.selftest_words import print_selftest

        for phone_id, why in sorted(result.failures.items()):
            print(f"{phone_id} did not finish: {why}")
        print_selftest(document, Console() if sys.stdout.isatty() else Console(width=170))
        print(folder.path)
    if result.interrupted:
        raise SystemExit(130)
    if result.failures or document["failed"]:
        raise SystemExit(1)


def _selector(word: str, rack: RackFile) -> str:
    """What `--device` takes for a phone's slot, label, id or address."""
    for phone in rack.phones:
        if phone.slot == word:
            return phone.phone_id
    return f"label={word}" if any(word in phone.labels for phone in rack.phones) else word
