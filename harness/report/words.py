"""How figures are written, the same in every format. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from harness.measure.rules import RULES
from harness.records import PhoneRecord
from harness.report.state import held_words, state_note

NOT_MEASURED = "–"

#: What each flag means, for readers of a report.
FLAGS = {name: rule.meaning for name, rule in sorted(RULES.items())}
#: Of a flag that no rule here gives.
FOREIGN = "a flag of another harness"
HOW_TO_EXPLAIN = "`harness explain RUN ROW` tells the whole story of a row; ROW is its name in the column row."

#: Outcomes of rows in a reader's words.
OUTCOMES = {
    "ok": "measured",
    "fallback": "ran on the CPU instead",
    "delegate_failed": "the delegate refuses the model",
    "unresolved_op": "an operator is missing in this program",
    "prepare_failed": "the model cannot be prepared",
    "refused": "not tried",
    "model_load_failed": "the model does not load",
    "invoke_failed": "the model fails while running",
    "crash": "the program crashed",
    "killed": "the program was killed",
    "timeout": "took too long",
    "link_error": "the program does not link",
    "permission": "permission denied",
    "wrong_abi": "the program is for another ABI",
    "not_found": "the program is missing",
    "bad_flag": "the program refuses a flag",
    "other": "failed",
    "wrong_output": "wrong output",
    "void": "void",
}
#: Who takes the nodes, as their programs call themselves.
_TAKER = {"cpu": "XNNPACK", "gpu": "GPU", "nnapi": "NNAPI", "npu": "NPU"}


def number(value: float | None, unit: str = "") -> str:
    """Three significant digits, no exponent, with its unit."""
    if value is None:
        return NOT_MEASURED
    size = abs(float(f"{value:.2e}"))  # rounded first, so that 9.999 becomes 10.0
    digits = max(0, 2 - math.floor(math.log10(size))) if size > 0 else 0
    return f"{value:,.{digits}f}".replace(",", " ") + (f" {unit}" if unit else "")


def interval(pair: Sequence[float | None]) -> str:
    """`7.20 to 7.60`, or nothing."""
    return f"{number(pair[0])} to {number(pair[1])}" if pair[0] is not None else ""


def condition(row: dict[str, Any]) -> str:
    """Delegate, options, threads, context and held phone state as one phrase; threads where the CPU works, the context
    where it is an app.
    """
    options = " ".join(f"{k}={v}" for k, v in row["options"].items())
    threads = plural(row["threads"], "thread") if row["delegate"] == "cpu" and row["threads"] else ""
    where, held = "in the app" if row["context"] == "app" else "", held_words(row)
    parts = (row["delegate"].upper(), options, threads, where, f"[{held}]" if held else "")
    return " ".join(part for part in parts if part)


def app_ratio(row: dict[str, Any]) -> str:
    """`1.62 times the shell's time (1.45 to 1.80), slower`; empty where the row has no such ratio."""
    found = row["app_ratio"]
    if found["value"] is None:
        return ""
    return f"{number(found['value'])} times the shell's time ({interval(found['ci95'])}), {found['verdict']}"


def model_name(row: dict[str, Any]) -> str:
    """Model and variant."""
    return f"{row['model']} {row['variant']}".strip()


def short_names(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """(model, variant) to its name within a report: the variant alone where there is one model in several variants."""
    keys = {(r["model"], r["variant"]) for r in rows}
    alone = len({model for model, _ in keys}) == 1 and len(keys) > 1
    return {(m, v): v if alone and v else f"{m} {v}".strip() for m, v in keys}


def memory(row: dict[str, Any]) -> str:
    """Peak memory in MiB, or `+` and its growth since the program's start where the peak is unknown."""
    values = row["memory_mb"]
    if values["peak_rss"] is not None:
        return number(values["peak_rss"])
    return NOT_MEASURED if values["overall"] is None else f"+{number(values['overall'])}"


def proof(row: dict[str, Any]) -> str:
    """`GPU 12 of 12 nodes`, or what is known."""
    found = row["delegation"]
    taker = _TAKER.get(row["delegate"], row["delegate"])
    if found["nodes_delegated"] is not None and found["nodes_total"]:
        return f"{taker} {found['nodes_delegated']} of {found['nodes_total']} nodes"
    known = {"completely": "all nodes", "partially": "part of the nodes", "none": "no node"}.get(found["extent"])
    return f"{taker} {known}" if known else "no proof"


def result(row: dict[str, Any]) -> str:
    """What became of a row that is not plainly measured; empty where it is."""
    if row["outcome"] != "ok":
        outcome: str = row["outcome"]
        return OUTCOMES.get(outcome, outcome)
    others = {o: n for o, n in row["outcomes"].items() if o != "ok"}
    if not others:
        return ""
    said = ", ".join(f"{n} {OUTCOMES.get(o, o)}" for o, n in others.items())
    return f"{row['sessions']} of {row['sessions_run']} sessions; {said}"


def stability(row: dict[str, Any]) -> str:
    """What its sessions say of how far a median can be trusted: `unstable: needs about 9 more …`, or nothing."""
    words: str = (row["latency_ms"].get("stability") or {}).get("words") or ""
    repeats = row.get("repeats")
    # Where it went on by itself, what ended it is the answer to "how many more".
    return "; ".join(filter(None, (words, repeats["why"] if repeats and not repeats["narrow"] else "")))


def stability_short(row: dict[str, Any]) -> str:
    """The same for a column of a terminal: `two speeds, unstable: ~9 more`."""
    found, repeats = row["latency_ms"]["stability"], row.get("repeats")
    said = ["two speeds" if found["modes"] else ""]
    if found["trend_pct"] is not None:
        said.append(f"drifts by {found['trend_pct']:+.0f} %")
    if found["outliers"]:
        said.append(plural(len(found["outliers"]), "outlier"))
    if repeats and not repeats["narrow"]:
        half = repeats["half_width_pct"]
        said.append("budget spent" + (f" at ±{half:.1f} %" if half is not None else ""))
    elif found["stable"] is False and not repeats:
        said.append(f"unstable: ~{found['needs_sessions']} more")
    return ", ".join(filter(None, said))


def outputs(row: dict[str, Any]) -> str:
    """`equal`, `0.01 % off`, `2 steps off`, `wrong` or `not checked`; empty where nobody asked."""
    found = row["agreement"]
    if found["verdict"] is None:
        return "not checked" if found["source"] else ""
    if found["verdict"] == "wrong":
        return "wrong"
    if not found["max_abs_error"]:
        return "equal"
    steps, pct = round(found["error_steps"] or 0), found["error_pct"]
    return f"{plural(steps, 'step') if steps else f'{pct:.2g} %' if pct >= 0.01 else 'below 0.01 %'} off"


def misses(entry: dict[str, Any]) -> str:
    """What became of a tier entry's phones that gave no figure: `2 × ran on the CPU instead`."""
    return ", ".join(f"{n} × {OUTCOMES.get(o, o)}" for o, n in entry["outcomes"].items() if o != "ok")


def device_name(phone: PhoneRecord | None) -> str | None:
    """Maker and model of a phone, the maker once; None where it does not say."""
    if phone is None or phone.model is None:
        return None
    maker = (phone.manufacturer or "").strip()
    return phone.model if phone.model.lower().startswith(maker.lower()) else f"{maker} {phone.model}"


def tier_name(tier: str | None) -> str:
    """A tier as a heading."""
    return f"Tier {tier}" if tier else "No tier"


def plural(count: int, noun: str) -> str:
    """`1 phone`, `2 phones`."""
    return f"{count} {noun}" + ("" if count == 1 else "s")


def phone_names(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """phone_id to a name that tells the phones of a report apart: two of one kind carry their id."""
    devices = {r["phone_id"]: r["device"] or r["phone_id"] for r in rows}
    shared = {name for name, n in Counter(devices.values()).items() if n > 1}
    return {phone: f"{name} ({phone})" if name in shared else name for phone, name in devices.items()}


def common_flags(rows: Sequence[dict[str, Any]]) -> dict[str, list[str]]:
    """phone_id to the flags that all of its rows carry: said once beside its name, they need not stand in each."""
    found: dict[str, set[str]] = {}
    for row in rows:
        found[row["phone_id"]] = found.get(row["phone_id"], set(row["flags"])) & set(row["flags"])
    return {phone: sorted(flags) for phone, flags in found.items()}


def remarks(row: dict[str, Any], common: dict[str, list[str]]) -> list[str]:
    """Flags that stand in a row: not those of all rows of its phone, and not what its outcome says already."""
    return [f for f in row["flags"] if f not in common[row["phone_id"]] and f != row["outcome"]]


def notes(document: dict[str, Any]) -> str | None:
    """What must stand on every page: of figures of no real phone or of one not seen, and of mixed phone state."""
    return " ".join(filter(None, (provenance_note(document), state_note(document["rows"])))) or None


def provenance_note(document: dict[str, Any]) -> str | None:
    """A sentence of figures of no real phone or of one not seen, else None."""
    kinds = {row["provenance"] for row in document["rows"]}
    for kind, what in (("virtual", "virtual phones"), ("emulator", "an emulator")):
        if kinds == {kind}:
            return f"These figures come from {what}: they show how the harness works and say nothing about real phones."
        if kind in kinds:
            return f"Rows marked {kind} come from {what} and say nothing about real phones."
    if "imported" in kinds:
        which = "These figures" if kinds == {"imported"} else "Rows marked imported"
        return (
            f"{which} were measured elsewhere: the harness did not see the phone, and cannot tell whether it was real."
        )
    return None


def badge(kinds: Iterable[str]) -> str | None:
    """The words that mark figures of no real phone or of one that was not seen, None where all are real."""
    found = set(kinds)
    kind = next((k for k in ("virtual", "emulator", "imported") if k in found), None)
    return f"partly {kind}" if kind and len(found) > 1 else kind


def flag_words(name: str) -> dict[str, Any]:
    """A flag for a legend: `name`, `voids`, `meaning`, `threshold`, `why`; None of a flag that no rule here gives."""
    rule = RULES.get(name)
    if rule is None:
        return {"name": name, "voids": False, "meaning": FOREIGN, "threshold": None, "why": None}
    return {
        "name": name, "voids": rule.voids, "meaning": rule.meaning, "threshold": rule.threshold, "why": rule.why,
    }  # fmt: skip


def void_words(found: dict[str, Any]) -> str:
    """`none void`, or `3 void (2 suspended, 1 cut_short)`, of a run's `validity`."""
    why = sorted(
        ((n["voided"], flag) for flag, n in found["rules"].items() if n["voided"]), key=lambda p: (-p[0], p[1])
    )
    said = ", ".join(f"{count} {flag}" for count, flag in why)
    return f"{found['void']} void ({said})" if found["void"] else "none void"


def closing(document: dict[str, Any]) -> str:
    """The last sentence of a table."""
    rows = document["rows"]
    if not rows:
        return "This run holds no session."
    kinds = {r["provenance"] for r in rows}
    kind = "virtual phone" if kinds == {"virtual"} else "phone"
    phones = plural(len({r["phone_id"] for r in rows}), kind)
    good = sum(r["outcome"] == "ok" for r in rows)
    counts = Counter(r["outcome"] for r in rows if r["outcome"] != "ok")
    rest = "".join(f"; {n} × {OUTCOMES.get(o, o)}" for o, n in sorted(counts.items()))
    sessions = plural(sum(r["sessions_run"] for r in rows), "session")
    void = void_words(document["run"]["validity"])
    return f"{sessions} on {phones}, {void}: {good} of {plural(len(rows), 'row')} measured{rest}."
