"""What a row tells beside its median: cold starts, speed without a rest, the app against the shell, repeats. Pure."""

from __future__ import annotations

from typing import Any

from harness.report.words import interval, number, plural


def beside_lines(story: dict[str, Any]) -> list[tuple[str, str]]:
    """(name, words) of each of these that the row has."""
    found = (
        ("sessions", (story.get("repeats") or {}).get("why") or ""),
        ("cold start", _cold(story.get("cold"))),
        ("without a rest", _sustained(story.get("sustained"))),
        ("app to shell", _app(story.get("app_ratio"), story["context"])),
    )
    return [(name, words) for name, words in found if words]


def _cold(cold: dict[str, Any] | None) -> str:
    if not cold:
        return ""
    if cold["reason"]:
        return str(cold["reason"])
    parts = [
        f"{name} {number(cold[f'{key}_ms'], 'ms')}{_against(cold[f'{key}_ratio'], 'a warm one')}"
        for key, name in (("init", "init"), ("first", "first run"))
        if cold[f"{key}_ms"] is not None
    ]
    for key, words in (("cleared", "cleared"), ("not_cleared", "not cleared")):
        parts += [f"{words}: {', '.join(cold[key])}"] if cold[key] else []
    return "; ".join([*parts, plural(cold["sessions"], "session")])


def _sustained(found: dict[str, Any] | None) -> str:
    if not found:
        return ""
    if found["reason"]:
        return str(found["reason"])
    start, steady, loss = (found[k] for k in ("start_ms", "steady_ms", "loss_pct"))
    text = f"{number(start['value'], 'ms')} at the start, {number(steady['value'], 'ms')} in the end"
    limits = interval(loss["ci95"])
    text += f", {number(loss['value'], '%')} slower" + (f" (95 % interval {limits} %)" if limits else "")
    after = found["throttled_after_s"]
    when = f"slower for good after {number(after, 's')}" if after is not None else found["throttled_after_s_reason"]
    return f"{text}; {when}; {plural(found['chains'], 'chain')}"


def _app(found: dict[str, Any] | None, context: str) -> str:
    if not found or (context != "app" and found["value"] is None):
        return ""
    if found["value"] is None:
        return f"not known: {found['reason']}"
    said = {"undecided": "cannot be told apart", "same": "the same within the margin"}
    verdict = said.get(found.get("verdict") or "", found.get("verdict"))
    return f"{number(found['value'])} times the shell's time{_limits(found)}" + (f": {verdict}" if verdict else "")


def _against(ratio: dict[str, Any], what: str) -> str:
    return f", {number(ratio['value'])} times {what}{_limits(ratio)}" if ratio["value"] is not None else ""


def _limits(found: dict[str, Any]) -> str:
    limits = interval(found["ci95"])
    return f" (95 % interval {limits})" if limits else ""
