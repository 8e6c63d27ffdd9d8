"""`harness runs`: what was run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import AsJson


def runs(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="Where run folders are.")] = Path("runs"),
    as_json: AsJson = False,
) -> None:
    """List the runs below DIR, oldest first. Example: harness runs runs"""
    import dataclasses

    from harness.results.folder import list_runs

    lines = list_runs(out)
    if as_json:
        import json

        rows = [{**dataclasses.asdict(line), "path": str(line.path)} for line in lines]
        print(json.dumps({"schema": 1, "rows": rows}, indent=2, ensure_ascii=False))
        return
    for line in lines:
        if line.reason:
            print(f"{line.path}  {line.reason}")
            continue
        kinds = ", ".join(line.provenance)
        state = "" if line.finished else "  unfinished"
        print(f"{line.path}  {line.phones} phones ({kinds or 'none'})  {line.sessions} sessions{state}")
    print(f"{len(lines)} runs.")
