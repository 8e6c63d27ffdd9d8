"""One sentence that says it all, for a run on one phone: what is fastest, by how much, with which proof. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from harness.report.contexts import in_one_context
from harness.report.state import state_difference
from harness.report.words import OUTCOMES, app_ratio, condition, interval, number, plural

_WHERE = {
    "virtual": " on this virtual phone",
    "emulator": " on this emulator",
    "imported": ", as measured elsewhere",
}
#: Flags of a phone's state that a reader must know with the figure; the others have their own words here.
_TELL = {"warm_start": "it had not cooled down", "throttled": "heat lowered its clock", "busy": "other programs ran"}
_TELL |= {"others": "other programs worked meanwhile", "state_lost": "what it was held at did not stay"}


def verdicts(document: dict[str, Any]) -> list[str]:
    """A sentence a model variant where the run is of one phone; none for a rack, whose answers are per tier."""
    rows = document["rows"]
    if len({r["phone_id"] for r in rows}) != 1:
        return []
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["model"], row["variant"]].append(row)
    several = len(groups) > 1
    run = document["run"]
    before = "Not finished. " if run.get("finished") is False or run.get("failures") else ""
    names = {(m, v): f" for {f'{m} {v}'.strip()}" if several else "" for m, v in groups}
    return [before + _sentence(group, names[key]) for key, group in groups.items()]


def _sentence(rows: list[dict[str, Any]], of: str) -> str:
    provenance = rows[0]["provenance"]
    where = _WHERE.get(provenance, "")

    def measured(row: dict[str, Any]) -> bool:
        return row["outcome"] == "ok" and row["latency_ms"]["median"] is not None

    good, stands_in = in_one_context(rows, measured)
    good = [r for r in good if measured(r)]
    if not good:
        why = ", ".join(f"{condition(r)} {OUTCOMES.get(r['outcome'], r['outcome'])}" for r in rows)
        return f"Nothing was measured{of}{where}: {why}."
    best, *others = sorted(good, key=lambda r: (r["latency_ms"]["median"], condition(r)))
    limits = interval(best["latency_ms"]["ci95"])
    text = f"Fastest{of}{where}: {_short(best, good)} {number(best['latency_ms']['median'], 'ms')}"
    text += f" ({limits})" if limits else ""
    parts = [text + _lead(best, others, good), *filter(None, (_nodes(best),))]
    said = [", ".join(parts), *_failed(rows), _energy(best)]
    marks = [words for flag, words in _TELL.items() if flag in best["flags"]]
    if marks:
        said.append(f"the phone: {', '.join(marks)}")
    if best["context"] == "shell":
        said.append(stands_in or "figures from the shell, apps may differ")
    elif app_ratio(best):
        said.append(app_ratio(best))
    return "; ".join(said) + "."


def _short(row: dict[str, Any], among: list[dict[str, Any]]) -> str:
    """The delegate alone where that tells it from the others."""
    alone = sum(r["delegate"] == row["delegate"] for r in among) == 1
    delegate: str = row["delegate"]
    return delegate.upper() if alone else condition(row)


def _lead(best: dict[str, Any], others: list[dict[str, Any]], good: list[dict[str, Any]]) -> str:
    """Against the best CPU figure, or, where the CPU is the fastest, against the next."""
    cpu = [r for r in others if r["delegate"] == "cpu" and best["delegate"] != "cpu"]
    if not others:
        return ""
    rival = (cpu or others)[0]
    low, high = best["latency_ms"]["ci95"][1], rival["latency_ms"]["ci95"][0]
    name, behind = _short(rival, good), rival["latency_ms"]["median"]
    if low is None or high is None:
        return f", against {name} {number(behind, 'ms')}, too few sessions to tell"
    if low >= high or not best["latency_ms"]["median"]:
        return f", cannot be told apart from {name} ({number(behind, 'ms')})"
    ratio = behind / best["latency_ms"]["median"]
    differs = state_difference(best, rival)
    said = f" ({differs})" if differs else ""
    return f", {number(ratio) if ratio < 1.1 else f'{ratio:.0f}' if ratio >= 10 else f'{ratio:.1f}'} times {name}{said}"


def _nodes(row: dict[str, Any]) -> str:
    found = row["delegation"]
    if row["delegate"] == "cpu":
        return ""
    if found["nodes_delegated"] is not None and found["nodes_total"]:
        return f"{found['nodes_delegated']} of {plural(found['nodes_total'], 'node')}"
    return {"completely": "all nodes", "partially": "part of the nodes"}.get(found["extent"], "no count of its nodes")


def _failed(rows: list[dict[str, Any]]) -> list[str]:
    bad = [r for r in rows if r["outcome"] != "ok"]
    return [f"{_short(r, rows)}: {OUTCOMES.get(r['outcome'], r['outcome'])}" for r in bad]


def _energy(row: dict[str, Any]) -> str:
    energy = row["energy_mj"]
    if energy["value"] is None:
        return f"energy not measured: {energy['reason']}"
    said = [interval(energy["ci95"]), row["energy"]["absolute"] or ""]
    about = ", ".join(s for s in said if s)
    return f"energy {number(energy['value'], 'mJ')} an inference" + (f" ({about})" if about else "")
