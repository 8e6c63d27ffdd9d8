"""The report as one HTML page that needs nothing else: style and plots stand in it, and no script runs."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from harness.records import PhoneRecord
from harness.report import accuracy, words
from harness.report.answers import Answer, find_answers, limits
from harness.report.details import memory_parts, operator_bars, operator_units
from harness.report.groups import SessionIndex
from harness.report.plots.curve import curve_plot
from harness.report.plots.dots import energy_plot, latency_plot, memory_plot
from harness.report.plots.heat import heat_plot
from harness.report.raw import read_commands
from harness.report.row.app_ratio import MARGIN_PCT
from harness.report.series import PhoneSeries, read_series
from harness.report.story.meaning import percent
from harness.report.story.short import Short, in_short
from harness.report.story.tell import tell
from harness.resources import resource_dir
from harness.results.folder import Run

Row = dict[str, Any]
#: Phones of a tier are named in its first line up to this many; a table at the end names all.
_MOST_NAMED = 6
#: Rows have their stories in the page up to so many; `harness explain` tells all.
_MOST_STORIES = 600


def to_html(document: dict[str, Any], run: Run) -> str:
    """The page; same run, same bytes. Reads the sampler logs in the run folder for heat and clocks over time."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource_dir("reports/templates")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals |= {"w": words, "judged": accuracy, "percent": percent, "app_margin_pct": MARGIN_PCT}
    rows = document["rows"]
    names, models = words.phone_names(rows), words.short_names(rows)
    records = {p.phone_id: p for p in run.phones}
    series = read_series(run)
    stories = _stories(document, run)
    tiers = [
        _tier(place, tier, document, names, models, records, series, stories)
        for place, tier in enumerate(dict.fromkeys(r["tier"] for r in rows))
    ]
    found = {f for r in rows for f in r["flags"]}
    return environment.get_template("report.html.j2").render(
        run=document["run"],
        title=_title(rows),
        mark=words.badge(r["provenance"] for r in rows),
        note=words.notes(document),
        closing=words.closing(document),
        answers=_answer_grid(find_answers(document), [t["name"] for t in tiers], models),
        limits=limits(document),
        tiers=tiers,
        names=names,
        models=models,
        started=str(document["run"].get("started") or "")[:16].replace("T", " "),
        flags=[words.flag_words(f) for f in sorted(found)],
        reading=_reading(rows),
        facts=_facts(document["run"]),
        checked=", ".join(sorted({r["agreement"]["source"] for r in rows if r["agreement"]["source"]})),
        phones=[_phone(p, rows, names) for p in names],
    )


def _tier(
    place: int,
    tier: str | None,
    document: dict[str, Any],
    names: dict[str, str],
    models: dict[tuple[str, str], str],
    records: dict[str, PhoneRecord],
    series: dict[str, PhoneSeries],
    stories: dict[str, Short],
) -> dict[str, Any]:
    rows = [r for r in document["rows"] if r["tier"] == tier]
    phones = list(dict.fromkeys(r["phone_id"] for r in rows))
    entries = [e for e in document["tiers"] if e["tier"] == tier]
    return {
        "name": tier,
        "mark": words.badge(r["provenance"] for r in rows),
        "entries": [
            (name, [e for e in entries if (e["model"], e["variant"]) == key])
            for key, name in sorted(models.items())
            if any((e["model"], e["variant"]) == key for e in entries)
        ],
        "who": [names[p] for p in phones[:_MOST_NAMED]],
        "misses": any(r["outcome"] != "ok" for r in rows),
        "fallbacks": any(r["outcome"] == "fallback" for r in rows),
        "outputs": any(words.outputs(r) for r in rows),
        "accuracy": accuracy.any_accuracy(rows),
        "power": any(r["power_mw"]["value"] is not None or r["energy_mj"]["value"] is not None for r in rows),
        "latency": latency_plot(f"latency-{place}", rows, models).svgs(),
        "memory": memory_plot(f"memory-{place}", rows, models).svgs(),
        "parts": memory_parts(rows, names, models),
        "operators": operator_bars(rows, names, models),
        "units": operator_units(rows),
        "energy": energy_plot(f"energy-{place}", rows, models).svgs(),
        "heat": heat_plot(
            f"heat-{place}",
            [series[p] for p in phones if p in series],
            names,
            words.badge(r["provenance"] for r in rows),
        ),
        "in_app": [r for r in rows if r["context"] == "app"],
        **_starts(f"curve-{place}", rows, names),
        "phones": [_group(p, rows, records.get(p), words.common_flags(rows), stories) for p in phones],
    }


def _starts(name: str, rows: list[Row], names: dict[str, str]) -> dict[str, Any]:
    """Cold starts and chains, where the protocol has them."""
    cold = [r for r in rows if r["cold"]]
    return {
        "cold": cold,
        "cold_cleared": list(dict.fromkeys(part for r in cold for part in r["cold"]["cleared"])),
        "cold_left": list(dict.fromkeys(part for r in cold for part in r["cold"]["not_cleared"])),
        "sustained": [r for r in rows if r["sustained"]],
        "curve": curve_plot(name, rows, names),
    }


def _stories(document: dict[str, Any], run: Run) -> dict[str, Short]:
    """A row's name to its story; none of a run so large that they would make the page heavy."""
    rows = document["rows"]
    if len(rows) > _MOST_STORIES:
        return {}
    sessions, raw = SessionIndex(run.sessions), read_commands(run.path, run.sessions)
    return {r["row"]: in_short(tell(run, document, r, sessions, raw)) for r in rows if sessions.own(r)}


def _group(
    phone_id: str,
    rows: list[Row],
    record: PhoneRecord | None,
    common: dict[str, list[str]],
    stories: dict[str, Short],
) -> dict[str, Any]:
    mine = [r for r in rows if r["phone_id"] == phone_id]
    facts = []
    if record is not None:
        facts = [
            record.soc,
            f"{record.cores} cores" if record.cores else None,
            f"{record.ram_mb / 1024:.1f} GiB" if record.ram_mb else None,
            f"Android {record.android}" if record.android else None,
            record.gpu,
        ]
    return {
        "id": phone_id,
        "mark": words.badge(r["provenance"] for r in mine),
        "facts": " · ".join(f for f in facts if f),
        "flags": common[phone_id],
        "rows": [(r, words.remarks(r, common), stories.get(r["row"])) for r in mine],
    }


def _phone(phone_id: str, rows: list[Row], names: dict[str, str]) -> dict[str, Any]:
    mine = [r for r in rows if r["phone_id"] == phone_id]
    paths = [PurePosixPath(path).parents for r in mine for path in r["evidence"].values()]
    return {
        "id": phone_id,
        "name": names[phone_id],
        "mark": words.badge(r["provenance"] for r in mine),
        "tier": mine[0]["tier"],
        "reason": mine[0]["tier_reason"] or "",
        # raw/BLOCK/s/INDEX/FILE: the block holds all sessions of the phone
        "raw": sorted({str(p[2]) for p in paths if len(p) > 3}),
    }


def _answer_grid(
    answers: list[Answer], tiers: list[str | None], models: dict[tuple[str, str], str]
) -> list[tuple[str, list[Answer | None]]]:
    """A line a model variant, a cell a tier."""
    cells = {(a.model, a.variant, a.tier): a for a in answers}
    lines = sorted({(a.model, a.variant) for a in answers})
    return [(models[m, v], [cells.get((m, v, tier)) for tier in tiers]) for m, v in lines]


def _reading(rows: list[Row]) -> dict[str, bool]:
    """Which words the page must explain, since some row has them."""
    return {
        "uncalibrated": any((r.get("energy") or {}).get("absolute") == "uncalibrated" for r in rows),
        "stability": any((r["latency_ms"].get("stability") or {}).get("words") for r in rows),
        "state": any((r.get("state") or {}).get("held") for r in rows),
    }


def _title(rows: list[Row]) -> str:
    models = sorted({r["model"] for r in rows})
    if not models:
        return "Benchmark run without sessions"
    what = models[0] if len(models) == 1 else words.plural(len(models), "model")
    return f"{what} on {words.plural(len({r['phone_id'] for r in rows}), 'phone')}"


def _facts(run: dict[str, Any]) -> list[tuple[str, str]]:
    found = [("harness", str(run.get("harness", "unknown"))), ("seed", str(run.get("seed", "unknown")))]
    if run.get("argv"):
        found.append(("command", " ".join(["harness", *run["argv"]])))
    if run.get("wall_s") is not None:
        own = words.number(run.get("ideal_s"), "s")
        found.append(("time", f"{words.number(run['wall_s'], 's')}; the phones themselves needed {own}"))
    if protocol := run.get("protocol"):
        others = ", ".join(f"{k} {v}" for k, v in sorted(protocol["changed"].items()))
        found.append(("protocol", f"{protocol['name']}: {protocol['help']}" + (f"; but {others}" if others else "")))
    found += [("program", f"{name}, sha256 {digest}") for digest, name in sorted(run.get("binaries", {}).items())]
    return found
