"""Options that several commands share, declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.errors import UsageError

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Device = Annotated[
    list[str] | None,
    typer.Option("--device", help="A serial, a phone_id, or terms as tier=high,soc=SM8550; repeated: any of them."),
]
Virtual = Annotated[int, typer.Option("--virtual", min=0, help="Run on N virtual phones instead of connected ones.")]
Profiles = Annotated[
    list[str] | None,
    typer.Option("--profile", help="Virtual phones of this kind: NAME, NAME:COUNT, or a file of harness probe."),
]
Rate = Annotated[float, typer.Option("--rate", min=0.01, help="How fast the virtual phones' clock runs.")]
Faults = Annotated[Path | None, typer.Option("--faults", help="What goes wrong on the virtual phones (YAML).")]
Ledger = Annotated[
    Path | None,
    typer.Option("--ledger", hidden=True, help="Append what truly happens on the virtual phones to this file."),
]
Wait = Annotated[
    float, typer.Option("--wait", min=0, help="Seconds to wait for somebody to allow a phone, where none is ready.")
]
Binary = Annotated[Path | None, typer.Option("--binary", help="Use this build of benchmark_model.")]
Apk = Annotated[Path | None, typer.Option("--apk", help="Use this build of the benchmark app (see contexts).")]
Offline = Annotated[
    bool, typer.Option("--offline", envvar="HARNESS_OFFLINE", help="Fetch nothing: use only what is here.")
]
Out = Annotated[Path, typer.Option("--out", help="Where run folders go.")]
Rack = Annotated[
    Path | None, typer.Option("--rack", envvar="HARNESS_RACK", help="The rack file (YAML); see harness schema rack.")
]
Tiers = Annotated[Path | None, typer.Option("--tiers", help="Tier rules of your own (YAML).")]
Priority = Annotated[
    int | None,
    typer.Option("--priority", min=-100, max=100, help="Of runs that wait for one phone, the higher goes first."),
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of the order of sessions.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan and its time, and run nothing.")]
Force = Annotated[bool, typer.Option("--force", help="Try models larger than a phone's free memory too.")]


def comma_list(text: str, option: str) -> list[str]:
    """The items of a comma-separated option.

    Raises:
        UsageError: there is none.
    """
    items = [item.strip() for item in text.split(",") if item.strip()]
    if not items:
        raise UsageError(f"{option} is empty", advice="give at least one value")
    return items


def comma_numbers(text: str, option: str) -> list[int]:
    """The positive whole numbers of a comma-separated option.

    Raises:
        UsageError: an item is no positive whole number.
    """
    try:
        numbers = [int(item) for item in comma_list(text, option)]
    except ValueError:
        raise UsageError(f"{option} {text!r} is not a list of whole numbers", advice=f"as in {option} 1,4") from None
    if any(n < 1 for n in numbers):
        raise UsageError(f"{option} {text!r} has a number below 1", advice=f"as in {option} 1,4")
    return numbers
