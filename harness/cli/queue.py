"""`harness queue`: what runs on the rack and what waits, of all commands and users of this machine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.options import AsJson, Rack

if TYPE_CHECKING:
    from harness.rack.ticket import Ticket
    from harness.rack.tickets import DeadTicket


def queue(
    rack: Rack = None,
    everything: Annotated[bool, typer.Option("--all", help="Show jobs that have ended too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what every running command does on the rack, what waits, and why. Example: harness queue"""
    from harness.rack.rackfile import load_rack
    from harness.rack.tickets import QUEUE, TicketBook

    book = TicketBook(load_rack(rack).state_folder / QUEUE)
    tickets = book.others()
    rows = [row for ticket in tickets for row in _rows(ticket, book.now())]
    dead = [_dead(one) for one in book.dead()]
    if as_json:
        import json

        print(json.dumps({"schema": 1, "rows": rows, "dead": dead}, indent=2, ensure_ascii=False, allow_nan=False))
        return
    _print_table([r for r in rows if everything or r["state"] != "ended"])
    for one in dead:
        print(f"{one['file']}: {one['reason']}")
    print(_closing(rows, tickets))


def _rows(ticket: Ticket, now_epoch_s: float) -> list[dict[str, Any]]:
    """The jobs of one command: what runs first, then what waits, as they go."""
    from harness.rack.ticket import JobState
    from harness.rack.tickets import QUIET_S
    from harness.rack.why_waits import need

    rank = list(JobState)
    entries = sorted(
        ticket.jobs,
        key=lambda e: (-1 if e.state is JobState.RUNNING else rank.index(e.state), -e.job.priority, e.job.order),
    )
    return [
        {
            "run_id": ticket.run_id,
            "owner": ticket.owner,
            "job_id": entry.job.job_id,
            "phone_id": entry.phone_id or entry.job.phone_id,
            "needs": need(entry.job),
            "priority": entry.job.priority,
            "state": str(entry.state),
            "since_epoch_s": round(entry.since_epoch_s, 3),
            "for_s": round(max(0.0, now_epoch_s - entry.since_epoch_s), 3),
            "reason": entry.note or None,
            "alive": ticket.quiet_s <= QUIET_S,
        }
        for entry in entries
    ]


def _dead(one: DeadTicket) -> dict[str, Any]:
    from harness.rack.ticket import JobState

    found: dict[str, Any] = {"file": str(one.file), "run_id": one.run_id, "owner": None, "open_jobs": None}
    if one.ticket is None:
        found["reason"] = "a damaged ticket, kept for a look; delete it after that"
        return found
    jobs = sum(e.state is not JobState.ENDED for e in one.ticket.jobs)
    found |= {"owner": one.ticket.owner, "open_jobs": jobs}
    what = f"{one.run_id} of {one.ticket.owner} ended without a word, {jobs} of its jobs still open"
    found["reason"] = f"{what}; go on with it by harness run --resume, or delete this file"
    return found


def _print_table(rows: list[dict[str, Any]]) -> None:
    """Jobs that wait for the same reason share a line."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        where = row["needs"] if row["state"] == "waiting" else row["phone_id"] or row["needs"]
        reason = (row["reason"] or "").removeprefix(f"waits for {where}: ")  # the phone has a column of its own
        groups.setdefault((row["run_id"], row["owner"], where, row["priority"], row["state"], reason), []).append(row)
    console = Console() if sys.stdout.isatty() else Console(width=200)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("run", "who", "phone", "priority", "jobs", "state", "for", "why"):
        table.add_column(name, justify="right" if name in ("priority", "jobs", "for") else "left")
    for (run_id, owner, where, priority, state, reason), jobs in groups.items():
        longest = _ago(max(job["for_s"] for job in jobs))
        state = state if jobs[0]["alive"] else f"{state}?"
        cells = (run_id, owner, where, str(priority), str(len(jobs)), state, longest, reason)
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)


def _closing(rows: list[dict[str, Any]], tickets: list[Ticket]) -> str:
    from harness.report.words import plural

    if not tickets:
        return "The queue is empty: no command runs on this rack."
    states = [row["state"] for row in rows]
    counts = f"{states.count('running')} running, {states.count('waiting')} waiting, {states.count('ended')} ended"
    quiet = {row["run_id"] for row in rows if not row["alive"]}
    told = f" No sign of life for a while, so it holds nobody up: {', '.join(sorted(quiet))}." if quiet else ""
    return f"{plural(len(rows), 'job')} of {plural(len(tickets), 'command')}: {counts}.{told}"


def _ago(seconds: float) -> str:
    """`40 s`, `12 min` or `3.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
