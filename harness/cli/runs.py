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
    from harness.results.folder import list_runs

    rows = [
        {
            "run_id": run.meta.get("run_id"),
            "path": str(run.path),
            "finished": bool(run.meta.get("finished")),
            "provenance": sorted({p.provenance for p in run.phones}),
            "phones": len(run.phones),
            "sessions": len(run.sessions),
            "wall_s": run.meta.get("wall_s"),
        }
        for run in list_runs(out)
    ]
    if as_json:
        import json

        print(json.dumps({"schema": 1, "rows": rows}, indent=2))
        return
    for row in rows:
        kinds = ", ".join(row["provenance"])  # type: ignore[arg-type]
        state = "" if row["finished"] else "  unfinished"
        print(f"{row['path']}  {row['phones']} phones ({kinds})  {row['sessions']} sessions{state}")
    print(f"{len(rows)} runs.")
