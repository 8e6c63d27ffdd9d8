"""The parts of a story in words: phone, state, proof, memory, energy, outputs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.report import accuracy
from harness.report.words import interval, number, outputs, plural, proof

#: Where the proof of a delegation is from.
_PROOFS = {"runtime_info": "the runtime info file that the program wrote", "log": "the program's log"}


def phone_lines(story: dict[str, Any]) -> list[str]:
    """What the phone is, why it is of its tier, and its battery before each session."""
    known = story["phone"]
    tier = f"tier {story['tier'] or 'none'}: {story['tier_reason']}"
    lines = [f"{story['device'] or 'unknown'}, {story['phone_id']} at {story['serial']}, {story['provenance']}; {tier}"]
    if known is None:
        return [*lines, f"{story['phone_reason']}."]
    facts = [
        known["soc"],
        plural(known["cores"], "core") if known["cores"] else None,
        f"{known['ram_mb'] / 1024:.1f} GiB" if known["ram_mb"] else None,
        known["gpu"],
        f"Android {known['android']}" if known["android"] else None,
        known["abi"],
    ]
    said = ", ".join(f for f in facts if f)
    lines += [said] if said else []
    lines.append(f"build {known['fingerprint']}" if known["fingerprint"] else "build not known")
    charge = [f"{s['battery_pct']:.0f}" for s in story["session_list"] if s["battery_pct"] is not None]
    lines.append(f"battery before the sessions: {', '.join(charge)} %" if charge else "battery level not kept")
    return lines


def state_lines(story: dict[str, Any]) -> list[str]:
    """What the phone was put into, and who else used it, where sessions tell: said once where all agree."""
    lines = []
    for name, what in (("state", "held"), ("activity", "cores")):
        told: dict[str, list[str]] = {}
        for s in story["session_list"]:
            words = flat(s[name])
            if words:
                told.setdefault(words, []).append(f"{s['index']:04d}")
        for words, where in told.items():
            every = len(told) == 1 and len(where) == len(story["session_list"])
            lines.append(f"{what}{'' if every else ' in ' + ', '.join(where)}: {words}")
    return lines


def delegation_line(story: dict[str, Any]) -> str:
    """`GPU 23 of 23 nodes in 1 partition, from …`."""
    found = story["delegation"]
    if not found["extent"]:
        return f"{proof(story)}: {found['reason']}"
    parts = f" in {plural(found['partitions'], 'partition')}" if found["partitions"] else ""
    where = _PROOFS.get(found["source"] or "", "an unnamed source")
    return f"{proof(story)}{parts} ({found['extent']}), from {where}"


def memory_line(story: dict[str, Any]) -> str:
    """Every definition that is known, kept apart, and why the peak is not."""
    found = story["memory_mb"]
    named = (("peak_rss", "peak resident"), ("init", "growth by initialisation"), ("overall", "growth in all"))
    known = [f"{words} {number(found[key], 'MiB')}" for key, words in named if found.get(key) is not None]
    more = flat({k: v for k, v in found.items() if k not in dict(named) and not k.endswith("reason")})
    missing = f"peak not measured: {found['reason']}" if found["peak_rss"] is None else ""
    return "; ".join(filter(None, (*known, more, missing)))


def energy_lines(story: dict[str, Any]) -> list[str]:
    """Energy and power with their intervals, or the reason why not; what the figure rests on, where the row tells."""
    lines = []
    rests = story.get("energy") or {}
    for key, name, unit in (("energy_mj", "energy of one inference", "mJ"), ("power_mw", "power", "mW")):
        found = story[key]
        if found["value"] is None:
            lines.append(f"{name} not measured: {found['reason']}")
            continue
        limits = interval(found["ci95"])
        absolute = rests.get("absolute") if key == "energy_mj" else None
        text = f"{name} {number(found['value'], unit)}" + (f", 95 % interval {limits} {unit}" if limits else "")
        lines.append(text + (f", {absolute}" if absolute else ""))
    return [*lines, *_budget(rests)]


def _budget(rests: Mapping[str, Any]) -> list[str]:
    """What an energy figure rests on, and what its errors are made of."""
    named = (("gross_mj", "gross", "mJ"), ("net_mj", "net of idle", "mJ"), ("idle_mw", "idle", "mW"))
    said = [f"from {rests['source']}"] if rests.get("source") else []
    said += [f"{words} {number(rests[key], unit)}" for key, words, unit in named if rests.get(key) is not None]
    said += [f"over {number(rests['window_s'], 's')}"] if rests.get("window_s") is not None else []
    errors = [f"{name} {number(value)}" for name, value in (rests.get("errors_mj") or {}).items() if value is not None]
    lines = [", ".join(said)] if said else []
    if rests.get("u_mj") is not None:
        parts = f": {', '.join(errors)}" if errors else ""
        lines.append(f"budget of its errors ± {number(rests['u_mj'], 'mJ')}{parts}")
    if rests.get("throttled"):
        lines.append(f"while clocks were capped, which does not count: {flat(rests['throttled'])}")
    return lines


def heat_lines(story: dict[str, Any]) -> list[str]:
    """Heat and clocks of each session, as far as the phone tells."""
    lines = []
    for s in story["session_list"]:
        heat, clocks = s["thermal"], s["frequency"]
        said = [
            *_pair("battery", heat["battery_before_c"], heat["battery_after_c"], "°C"),
            *_pair("skin", heat["skin_before_c"], heat["skin_after_c"], "°C"),
            *([f"hottest sensor {number(heat['max_c'], '°C')}"] if heat["max_c"] is not None else []),
            *_pair("thermal status", heat["status_before"], heat["status_after"], ""),
            *([f"lowest cap {number(clocks['min_cap_pct'], '%')}"] if clocks["min_cap_pct"] is not None else []),
            *(f"{policy} at {khz / 1e6:.2f} GHz" for policy, khz in sorted(clocks["mean_khz"].items())),
        ]
        if said:
            lines.append(f"{s['index']:04d} {', '.join(said)}")
    reasons = {s[part]["reason"] for s in story["session_list"] for part in ("thermal", "frequency")}
    return [*lines, *sorted(f"not all of it: {why}" for why in reasons if why)]


def _pair(name: str, before: float | None, after: float | None, unit: str) -> list[str]:
    if before is None and after is None:
        return []
    return [f"{name} {_plain(before)} to {_plain(after)} {unit}".rstrip()]


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def accuracy_lines(story: dict[str, Any]) -> list[str]:
    """What the phone computed, and how right the model is on the host."""
    found, known = story["agreement"], story["accuracy"]
    said = outputs(story) or "not checked"
    why = found["reason"] or found["tolerance"]
    checked = f", {found['inputs']} of {plural(len(story['output_sessions']), 'input')}" if found["inputs"] else ""
    lines = [f"outputs: {said}{checked}" + (f" ({why})" if why else "")]
    if known["value"] is None:
        return [*lines, f"accuracy not known: {known['reason']}"]
    return [*lines, f"accuracy on the host: {accuracy.accuracy(story)}; drop {accuracy.drop(story) or 'not known'}"]


def flat(value: Any) -> str:
    """What is known in an object, as `key value` pairs; empty where nothing is."""
    if value is None or value == [None, None]:
        return ""
    if isinstance(value, Mapping):
        if isinstance(value.get("words"), str):
            return str(value["words"])
        said = ((str(k).replace("_", " "), flat(v)) for k, v in sorted(value.items()))
        return ", ".join(f"{k} {v}" for k, v in said if v)
    if isinstance(value, list | tuple):
        return " ".join(filter(None, map(flat, value)))
    return number(value) if isinstance(value, float) else str(value)
