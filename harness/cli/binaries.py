"""`harness binaries`: official and own builds of the benchmark programs."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import AsJson, Offline
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.benchmark.store.download import OnBytes

app = typer.Typer(
    no_args_is_help=True,
    help="Builds of the benchmark programs: fetch, pin, check. Example: harness binaries fetch --abi arm64-v8a",
)
Sources = Annotated[
    Path | None,
    typer.Option("--sources", envvar="HARNESS_BINARIES", help="Addresses of your own (like binaries.toml)."),
]
Lock = Annotated[Path | None, typer.Option("--lock", help="The project's lock, else ./binaries/binaries.lock.")]
Flavour = Annotated[str | None, typer.Option("--flavour", help="tflite, tflite-plus-flex, litert or tflite-apk.")]
AbiOption = Annotated[str | None, typer.Option("--abi", help="arm64-v8a, armeabi-v7a or x86_64.")]


def say(line: str) -> None:
    """A line for people."""
    print(line, file=sys.stderr)


@contextlib.contextmanager
def byte_bar() -> Iterator[OnBytes | None]:
    """A progress bar for one download on a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)


@app.command("list")
def list_(sources: Sources = None, lock: Lock = None, as_json: AsJson = False) -> None:
    """List every build: where it lives, what it is pinned to, whether it is here. Example: harness binaries list"""
    from harness.benchmark.store.store import Store
    from harness.benchmark.store.survey import list_rows

    rows = list_rows(Store.open(sources, lock))
    if as_json:
        print(json.dumps({"schema": 1, "rows": rows}, indent=2, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console() if sys.stdout.isatty() else Console(width=240)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("flavour", "abi", "build", "sha256", "here", "MB", "since", "address"):
        table.add_column(name, justify="right" if name == "MB" else "left", overflow="fold")
    for r in rows:
        name = (r["name"] or "") + (" (used)" if r["preferred"] else "")
        size = f"{r['size_bytes'] / 1e6:.1f}" if r["size_bytes"] is not None else ""
        where = r["address"] or r["from"] or f"none: {r['note']}"
        cells = (r["flavour"], r["abi"], name, (r["sha256"] or "")[:12], "yes" if r["present"] else "no", size)
        table.add_row(*(Text(c) for c in (*cells, r["fetched"] or "", where)))
    console.print(table)
    print(f"{sum(r['present'] for r in rows)} builds are here.")


@app.command()
def fetch(
    abi: AbiOption = "arm64-v8a",
    flavour: Flavour = "tflite",
    offline: Offline = False,
    update: Annotated[bool, typer.Option("--update", help="Take and pin what the address serves now.")] = False,
    use: Annotated[bool, typer.Option("--use", help="Use it again in place of a build of your own.")] = False,
    sources: Sources = None,
    lock: Lock = None,
) -> None:
    """Fetch an official build, pin it, and print its path last.

    Example: harness binaries fetch --abi armeabi-v7a
    """
    from harness.benchmark.store.sources import ABIS, FLAVOURS
    from harness.benchmark.store.store import Store

    _known("--abi", abi, ABIS)
    _known("--flavour", flavour, FLAVOURS)
    if update and offline:
        raise UsageError("--update and --offline contradict each other", advice="leave one out")
    store = Store.open(sources, lock)
    build = store.sources.find(flavour or "", abi or "")
    if build is None:
        raise UsageError(f"the sources name no build of {flavour} for {abi}", advice="see `harness binaries list`")
    if build.note:
        say(build.note)
    with byte_bar() as on_bytes:
        sha256 = store.fetch(build, say=say, offline=offline, update=update, on_bytes=on_bytes)
    if use:
        store.prefer(build.flavour, build.abi, None)
    print(store.path(sha256))


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="A build of benchmark_model.", show_default=False)],
    flavour: Flavour = None,
    abi: AbiOption = None,
    name: Annotated[str | None, typer.Option(help="What to call it, else the file's name.")] = None,
    use: Annotated[bool, typer.Option("--use", help="Use it in place of the official build.")] = False,
) -> None:
    """Take a build of your own into the store, and print its path last.

    Example: harness binaries add bazel-bin/benchmark_model --name patched --use
    """
    from harness.benchmark.store.store import Store

    store = Store.open()
    print(store.path(store.add(file, flavour=flavour, abi=abi, name=name, use=use)))


@app.command()
def verify(lock: Lock = None, as_json: AsJson = False) -> None:
    """Hash every file again; exit 1 if one differs, is missing or is in no lock. Example: harness binaries verify"""
    from harness.benchmark.store.store import Store
    from harness.benchmark.store.survey import verify_rows

    rows = verify_rows(Store.open(lock=lock))
    wrong = sum(r["wrong"] for r in rows)
    if as_json:
        print(json.dumps({"schema": 1, "rows": rows}, indent=2, ensure_ascii=False))
    else:
        for r in rows:
            print(f"{r['sha256'][:12]}  {r['state']:<11}  {r['from'] or r['path']}")
        print(f"{wrong} of {len(rows)} files are wrong.")
    if wrong:
        raise SystemExit(1)


def _known(option: str, given: str | None, known: tuple[str, ...]) -> None:
    if given not in known:
        raise UsageError(f"{option} {given!r} is not known", advice=f"use {', '.join(known)}")
