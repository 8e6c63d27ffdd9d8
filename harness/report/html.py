"""The report as one HTML page that needs nothing else: style and plots stand in it."""

from __future__ import annotations

from typing import Any

from harness.report import words
from harness.report.plots import COLORS, energy_plot, heat_plot, latency_plot, memory_plot
from harness.resources import resource_dir
from harness.results.folder import Run


def to_html(document: dict[str, Any], run: Run) -> str:
    """The page; same run, same bytes."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource_dir("reports/templates")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    rows = document["rows"]
    names = {r["phone_id"]: r["device"] or r["phone_id"] for r in rows}
    tiers = []
    for tier in dict.fromkeys(r["tier"] for r in rows):
        members = [r for r in rows if r["tier"] == tier]
        tiers.append(
            {
                "name": tier or "none",
                "rows": members,
                "summary": [t for t in document["tiers"] if t["tier"] == tier],
                "phones": [p for p in run.phones if p.tier == tier],
                "latency": latency_plot(members),
                "memory": memory_plot(members),
                "energy": energy_plot(members),
            }
        )
    flags = sorted({f for r in rows for f in r["flags"]})
    return environment.get_template("report.html.j2").render(
        document=document,
        run=document["run"],
        tiers=tiers,
        heat=heat_plot(run.sessions, names),
        answers=words.answers(document),
        closing=words.closing(document),
        note=words.provenance_note(document),
        flags=[(f, words.FLAGS.get(f, "")) for f in flags],
        outcomes=words.OUTCOMES,
        colors=COLORS,
        w=words,
    )
