"""A story for a terminal or a log."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from harness.report.story.beside import beside_lines
from harness.report.story.parts import (
    accuracy_lines,
    delegation_line,
    energy_lines,
    heat_lines,
    memory_line,
    phone_lines,
    state_lines,
)
from harness.report.words import badge, condition, model_name, number, plural, stability

_FILE_WIDTH = 160


def to_text(story: dict[str, Any]) -> str:
    """The story, section by section; what is not known says why."""
    title = f"{story['row']}: {model_name(story)}, {condition(story)}, {story['device'] or story['phone_id']}"
    mark = badge([story["provenance"]])
    latency = story["latency_ms"]
    lines = [
        f"{title}{f' [{mark}]' if mark else ''}",
        "",
        *story["says"],
        *([f"{stability(story)}."] if stability(story) else []),
    ]
    if latency.get("method"):
        lines.append(f"Method of the interval: {latency['method']}.")
    lines += [*story["mind"], ""]
    lines += _section("Command", _command_lines(story))
    lines += _section("Phone", phone_lines(story))
    lines += _section("Sessions, in the order in which they ran", _session_lines(story["session_list"]))
    lines += _section("Rules", _rule_lines(story))
    lines += _section("Heat and clocks", heat_lines(story))
    lines += _section("State of the phone", state_lines(story))
    lines += _section("Where it ran", [delegation_line(story)])
    lines += _section("Beside it", [f"{name}: {words}" for name, words in beside_lines(story)])
    lines += _section("Memory", [memory_line(story)])
    lines += _section("Energy", energy_lines(story))
    lines += _section("Outputs and accuracy", accuracy_lines(story))
    lines += _section("To take it again", [_again(a) for a in story["again"]])
    lines += _section("Raw files", _file_lines(story))
    return "\n".join(lines).rstrip() + "\n"


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [title, *(f"  {line}" if line else "" for line in lines), ""] if lines else []


def _command_lines(story: dict[str, Any]) -> list[str]:
    if not story["commands"]:
        return [f"None: {story['commands_reason'] or 'it is not kept'}."]
    lines = []
    many = len(story["commands"]) > 1
    for one in story["commands"]:
        count = plural(len(one["sessions"]), "session")
        if many:
            lines.append(f"In {count} ({', '.join(s.rpartition('/')[2] for s in one['sessions'])}):")
        lines.append(one["words"])
        if one["source"] == "cmd":
            lines.append(f"as the phone got it{'' if many else f', the same in {count}'}: {one['text']}")
        else:
            lines.append("put together from the record: the file with the phone's own command is not there")
    return lines


def _session_lines(sessions: Sequence[dict[str, Any]]) -> list[str]:
    if not sessions:
        return ["None."]
    head = ("session", "start s", "mean ms", "min", "p95", "runs", "counts")
    rows = [
        (
            f"{s['index']:04d}{f' {kind}' if (kind := s['kind']) != 'timing' else ''}",
            f"{s['start_uptime_s']:.1f}" if s["start_uptime_s"] is not None else "–",
            number(s["mean_ms"]), number(s["min_ms"]), number(s["p95_ms"]), str(s["runs"] or "–"),
            ("yes" if s["counted"] else f"no, {s['counted_reason']}") + (", an outlier" if s["outlier"] else ""),
        )
        for s in sessions
    ]  # fmt: skip
    told: dict[str, list[str]] = {}
    for s in sessions:
        for f in s["flags"]:
            what = f"{'void' if f['voids'] else 'flagged'}: {f['rule']}, {f['seen'] or f['meaning']}"
            told.setdefault(what, []).append(f"{s['index']:04d}")
        if s["outcome"] not in ("ok", "fallback") and s["outcome_line"]:
            told.setdefault(f"ended with: {s['outcome_line']}", []).append(f"{s['index']:04d}")
    return [*_table(head, rows), *(f"{', '.join(where)} {what}" for what, where in told.items())]


def _rule_lines(story: dict[str, Any]) -> list[str]:
    lines = []
    for entry in story["validity"]:
        verb = "voids" if entry["voids"] else "flags"
        threshold = entry["threshold"] or entry["threshold_reason"]
        lines.append(
            f"{entry['rule']} {verb} {entry['sessions']} of {entry['of']} sessions; it holds from: {threshold}"
        )
    held = ", ".join(story["rules_held"])
    return [*lines, f"No session is known to have broken: {held}."] if held else lines


def _again(one: dict[str, Any]) -> str:
    return f"{one['what']}: {one['command'] or one['reason']}"


def _file_lines(story: dict[str, Any]) -> list[str]:
    if not story["files"]:
        return ["None are kept."]
    checks = {s["session_id"] for s in story["output_sessions"]}
    lines, folder = [], None
    for file in story["files"]:
        above, _, name = file["path"].partition(f"/{file['session_id'].rpartition('/')[2]}/")
        above = f"{story['run'].get('path', '.')}/{above}/{file['session_id'].rpartition('/')[2]}"
        if not name:
            above, name = str(story["run"].get("path", ".")), file["path"]
        if above != folder:
            lines.append(above + (" (of its outputs)" if file["session_id"] in checks else ""))
            folder = above
        lines.append(f"  {file['sha256'] or file['reason']}  {name}")
    return lines


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for name in head:
        table.add_column(name, justify="left" if name in ("session", "counts") else "right")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    buffer = io.StringIO()
    Console(file=buffer, width=_FILE_WIDTH, color_system=None).print(table)
    return [line.rstrip() for line in buffer.getvalue().splitlines()]
