"""The report as Markdown."""

from __future__ import annotations

from typing import Any

from harness.report.words import (
    OUTCOMES,
    answers,
    closing,
    condition,
    interval,
    memory,
    model_name,
    number,
    proof,
    provenance_note,
)


def to_markdown(document: dict[str, Any]) -> str:
    """One page: answers first, a table a tier over its phones, then every phone."""
    note = provenance_note(document)
    lines = [f"# Benchmark run {_cell(document['run'].get('run_id', ''))}", ""]
    if note:
        lines += [f"> **Virtual.** {note}" if "virtual" in note else f"> {note}", ""]
    lines += [f"- {s}" for s in answers(document)] + ["", "## Tiers", ""]
    lines += _table(
        ("tier", "model", "delegate", "phones measured", "median ms", "worst ms", "worst phone"),
        (
            (t["tier"] or "none", model_name(t), condition(t), f"{t['phones_ok']} of {t['phones']}",
             number(t["median_ms"]), number(t["worst_ms"]), t["worst_phone"] or "–")
            for t in document["tiers"]
        ),
    )  # fmt: skip
    lines += ["", "## Phones", ""]
    lines += _table(
        ("tier", "phone", "model", "delegate", "median ms", "95 % interval", "p95 ms", "memory", "power mW", "proof",
         "result", "flags"),
        (
            (r["tier"] or "none", r["device"] or r["phone_id"], model_name(r), condition(r),
             number(r["latency_ms"]["median"]), interval(r["latency_ms"]["ci95"]), number(r["latency_ms"]["p95"]),
             memory(r), number(r["power_mw"]["value"]), proof(r),
             OUTCOMES.get(r["outcome"], r["outcome"]), ", ".join(r["flags"]))
            for r in document["rows"]
        ),
    )  # fmt: skip
    return "\n".join([*lines, "", closing(document), ""])


def _table(head: tuple[str, ...], rows: Any) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return lines + ["| " + " | ".join(_cell(c) for c in row) + " |" for row in rows]


def _cell(text: object) -> str:
    plain = " ".join(str(text).split())
    for mark in "\\|<>*_`[]":
        plain = plain.replace(mark, "\\" + mark)
    return plain
