"""`harness virtual`: virtual phones that any adb client can use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

if TYPE_CHECKING:
    from harness.virtual.profile import Profile

app = typer.Typer(
    no_args_is_help=True,
    help="Virtual phones: a real adb server talks to them as to real ones. Example: harness virtual up 2",
)


@app.callback()
def _noun() -> None:
    """Virtual phones: a real adb server talks to them as to real ones."""


@app.command()
def up(
    count: Annotated[int, typer.Argument(metavar="N", min=0, help="How many phones.")],
    profile: Annotated[
        list[str] | None, typer.Option(help="NAME or NAME:COUNT, or a file of harness probe; repeatable.")
    ] = None,
    faults: Annotated[
        Path | None, typer.Option(help="What goes wrong (YAML); harness virtual faults lists the kinds.")
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="Append what truly happens on the phones to this file (JSON lines).")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of serial numbers and noise.")] = 0,
    port: Annotated[int, typer.Option(min=0, max=65535, help="First port; 0 takes free ones.")] = 0,
    rate: Annotated[float, typer.Option(min=0.01, help="Phone seconds per real second.")] = 1.0,
    mode: Annotated[str, typer.Option(help="auto, namespace or portable.")] = "auto",
    until_stdin_closes: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Start N virtual phones in the foreground; Ctrl-C ends them.

    Prints a JSON line a phone and then `ready`. Example: harness virtual up 2, then adb connect 127.0.0.1:PORT
    """
    import asyncio

    from harness.errors import UsageError
    from harness.virtual.faults import load_faults
    from harness.virtual.rack import Mode, choose_profiles
    from harness.virtual.up import run_rack

    if mode not in ("auto", "namespace", "portable"):
        raise UsageError(f"--mode {mode!r} is not known", advice="use auto, namespace or portable")
    kinds = choose_profiles(count, profile or [], _from_bundle)
    if not kinds:
        raise UsageError("no phone was asked for", advice="give a number of at least 1")
    plan = load_faults(faults, len(kinds)) if faults else None
    asyncio.run(
        run_rack(kinds, cast(Mode, mode), seed, rate, port, plan, ledger, until_stdin_closes=until_stdin_closes)
    )


def _from_bundle(path: Path) -> Profile:
    from harness.phones.bundle import read_bundle
    from harness.phones.bundle_profile import profile_data
    from harness.virtual.bundled import complete

    return complete(profile_data(read_bundle(path), path.name.partition(".")[0]))


@app.command()
def faults() -> None:
    """List what can go wrong on a virtual phone, for --faults FILE. Example: harness virtual faults"""
    from rich.console import Console
    from rich.table import Table

    from harness.virtual.faults import SHARED, kinds, parameters

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("kind", no_wrap=True)
    table.add_column("spoils figures", no_wrap=True)
    table.add_column("what it does, and its own parameters", overflow="fold")
    for name, kind in kinds().items():
        own = ", ".join(key if value is None else f"{key}: {value}" for key, value in parameters(kind).items())
        table.add_row(name, "yes" if kind.disturbs else "no", kind.summary() + (f" {{{own}}}" if own else ""))
    console = Console(highlight=False)
    console.print(table)
    console.print(f"\nEvery kind also takes {SHARED}")
    console.print("A file maps a phone's index, or all, to its faults: 0: {link_lost: {at_s: 20, for_s: 15}}")


@app.command()
def profiles() -> None:
    """List the kinds of virtual phone. Example: harness virtual profiles"""
    from rich.console import Console
    from rich.table import Table

    from harness.virtual.profile import profiles as shipped

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("profile", "model", "SoC", "Android", "RAM", "power"):
        table.add_column(name, no_wrap=True)
    for p in shipped().values():
        soc = f"{p.soc_manufacturer or ''} {p.soc_model or p.board}".strip()
        power = {"usb": "charging over USB", "ac": "charging", "none": "on battery"}[p.battery.plugged]
        table.add_row(p.name, f"{p.manufacturer} {p.model}", soc, p.android, f"{p.ram_kb / 2**20:.1f} GiB", power)
    Console().print(table)
