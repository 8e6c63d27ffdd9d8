"""`harness rack selftest`: equal artefacts on each phone, and what differences it can show."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.options import AsJson, Faults, Ledger, Offline, Out, Priority, Profiles, Rack, Rate, Seed, Virtual

if TYPE_CHECKING:
    from rich.console import Console

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

        for phone_id, why in sorted(result.failures.items()):
            print(f"{phone_id} did not finish: {why}")
        _print(document, Console() if sys.stdout.isatty() else Console(width=170))
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


def _print(document: dict[str, Any], console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    from harness.compare.words import change, change_interval
    from harness.report.words import NOT_MEASURED, number, phone_names, provenance_note

    rows = document["rows"]
    if note := provenance_note(document):
        console.print(Text(note, style="bold"))
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name in ("phone", "test", "result") else "right")
    names, before = phone_names(rows), None
    for row in rows:
        effect, took = row["smallest_effect_pct"], row["took_s"]
        cells = (
            "" if row["phone_id"] == before else names[row["phone_id"]],
            f"{row['test'].replace('a/a', 'A/A')} on the {row['delegate'].upper()}",
            change(row["ratio"]),
            change_interval(row["ci95"]),
            number(row["spread_pct"], "%"),
            f"{effect:.1f} %" if effect is not None and row["test"] == "a/a" else NOT_MEASURED,
            str(row["pairs"]),
            NOT_MEASURED if took is None else f"{took:.0f} s",
            _result(row),
        )
        table.add_row(*(Text(c) for c in cells))
        before = row["phone_id"]
    console.print(table)
    for line in _remarks(rows, names):
        console.print(Text(line, style="dim"))
    console.print(Text(_closing(document)))


def _result(row: dict[str, Any]) -> str:
    if row["ratio"] is None:
        return f"not tested: {row['reason']}"
    if row["test"] != "a/a":
        return {"slower": "slower with more work", "faster": "faster with more work"}.get(
            row["verdict"], row["verdict"]
        )
    return "equal measures equal" if row["covers_1"] else "EQUAL MEASURES UNEQUAL"


def _remarks(rows: list[dict[str, Any]], names: dict[str, str]) -> list[str]:
    from harness.report.words import plural

    lines = []
    for row in rows:
        where = f"{names[row['phone_id']]}, {row['test'].replace('a/a', 'A/A')} on the {row['delegate'].upper()}"
        if row["flags"]:
            flags = ", ".join(f"{name} in {count}" for name, count in row["flags"].items())
            lines.append(f"{where}: of {plural(2 * row['pairs'], 'session')} {flags}")
        lines += [f"{where}: {plural(n, 'pair')} left out, {why}" for why, n in row["dropped"].items() if row["pairs"]]
    energy = [r["energy"] for r in rows if r["test"] != "a/a"]
    if energy and all(e["ratio"] is None for e in energy):
        lines.append(f"Energy with doubled work: {energy[0]['reason']}")
    return lines


def _closing(document: dict[str, Any]) -> str:
    from harness.report.words import phone_names, plural

    rows = document["rows"]
    tested = [r for r in rows if r["covers_1"] is not None]
    phones, names = {r["phone_id"] for r in tested}, phone_names(rows)
    if not tested:
        return "No phone could be tested."
    failed = document["failed"]
    if failed:
        which = ", ".join(names[p] for p in failed)
        return (
            f"Do not trust comparisons on {which}: there equal artefacts measure unequal. "
            f"{len(phones) - len(failed)} of {plural(len(phones), 'phone')} are sound."
        )
    cpu = [r for r in tested if r["smallest_effect_pct"] is not None]
    worst = max(cpu, key=lambda r: r["smallest_effect_pct"])
    return (
        f"Equal artefacts measure equal on {plural(len(phones), 'phone')}. With {worst['pairs']} pairs, differences from "
        f"{worst['smallest_effect_pct']:.1f} % on show 8 times in 10 everywhere "
        f"(worst: {names[worst['phone_id']]}, {worst['delegate'].upper()})."
    )
