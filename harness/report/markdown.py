"""The report as Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.report.accuracy import accuracy, any_accuracy, drop
from harness.report.answers import find_answers, limits, sentence
from harness.report.row.app_ratio import MARGIN_PCT
from harness.report.words import (
    HOW_TO_EXPLAIN,
    badge,
    closing,
    condition,
    flag_words,
    interval,
    memory,
    misses,
    model_name,
    notes,
    number,
    outputs,
    phone_names,
    proof,
    result,
    stability,
    tier_name,
)


def to_markdown(document: dict[str, Any]) -> str:
    """One page: answers first, what cannot be said, then per tier its delegates and every phone."""
    rows, note = document["rows"], notes(document)
    mark = badge(r["provenance"] for r in rows)
    lines = [f"# {f'[{mark}] ' if mark else ''}Benchmark run {_cell(document['run'].get('run_id', ''))}", ""]
    if note and mark:
        lines += [f"> **{mark.capitalize()}.** {note}", ""]
    lines += [f"- {_cell(sentence(a))}" for a in find_answers(document)]
    unsaid = limits(document)
    if unsaid:
        lines += ["", "What this run cannot say:", "", *(f"- {_cell(line)}" for line in unsaid)]
    names = phone_names(rows)
    for tier in dict.fromkeys(r["tier"] for r in rows):
        lines += ["", *_tier(tier, document, names)]
    flags = sorted({f for r in rows for f in r["flags"]})
    if flags:
        lines += ["", "## Flags", "", *(f"- `{f}`: {_flag(f)}" for f in flags)]
    if rows:
        lines += ["", HOW_TO_EXPLAIN]
    return "\n".join([*lines, "", closing(document), ""])


def _tier(tier: str | None, document: dict[str, Any], names: dict[str, str]) -> list[str]:
    rows = [r for r in document["rows"] if r["tier"] == tier]
    mark = badge(r["provenance"] for r in rows)
    lines = [f"## {_cell(tier_name(tier))}{f' ({mark})' if mark else ''}", ""]
    judged = any_accuracy(rows)
    lines += _table(
        ("model", "delegate", "phones:", "median ms:", "95 % interval ms:", "slowest ms:", "slowest",
         *(("accuracy", "drop") if judged else ()), "otherwise"),
        (
            (model_name(t), condition(t), f"{t['phones_ok']} of {t['phones']}", number(t["median_ms"]),
             interval(t["median_ci95_ms"]), number(t["worst_ms"]), names.get(t["worst_phone_id"], ""),
             *((accuracy(t), drop(t)) if judged else ()), misses(t))
            for t in document["tiers"] if t["tier"] == tier
        ),
    )  # fmt: skip
    lines += [""]
    lines += _table(
        ("phone", "model", "delegate", "median ms:", "95 % interval ms:", "p95 ms:", "memory MiB:", "power mW:",
         *(("accuracy",) if judged else ()), "proof", "outputs", "remarks", "flags", "row"),
        (
            (names[r["phone_id"]] + (f" ({r['provenance']})" if r["provenance"] != "real" else ""), model_name(r),
             condition(r), number(r["latency_ms"]["median"]), interval(r["latency_ms"]["ci95"]),
             number(r["latency_ms"]["p95"]), memory(r), number(r["power_mw"]["value"]),
             *((accuracy(r),) if judged else ()), proof(r), outputs(r),
             ", ".join(filter(None, (result(r), stability(r)))), ", ".join(r["flags"]), r["row"])
            for r in rows
        ),
    )  # fmt: skip
    compared = [r for r in rows if r["context"] == "app"]
    if compared:
        lines += ["", f"The app against the shell; up to {MARGIN_PCT:g} % counts as the same.", ""]
        lines += _table(
            ("phone", "model", "delegate", "app over shell:", "95 % interval:", "verdict"),
            (
                (names[r["phone_id"]], model_name(r), condition(r), number(r["app_ratio"]["value"]),
                 interval(r["app_ratio"]["ci95"]), r["app_ratio"]["verdict"] or f"none: {r['app_ratio']['reason']}")
                for r in compared
            ),
        )  # fmt: skip
    return lines


def _flag(name: str) -> str:
    found = flag_words(name)
    return _cell(f"{found['meaning']}." + (f" Holds from: {found['threshold']}." if found["threshold"] else ""))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """A column whose name ends in a colon holds numbers and is aligned to the right."""
    lines = ["| " + " | ".join(name.removesuffix(":") for name in head) + " |"]
    lines.append("|" + "|".join(" ---: " if name.endswith(":") else " --- " for name in head) + "|")
    return lines + ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]


def _cell(text: object) -> str:
    """Text that stays in its place: no line breaks, and no letter that Markdown or HTML would take for its own."""
    plain = " ".join(str(text).split()).replace("&", "&amp;").replace("<", "&lt;")
    for mark in "\\`*_[]|":
        plain = plain.replace(mark, "\\" + mark)
    return plain
