"""A comparison for people: a table and a closing sentence. Pure but for the console."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from harness.compare.metrics import LATENCY, METRICS
from harness.compare.standing import ALL_RAN
from harness.report.words import NOT_MEASURED, number, phone_names, plural, provenance_note

if TYPE_CHECKING:
    from rich.console import Console

_COLUMNS = ("phone", "what", "A", "B", "B against A", "95 % interval", "verdict", "pairs", "remarks")
_RIGHT = frozenset({"A", "B", "B against A", "95 % interval", "pairs"})
_UNITS = {"ms": "ms", "mb": "MiB", "mj": "mJ"}

_HARDLY = "more rounds would hardly settle it, since it lies close to where the verdict changes"


def change(ratio: float | None) -> str:
    """A ratio as `+3.2 %`."""
    return NOT_MEASURED if ratio is None else f"{100 * (ratio - 1):+.1f} %".replace("-", "−")


def change_interval(ci95: list[float | None]) -> str:
    """`+2.1 to +4.3 %`; empty without an interval."""
    low, high = ci95
    return "" if low is None or high is None else f"{change(low).removesuffix(' %')} to {change(high)}"


def print_comparison(document: dict[str, Any], console: Console) -> None:
    """What was compared, a table of every phone, what the figures do not say, and one closing sentence."""
    from rich.table import Table
    from rich.text import Text

    rows = document["rows"]
    if note := provenance_note(document):
        console.print(Text(note, style="bold"))
    for name, arm in document["run"]["compare"]["arms"].items():
        console.print(Text(f"{name}: {arm_words(arm)}"))
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in _COLUMNS:
        table.add_column(name, justify="right" if name in _RIGHT else "left", no_wrap=name in _RIGHT)
    names, before = phone_names(rows), None
    for row in rows:
        if row["metric"] != LATENCY.name and not row["pairs"]:
            continue  # said below, once
        cells = _cells(row, "" if row["phone_id"] == before else names[row["phone_id"]])
        table.add_row(*(Text(c) for c in cells), style="" if row["metric"] == LATENCY.name else "dim")
        before = row["phone_id"]
    console.print(table)
    for line in remarks(document):
        console.print(Text(line, style="dim"))
    console.print(Text(closing(document)))


def arm_words(arm: dict[str, Any]) -> str:
    """An arm as one line: `mobilenet (3f2a91c0), GPU precision=fp32, program benchmark_model (11aa22bb)`."""
    options = "".join(f" {k}={v}" for k, v in arm["options"].items())
    parts = [f"{arm['model']} ({arm['model_sha256'][:8]})", f"{arm['delegate'].upper()}{options}"]
    parts.append(plural(arm["threads"], "thread"))
    if arm["program_sha256"]:
        parts.append(f"program {arm['program']} ({arm['program_sha256'][:8]})")
    return ", ".join([*parts, *arm["extra_args"]])


def remarks(document: dict[str, Any]) -> list[str]:
    """What a reader must know beside the table: metrics without a figure, pairs that do not count, unlike arms."""
    lines = []
    latency = [r for r in document["rows"] if r["metric"] == LATENCY.name]
    for metric in METRICS[1:]:
        found = document["overall"][metric.name]
        if not found["pairs"] and any(r["pairs"] for r in latency):
            lines.append(f"{metric.words.capitalize()}: {found['reason']}")
    names = phone_names(latency)
    for row in latency:
        name = names[row["phone_id"]]
        lines += [f"{name}: {plural(n, 'pair')} left out, {why}" for why, n in row["dropped"].items()]
        lines += [f"{name}: A and B were not alike: {what}" for what in row["unlike"]]
    return lines


def closing(document: dict[str, Any]) -> str:
    """The verdict on latency in one sentence."""
    trial, found = document["run"]["compare"], document["overall"][LATENCY.name]
    margin, same = trial["margin_pct"], "" if trial["differences"] else " A and B are the same artefact."
    rows = [r for r in document["rows"] if r["metric"] == LATENCY.name]
    where = f"in {plural(found['pairs'], 'pair')} on {plural(len(rows), 'phone')}"
    limits = f"{change(found['ratio'])}, 95 % interval {change_interval(found['ci95'])}, {where}"
    verdict = found["verdict"]
    if verdict == "same":
        text = f"B is as fast as A within the {margin:g} % that were asked for: {limits}."
    elif verdict in ("slower", "faster"):
        beyond = abs(found["ratio"] - 1) > margin / 100
        size = "more than" if beyond else "which is real, and by itself less than"
        text = f"B is {verdict} than A: {limits}; {size} the {margin:g} % that count as the same."
    elif found["ratio"] is None:
        text = f"Nothing can be said of A and B: {found['reason']}."
    else:
        more = found["more_rounds"]
        hint = f"about {plural(more, 'more round')} on each phone would settle it" if more else _HARDLY
        text = f"Undecided whether B is faster or slower than A: {limits}; {hint}."
    return text + _apart(rows) + same


def _apart(rows: list[dict[str, Any]]) -> str:
    """How phones differ in their verdicts; empty where they do not."""
    counts = Counter(r["verdict"] for r in rows)
    if len(counts) < 2:
        return ""
    said = ", ".join(f"{verdict} on {n}" for verdict, n in sorted(counts.items()))
    sure = sum(r["confirmed"] for r in rows)
    chance = "" if sure or "slower" not in counts else ", and of so many phones one may look so by chance"
    return f" Phone by phone, B is {said}{chance}."


def _cells(row: dict[str, Any], name: str) -> tuple[str, ...]:
    metric = next(m for m in METRICS if m.name == row["metric"])
    unit = _UNITS[row["metric"].rpartition("_")[2]]
    rounds = row["more_rounds"]
    verdict = metric.say(row["verdict"])
    if row["verdict"] == "undecided" and rounds:
        verdict = f"undecided: about {plural(rounds, 'more round')}"
    return (
        name if row["provenance"] == "real" or not name else f"{name} ({row['provenance']})",
        metric.words,
        number(row["a"], unit),
        number(row["b"], unit),
        change(row["ratio"]),
        change_interval(row["ci95"]),
        verdict,
        f"{row['pairs']} of {row['pairs'] + row['pairs_dropped']}" if row["pairs_dropped"] else str(row["pairs"]),
        row["stopped"] if row["metric"] == LATENCY.name and row["stopped"] != ALL_RAN else "",
    )
