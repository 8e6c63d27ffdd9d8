"""What `harness watch` draws."""

from __future__ import annotations

import datetime
import sys
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from harness.report.words import plural

if TYPE_CHECKING:
    from harness.rack.view import PhoneLine, RackView, RunLine

_STYLES = {
    "ready": "green",
    "leased": "cyan",
    "checking": "blue",
    "connecting": "yellow",
    "recovering": "yellow",
    "draining": "yellow",
    "quarantined": "magenta",
    "absent": "red",
    "needs a person": "bold red",
}
_WARM_C, _HOT_C = 37.0, 45.0
_LOW_PCT, _EMPTY_PCT = 30.0, 15.0


def picture(view: RackView) -> Group:
    """All of it: runs, phones, alarms."""
    clock = datetime.datetime.fromtimestamp(view.time_epoch_s).astimezone()
    ready = sum(p.state == "ready" for p in view.phones)
    working = sum(p.state == "leased" for p in view.phones)
    head = f"{clock:%H:%M:%S}  {plural(len(view.phones), 'phone')}: {working} at work, {ready} ready"
    head += f"; {plural(view.waiting, 'job')} in the queue" if view.waiting else ""
    parts: list[Text | Table] = [Text(head, style="bold")]
    parts += [_run(run) for run in view.runs]
    parts += [Text(""), _phones(view)] if view.phones else [Text("No phone is connected.")]
    for alarm in view.alarms:
        since = datetime.datetime.fromtimestamp(alarm.since_epoch_s).astimezone()
        parts.append(Text(f"Alarm since {since:%H:%M}: {alarm.words()}", style="bold red"))
    return Group(*parts)


def printed(view: RackView) -> None:
    """The same once, on stdout; without a terminal there is no width to fit into."""
    console = Console() if sys.stdout.isatty() else Console(width=200, color_system=None)
    console.print(picture(view))


def _run(run: RunLine) -> Text:
    planned = "?" if run.planned is None else run.planned
    done = "?" if run.done is None else run.done
    words = [f"{done} of {planned} sessions"]
    words += [f"{plural(run.running, 'job')} at work"] if run.running else []
    words += [f"{run.waiting} waiting"] if run.waiting else []
    if run.alive:
        words += [f"last result {span(run.quiet_s)} ago"] if run.quiet_s is not None and run.done else []
        words += [f"by {run.owner}"] if run.owner else []
    else:
        words.append("complete" if run.finished else "no command of this rack works on it")
    return Text(f"Run {run.run_id}: {', '.join(words)}", style="" if run.alive or run.finished else "yellow")


def _phones(view: RackView) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    for name in ("phone", "model", "state", "since", "battery", "heat", "run", "sessions"):
        right = name in ("since", "battery", "heat", "sessions")
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    table.add_column("what, why, last error", overflow="fold", ratio=1)
    for phone in view.phones:
        table.add_row(
            Text(phone.name),
            Text(phone.model or ""),
            Text(phone.state, style=_STYLES.get(phone.state, "")),
            Text("" if phone.for_s is None else span(phone.for_s)),
            _battery(phone.battery_pct),
            _heat(phone.temperature_c),
            Text(_short(phone.run_id)),
            Text(_sessions(phone)),
            _said(phone),
        )
    return table


def _said(phone: PhoneLine) -> Text:
    parts = []
    if phone.doing:
        parts.append((f"last {phone.doing}", ""))
    if phone.reason:
        parts.append((phone.reason, "yellow"))
    if phone.error:
        parts.append((phone.error, "red"))
    text = Text()
    for number, (words, style) in enumerate(parts):
        text.append(("; " if number else "") + " ".join(words.split()), style)
    return text


def _sessions(phone: PhoneLine) -> str:
    if phone.done is None:
        return ""
    return str(phone.done) if phone.planned is None else f"{phone.done}/{phone.planned}"


def _short(run_id: str | None) -> str:
    """The end of a run's id tells runs of a day apart."""
    return "" if run_id is None else run_id.rpartition("-")[2]


def _battery(level_pct: float | None) -> Text:
    if level_pct is None:
        return Text("?")
    style = "red" if level_pct <= _EMPTY_PCT else "yellow" if level_pct <= _LOW_PCT else "green"
    return Text(f"{level_pct:.0f} %", style=style)


def _heat(temperature_c: float | None) -> Text:
    if temperature_c is None:
        return Text("?")
    style = "red" if temperature_c >= _HOT_C else "yellow" if temperature_c >= _WARM_C else "green"
    return Text(f"{temperature_c:.1f} °C", style=style)


def span(seconds: float | None) -> str:
    """A span in a few letters: 42 s, 13 min, 2:05 h, 3 d."""
    if seconds is None:
        return "?"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60}:{minutes % 60:02d} h" if minutes < 48 * 60 else f"{minutes // 1440} d"
