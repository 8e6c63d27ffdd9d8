"""How a climb is told: a table, a document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.durable import write_atomic
from harness.errors import HostError
from harness.explain.building import PLACE
from harness.explain.ladder import Goal, Ladder, Rung
from harness.records import to_json
from harness.report.accuracy import figure, limits, metric_name

SCHEMA, FILE = 1, "ladder.json"


def as_dict(ladder: Ladder, goal: Goal, rungs: Sequence[Rung]) -> dict[str, Any]:
    """Keys: max_drop, max_size, base (the float32 model), rungs (name, why, met, short, left_out, failed, models with
    name, file, file_bytes, size_ratio, entry and the fields of an accuracy), reached (name of the model, or null)."""
    return {
        "schema": SCHEMA,
        "max_drop": goal.max_drop,
        "max_size": goal.max_size,
        "base": None if ladder.base is None else {"name": ladder.base.name, **to_json(ladder.base.accuracy)},
        "rungs": [
            {
                "name": rung.name,
                "why": rung.why,
                "met": rung.met,
                "short": rung.short,
                "left_out": rung.left_out,
                "failed": rung.failed,
                "models": [
                    {
                        "name": m.name,
                        "file": str(m.path),
                        "file_bytes": m.file_bytes,
                        "size_ratio": ladder.size(m),
                        "entry": rung.entries.get(m.name),
                        **to_json(m.accuracy),
                    }
                    for m in rung.judged
                ],
            }
            for rung in rungs
        ],
        "reached": rungs[-1].judged[0].name if rungs[-1].met else None,
    }


def write(document: dict[str, Any], out: Path) -> Path:
    """Into `out`/explain; the file's path.

    Raises:
        HostError: the disk refuses.
    """
    path = out / PLACE / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    except OSError as error:
        raise HostError(f"{path} cannot be written: {error.strerror}", advice="choose another --out") from None
    return path


def tell(document: dict[str, Any]) -> None:
    """A row a rung, why each was climbed to, and a closing sentence, on stdout."""
    import yaml
    from rich.table import Table
    from rich.text import Text

    from harness.explain.tell import console_for_people

    console = console_for_people()
    base, unit = document["base"], document["base"]["unit"]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("rung", "model", "KB", "of float32", metric_name(base["metric"], unit), "95 % interval", "drop",
                 "95 % interval", ""):  # fmt: skip
        table.add_column(name, justify="left" if name in ("rung", "model", "") else "right")
    for rung in document["rungs"]:
        if not rung["models"]:
            table.add_row(rung["name"], *["–"] * 7, "left out" if rung["left_out"] else "not built")
        for place, m in enumerate(rung["models"]):
            best = place == 0
            table.add_row(
                rung["name"] if best else "", Text(m["name"]), f"{m['file_bytes'] / 1000:.1f}",
                f"{m['size_ratio']:.2f}", figure(m["value"], unit), limits(m["ci95"], unit),
                figure(m["drop"], unit, signed=True), limits(m["drop_ci95"], unit, signed=True),
                "good enough" if best and rung["met"] else "",
            )  # fmt: skip
    said = f"float32: {figure(base['value'], unit)}, {limits(base['ci95'], unit)}; {base['examples']} examples"
    console.print(Text(said, style="bold"))
    console.print(table)
    for rung in document["rungs"]:
        console.print(Text(f"{rung['name']}, because {rung['why']}."), soft_wrap=True)
        if rung["left_out"]:
            console.print(Text(f"  Left out: {rung['left_out']}."), soft_wrap=True)
        for name, error in rung["failed"].items():
            console.print(Text(f"  {name} could not be built: {error}"), soft_wrap=True)
    entry = next(
        (m["entry"] for r in document["rungs"] for m in r["models"][:1] if r["met"] and m["entry"] is not None), None
    )
    if entry is not None:
        console.print(Text(yaml.safe_dump([entry], sort_keys=False, width=10_000).rstrip()), soft_wrap=True)
    console.print(Text(_closing(document)), soft_wrap=True)


def _closing(document: dict[str, Any]) -> str:
    reached = document["reached"]
    if reached is None:
        return "No rung is good enough."
    more = ""
    if reached == document["rungs"][0]["models"][0]["name"] and document["max_size"] is None:
        more = " Ask for --max-size to climb on to 8 bits."
    drawn = " It was chosen among several by these examples: check it on others." if _chosen(document) else ""
    return f"{reached} is good enough.{drawn}{more}"


def _chosen(document: dict[str, Any]) -> bool:
    return len(document["rungs"][-1]["models"]) > 1
