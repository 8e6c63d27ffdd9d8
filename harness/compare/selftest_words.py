"""A self-test for people: a table and a closing sentence. Pure but for the console."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from harness.compare.words import change, change_interval
from harness.report.words import NOT_MEASURED, number, phone_names, plural, provenance_note

if TYPE_CHECKING:
    from rich.console import Console

_COLUMNS = (
    "phone",
    "test",
    "B against A",
    "95 % interval",
    "between sessions",
    "shows from",
    "pairs",
    "took",
    "result",
)


def print_selftest(document: dict[str, Any], console: Console) -> None:
    """What each phone says of equal artefacts, flags that were raised, and one closing sentence."""
    from rich.table import Table
    from rich.text import Text

    rows = document["rows"]
    if note := provenance_note(document):
        console.print(Text(note, style="bold"))
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name in ("phone", "test", "result") else "right")
    names, before = phone_names(rows), None
    for row in rows:
        effect, took = row["smallest_effect_pct"], row["took_s"]
        cells = (
            "" if row["phone_id"] == before else names[row["phone_id"]],
            _test(row),
            change(row["ratio"]),
            change_interval(row["ci95"]),
            number(row["spread_pct"], "%"),
            f"{effect:.1f} %" if effect is not None and row["test"] == "a/a" else NOT_MEASURED,
            str(row["pairs"]),
            NOT_MEASURED if took is None else f"{took:.0f} s",
            _result(row),
        )
        table.add_row(*(Text(c) for c in cells))
        before = row["phone_id"]
    console.print(table)
    for line in remarks(rows):
        console.print(Text(line, style="dim"))
    console.print(Text(closing(document)))


def remarks(rows: list[dict[str, Any]]) -> list[str]:
    """Flags of each phone, pairs that do not count, and why there is no energy."""
    names, lines = phone_names(rows), []
    for phone_id, name in names.items():
        own = [r for r in rows if r["phone_id"] == phone_id]
        flags: Counter[str] = sum((Counter(r["flags"]) for r in own), Counter())
        if flags:
            said = ", ".join(f"{flag} in {n}" for flag, n in sorted(flags.items()))
            lines.append(f"{name}, of {plural(2 * sum(r['pairs'] for r in own), 'session')}: {said}")
        for row in (r for r in own if r["pairs"]):
            lines += [f"{name}, {_test(row)}: {plural(n, 'pair')} left out, {why}" for why, n in row["dropped"].items()]
    energy = [r["energy"] for r in rows if r["test"] != "a/a" and r["pairs"]]
    if energy and all(e["ratio"] is None for e in energy):
        lines.append(f"Energy with doubled work: {energy[0]['reason']}")
    return lines


def closing(document: dict[str, Any]) -> str:
    """Which phones to trust, and from which difference on."""
    rows = document["rows"]
    tested = [r for r in rows if r["covers_1"] is not None]
    phones, names = {r["phone_id"] for r in tested}, phone_names(rows)
    if not tested:
        return "No phone could be tested."
    failed = document["failed"]
    if failed:
        which = ", ".join(names[p] for p in failed)
        return (
            f"Do not trust comparisons on {which}: there equal artefacts measure unequal. "
            f"{len(phones) - len(failed)} of {plural(len(phones), 'phone')} are sound."
        )
    worst = max(tested, key=lambda r: r["smallest_effect_pct"] or 0.0)
    return (
        f"Equal artefacts measure equal on {plural(len(phones), 'phone')}. With {worst['pairs']} pairs, differences "
        f"from {worst['smallest_effect_pct']:.1f} % on show 8 times in 10 everywhere "
        f"(worst: {names[worst['phone_id']]}, {worst['delegate'].upper()})."
    )


def _test(row: dict[str, Any]) -> str:
    return f"{row['test'].replace('a/a', 'A/A')} on the {row['delegate'].upper()}"


def _result(row: dict[str, Any]) -> str:
    if row["ratio"] is None:
        return f"not tested: {row['reason']}"
    if row["test"] == "a/a":
        return "equal measures equal" if row["covers_1"] else "EQUAL MEASURES UNEQUAL"
    if row["verdict"] in ("slower", "faster"):
        return f"{row['verdict']} with more work"
    return "no difference shown" if row["verdict"] == "undecided" else "the same"
