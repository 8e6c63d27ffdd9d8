"""How figures are written, the same in every format. Pure."""

from __future__ import annotations

from typing import Any

NOT_MEASURED = "–"

#: What each flag means, for readers of a report.
FLAGS = {
    "busy": "other programs used the phone",
    "charging": "the phone was charging, so its power is unknown",
    "cut_short": "the time was over before the least number of runs; the row does not count",
    "fallback": "nothing shows that the delegate took a node",
    "partial_delegation": "part of the model stayed on the CPU",
    "sampler_gap": "a sample is missing",
    "suspended": "the phone slept during the run; the row does not count",
    "throttled": "heat lowered a clock",
    "warm_start": "the phone had not cooled down before the start",
    "wrong_output": "the outputs are wrong; the row does not count",
}

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
}


def number(value: float | None, unit: str = "") -> str:
    """Three significant digits, no exponent, with its unit."""
    if value is None:
        return NOT_MEASURED
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}".replace(",", " ") + (f" {unit}" if unit else "")


def interval(pair: list[float | None]) -> str:
    """`7.20 to 7.60`, or nothing."""
    return f"{number(pair[0])} to {number(pair[1])}" if pair[0] is not None else ""


def condition(row: dict[str, Any]) -> str:
    """Delegate, options and threads as one phrase; threads where the CPU works."""
    options = " ".join(f"{k}={v}" for k, v in row["options"].items())
    threads = f"{row['threads']} thread" + ("s" if row["threads"] != 1 else "") if row["delegate"] == "cpu" else ""
    return " ".join(part for part in (row["delegate"].upper(), options, threads) if part)


def model_name(row: dict[str, Any]) -> str:
    """Model and variant."""
    return f"{row['model']} {row['variant']}".strip()


def memory(row: dict[str, Any]) -> str:
    """Peak memory in MiB, or `+` and its growth since the program's start where the peak is unknown."""
    values = row["memory_mb"]
    if values["peak_rss"] is not None:
        return number(values["peak_rss"], "MiB")
    return NOT_MEASURED if values["overall"] is None else f"+{number(values['overall'], 'MiB')}"


def proof(row: dict[str, Any]) -> str:
    """`64 of 64 nodes`, or what is known."""
    d = row["delegation"]
    if d["nodes_delegated"] is not None and d["nodes_total"]:
        return f"{d['nodes_delegated']} of {d['nodes_total']} nodes"
    return {"completely": "all nodes", "partially": "part of the nodes", "none": "no node"}.get(d["extent"], "no proof")


def provenance_note(document: dict[str, Any]) -> str | None:
    """One sentence that must stand on every page that holds figures of no real phone."""
    kinds = {row["provenance"] for row in document["rows"]}
    if "virtual" in kinds:
        return (
            "These figures come from virtual phones. They show how the harness works and say nothing about real phones."
        )
    if "emulator" in kinds:
        return "These figures come from an emulator and say nothing about real phones."
    return None


def answers(document: dict[str, Any]) -> list[str]:
    """A sentence a tier: the fastest proven delegate, and by how much."""
    found = []
    tiers: dict[str | None, list[dict[str, Any]]] = {}
    for entry in document["tiers"]:
        tiers.setdefault(entry["tier"], []).append(entry)
    for tier, entries in tiers.items():
        # Only what every phone of the tier ran can be shipped to the tier.
        whole = [e for e in entries if e["phones_ok"] == e["phones"] and e["median_ms"] is not None]
        name = f"Tier {tier}" if tier else "Phones without a tier"
        if not whole:
            found.append(f"{name}: no condition ran on every phone.")
            continue
        best = min(whole, key=lambda e: e["worst_ms"])
        cpu = [e for e in whole if e["delegate"] == "cpu" and e["model"] == best["model"]]
        text = f"{name}: fastest is {model_name(best)} on {condition(best)}, {number(best['median_ms'], 'ms')} median"
        if best["phones"] > 1:
            text += f", {number(best['worst_ms'], 'ms')} on its slowest phone"
        slow = min(cpu, key=lambda e: e["median_ms"], default=None)
        if slow is not None and best["delegate"] != "cpu":
            text += f"; {number(slow['median_ms'] / best['median_ms'])} times as fast as the best CPU row"
        found.append(text + ".")
    return found


def closing(document: dict[str, Any]) -> str:
    """The last sentence of a table."""
    rows = document["rows"]
    phones = len({r["phone_id"] for r in rows})
    good = sum(r["outcome"] == "ok" for r in rows)
    sessions = sum(r["sessions_run"] for r in rows)
    kinds = {r["provenance"] for r in rows}
    kind = "virtual phone" if kinds == {"virtual"} else "phone"
    return (
        f"{sessions} sessions on {phones} {kind}{'s' if phones != 1 else ''}: {good} of {len(rows)} rows measured, "
        f"{len(rows) - good} refused, fallen back or failed."
    )
