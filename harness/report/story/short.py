"""A story in short, for a row of the page that is opened. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from harness.report.story.beside import beside_lines
from harness.report.story.parts import delegation_line, energy_lines, memory_line, state_lines
from harness.report.story.track import Track, track
from harness.report.words import number, plural, stability


@dataclass(frozen=True)
class Line:
    """A session in short. x: its place, None without a time; notes: what was seen, or why it does not count."""

    index: str
    x: float | None
    beyond: bool
    mean: str
    p95: str
    heat: str
    kind: str  # counts, void, failed or other
    outlier: bool
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Short:
    """What an opened row shows.

    ends: the interval's limits in words; common: what was seen in every session; facts: (name, text); commands:
    different ones, and in how many sessions each ran where there are several; p95: some session has one.
    """

    track: Track | None
    ends: tuple[str, str] | None
    common: tuple[str, ...]
    lines: tuple[Line, ...]
    sense: str
    remark: str | None
    facts: tuple[tuple[str, str], ...]
    commands: tuple[tuple[str, str], ...]
    p95: bool


def in_short(story: dict[str, Any]) -> Short:
    """What a reader of the page needs to judge one number; `harness explain` tells the rest."""
    sessions = [s for s in story["session_list"] if s["gives_latency"]]
    places = track(story["latency_ms"], [s["mean_ms"] for s in sessions], [s["counted"] for s in sessions])
    notes = [_notes(s) for s in sessions]
    common = _common(notes)
    timed = any(s["mean_ms"] is not None for s in sessions)
    lines = [
        _line(s, n, places, [words for words in notes[n] if words not in common])
        for n, s in enumerate(sessions)
        if timed or set(notes[n]) - set(common)
    ]
    low, high = story["latency_ms"]["ci95"]
    several = len(story["commands"]) > 1
    return Short(
        track=places,
        ends=_ends(low, high, places),
        common=tuple(common),
        lines=tuple(lines),
        sense=_sense(story),
        remark=stability(story) or None,
        facts=tuple(_facts(story)),
        commands=tuple(
            (c["words"], f"in {plural(len(c['sessions']), 'session')}" if several else "") for c in story["commands"]
        ),
        p95=any(s["p95_ms"] is not None for s in sessions),
    )


def _ends(low: float | None, high: float | None, places: Track | None) -> tuple[str, str] | None:
    """The limits of the interval; an arrow where the band goes on beyond the line."""
    if low is None or high is None or places is None:
        return None
    return f"{'‹ ' if places.cut[0] else ''}{number(low)}", f"{number(high)}{' ›' if places.cut[1] else ''}"


def _sense(story: dict[str, Any]) -> str:
    latency = story["latency_ms"]
    if latency["median"] is None:
        return f"No figure: {latency['reason']}."
    count = plural(story["sessions"], "session")
    if story["outcome"] == "fallback":
        count = f"{count} on the CPU"
    if latency["ci95"][0] is None:
        return f"No interval: {latency['reason']}; nothing says how far another try would be from this."
    return (
        "Dots are sessions, the line is their median. The band is where this phone's true median lies, as far as "
        f"{count} can tell (95 % interval{_relative(story)}): no range of runs, and dots may lie outside of it."
    )


def _relative(story: dict[str, Any]) -> str:
    return f", {story['relative']}".replace("± ", "±\xa0").replace(" %", "\xa0%") if story["relative"] else ""


def _common(notes: list[list[str]]) -> list[str]:
    """What was seen in every session alike, which is said once; of one session nothing."""
    first, *others = notes
    return [words for words in first if others and all(words in more for more in others)]


def _notes(session: dict[str, Any]) -> list[str]:
    """Why it does not count, what is odd about it, and what was seen."""
    seen = [f"{'void, ' if f['voids'] else ''}{f['rule']}: {f['seen'] or f['meaning']}" for f in session["flags"]]
    if session["outlier"]:
        seen.insert(0, "far from the others")
    if not session["counted"] and not session["void"]:
        line = f" ({session['outcome_line']})" if session["outcome_line"] and session["mean_ms"] is None else ""
        seen.insert(0, f"does not count: {session['counted_reason']}{line}")
    return seen


def _line(session: dict[str, Any], place: int, places: Track | None, notes: list[str]) -> Line:
    kind = "counts" if session["counted"] else "void" if session["void"] else "other"
    if kind == "other" and session["mean_ms"] is None:
        kind = "failed"
    heat = session["thermal"]
    known = heat["battery_before_c"] is not None and heat["battery_after_c"] is not None
    return Line(
        f"{session['index']:04d}",
        places.dots[place] if places else None,
        bool(places and places.beyond[place]),
        number(session["mean_ms"]),
        number(session["p95_ms"]),
        f"{heat['battery_before_c']:.1f} → {heat['battery_after_c']:.1f}" if known else "–",
        kind,
        session["outlier"],
        tuple(notes),
    )


def _facts(story: dict[str, Any]) -> list[tuple[str, str]]:
    said = {"virtual": "a virtual phone, which says nothing about real ones", "emulator": "an emulator"}
    said |= {"imported": "measured elsewhere, not seen by the harness", "real": "a real phone"}
    where = {"shell": "from adb's shell; an app may be scheduled otherwise", "app": "inside an app"}
    found = [
        ("taken", f"on {said.get(story['provenance'], story['provenance'])}, {where.get(story['context'], '')}"),
        ("proof", delegation_line(story)),
        ("energy", "; ".join(energy_lines(story)[:1] if _silent(story) else energy_lines(story))),
        ("memory", memory_line(story)),
        ("start", _start(story)),
    ]
    found += [("state", "; ".join(lines))] if (lines := state_lines(story)) else []
    found += beside_lines(story)
    others = Counter(s["kind"] for s in story["session_list"] if not s["gives_latency"])
    found += [("other sessions", ", ".join(f"{n} of kind {kind}" for kind, n in sorted(others.items())))]
    return [(name, text) for name, text in found if text]


def _start(story: dict[str, Any]) -> str:
    known = (("init", story["init_ms"]), ("first run", story["first_ms"]))
    return ", ".join(f"{name} {number(value, 'ms')}" for name, value in known if value is not None)


def _silent(story: dict[str, Any]) -> bool:
    """Power and energy are unknown for one reason, which needs to be said once."""
    power, energy = story["power_mw"], story["energy_mj"]
    return power["value"] is None and energy["value"] is None and power["reason"] == energy["reason"]
