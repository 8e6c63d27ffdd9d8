"""What a report says first: the fastest proven delegate per tier and model variant, and what cannot be said. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.records import RANDOM_INPUTS
from harness.report.contexts import in_one_context
from harness.report.words import FLAGS, condition, interval, number, plural, tier_name

#: Flags that cast doubt on a latency; the others are explained where they stand.
_DOUBTS = ("throttled", "warm_start", "busy", "sampler_gap", "gauge_stuck", "gauge_unchecked")


@dataclass(frozen=True)
class Answer:
    """The fastest condition of one model variant on one tier.

    Attributes:
        best: its tier entry; None where no condition ran on every phone of the tier.
        verdict: how sure its lead is, or why there is none.
        sure: it leads the next one beyond the intervals on every phone.
        rival: the next one, where the lead is not sure.
    """

    tier: str | None
    model: str
    variant: str
    best: dict[str, Any] | None
    verdict: str
    sure: bool
    rival: dict[str, Any] | None = None


def find_answers(document: dict[str, Any]) -> list[Answer]:
    """One answer per tier, model and variant, in the document's order.

    Only conditions that ran, proven, on every phone of the tier are compared (nothing else can be shipped to the tier):
    by the median over its phones. Those of the app where it has them all, else those of the shell, which is said. The
    lead over the next one is called clear on a phone where the two 95 % intervals do
    not overlap, which is stricter than a test of the difference.
    """
    entries: dict[tuple[str | None, str, str], list[dict[str, Any]]] = defaultdict(list)
    for entry in document["tiers"]:
        entries[(entry["tier"], entry["model"], entry["variant"])].append(entry)
    rows = {(r["phone_id"], r["context"], *_key(r)): r for r in document["rows"]}
    phones = defaultdict(set)
    for row in document["rows"]:
        phones[row["tier"]].add(row["phone_id"])
    return [_answer(key, group, rows, sorted(phones[key[0]])) for key, group in entries.items()]


def sentence(answer: Answer) -> str:
    """An answer in words."""
    name = f"{answer.model} {answer.variant}".strip()
    if answer.best is None:
        return f"{tier_name(answer.tier)}, {name}: {answer.verdict}."
    best = answer.best
    limits = interval(best["median_ci95_ms"])
    also = f" or {condition(answer.rival)}" if answer.rival else ""
    text = f"{tier_name(answer.tier)}, {name}: {condition(best)}{also}, {number(best['median_ms'], 'ms')}"
    text += f" ({limits})" if limits else ""
    text += f", {number(best['worst_ms'], 'ms')} on the slowest phone" if best["phones"] > 1 else ""
    return f"{text}; {answer.verdict}."


#: What a reader must know of energy from a gauge whose gain nobody measured.
UNCALIBRATED = (
    "Energy is uncalibrated: battery gauges are some percent off, up to 30 %, one that shows one of two packs by half. "
    "Ratios on one phone hold; its absolute values, and those of two phones, compare only roughly."
)


def limits(document: dict[str, Any]) -> list[str]:
    """What this run cannot say, a sentence each; the most important first."""
    rows, run = document["rows"], document["run"]
    found = []
    if run.get("finished") is False:
        found.append("The run is not finished; `harness run SUITE --resume` goes on with that of a suite file.")
    found += [f"{phone} did not finish: {why}." for phone, why in sorted(run.get("failures", {}).items())]
    found += [f"{line}." for line in run.get("damage", [])]
    if not rows:
        return found
    good = [r for r in rows if r["outcome"] == "ok"]
    for tier in dict.fromkeys(r["tier"] for r in rows):
        count = len({r["phone_id"] for r in rows if r["tier"] == tier})
        if count < 3:
            found.append(f"{tier_name(tier)} rests on {plural(count, 'phone')}: others of its kind may differ.")
    power, energy = _unknown(good, "power_mw"), _unknown(good, "energy_mj")
    if power and power == energy:
        found.append(f"Power and energy {power}")
    else:
        found += [f"{name} {said}" for name, said in (("Power", power), ("Energy", energy)) if said]
    if any(r["energy_mj"]["value"] is not None and r["energy"]["absolute"] == "uncalibrated" for r in good):
        found.append(UNCALIBRATED)
    bare = [r for r in good if r["latency_ms"]["ci95"][0] is None]
    if bare:
        found.append(f"{_rows(bare, good)} without an interval: {bare[0]['latency_ms']['reason']}.")
    for flag in _DOUBTS:
        marked = [r for r in good if flag in r["flags"]]
        if marked:
            found.append(f"{_rows(marked, good)} flagged {flag}: {FLAGS[flag]}.")
    found += _outputs(good)
    if good and all(r["accuracy"]["value"] is None for r in good):
        found.append(f"Whether the outputs are right: {good[0]['accuracy']['reason']}.")
    elif good:
        found.append("Accuracy is that of the models on the host, not of what the phones computed.")
    contexts = {r["context"] for r in good}
    if contexts == {"shell"}:
        found.append("Figures are taken from adb's shell; an app may be scheduled otherwise.")
    elif "shell" in contexts:
        found.append('Figures that do not say "in the app" are taken from adb\'s shell.')
    return found


def _answer(
    key: tuple[str | None, str, str],
    group: Sequence[dict[str, Any]],
    rows: dict[tuple[Any, ...], dict[str, Any]],
    phones: Sequence[str],
) -> Answer:
    def ran(entry: dict[str, Any]) -> bool:
        return entry["phones_ok"] == len(phones) and entry["median_ms"] is not None

    group, said = in_one_context(group, ran)
    found = _of_one_context(key, group, [e for e in group if ran(e)], rows, phones)
    return found if said is None else replace(found, verdict=f"{found.verdict}; {said}")


def _of_one_context(
    key: tuple[str | None, str, str],
    group: Sequence[dict[str, Any]],
    whole: Sequence[dict[str, Any]],
    rows: dict[tuple[Any, ...], dict[str, Any]],
    phones: Sequence[str],
) -> Answer:
    if not whole:
        most = max(e["phones_ok"] for e in group)
        where = f"none ran on more than {most} of {len(phones)} phones" if most else "none gave a figure"
        return Answer(*key, None, f"no delegate can be named: {where}", False)
    best, *others = sorted(whole, key=lambda e: (e["median_ms"], condition(e)))
    if not others:
        alone = "the only one tried" if len(group) == 1 else "the only one that ran on every phone"
        return Answer(*key, best, alone, len(group) > 1)
    context = best["context"]
    pairs = [(rows[(p, context, *_key(best))], rows[(p, context, *_key(others[0]))]) for p in phones]
    counts = Counter(_compare(a["latency_ms"], b["latency_ms"]) for a, b in pairs)
    ahead, behind, open_ = counts["faster"], counts["slower"], counts["open"]
    rival, total = condition(others[0]), len(phones)
    if ahead == total:
        where = "on every phone" if total > 1 else "beyond the intervals"
        return Answer(*key, best, f"clearly ahead of {rival} {where}", True)
    if open_ == total:
        where = " on any phone" if total > 1 else ""
        return Answer(*key, best, f"cannot be told apart from {rival}{where}", False, others[0])
    parts = (("ahead", ahead), ("behind", behind), ("cannot be told apart", open_))
    said = [f"{word} on {n}" for word, n in parts if n]
    return Answer(*key, best, f"against {rival}: {', '.join(said)} of {plural(total, 'phone')}", False, others[0])


def _compare(a: dict[str, Any], b: dict[str, Any]) -> str:
    (a_low, a_high), (b_low, b_high) = a["ci95"], b["ci95"]
    if a_low is None or b_low is None:
        return "open"
    return "faster" if a_high < b_low else "slower" if a_low > b_high else "open"


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return (row["model"], row["variant"], row["delegate"], *sorted(row["options"].items()), row["threads"])


def _rows(some: Sequence[Any], every: Sequence[Any]) -> str:
    if len(some) == len(every):
        return "Every measured row is"
    return f"{len(some)} of {len(every)} measured rows {'is' if len(some) == 1 else 'are'}"


def _outputs(good: Sequence[dict[str, Any]]) -> list[str]:
    """What the checks of outputs leave open; nothing where nobody asked for them."""
    asked = [r["agreement"] for r in good if r["agreement"]["source"]]
    open_ = [a for a in asked if a["verdict"] is None]
    found = []
    if open_:
        which = f"{len(open_)} of {plural(len(asked), 'row')}"
        found.append(f"The outputs of {which} are not checked: {open_[0]['reason']}.")
    if any(a["verdict"] and a["source"] == RANDOM_INPUTS for a in asked):
        found.append("Outputs are checked on random inputs, which may miss what real ones show; --inputs takes those.")
    return found


def _unknown(good: Sequence[dict[str, Any]], key: str) -> str:
    """`of all 65 rows unknown: …`, or nothing where each row has the value."""
    missing = [r for r in good if r[key]["value"] is None]
    if not missing:
        return ""
    reasons = Counter(r[key]["reason"] for r in missing)
    why = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    said = why[0][0] if len(why) == 1 else "; ".join(f"{reason} ({plural(n, 'row')})" for reason, n in why)
    count = "all" if len(missing) == len(good) else f"{len(missing)} of"
    return f"of {count} {plural(len(good), 'row')} unknown: {said}."
