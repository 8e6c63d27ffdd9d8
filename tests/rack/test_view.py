"""What harness watch makes of what is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.rack.jobs import Job
from harness.rack.roll import call_roll
from harness.rack.ticket import JobState, Ticket, TicketJob
from harness.rack.view import Known, Vitals, make_view
from harness.results.progress import RunProgress
from tests.rack.test_roll import HOLD, RACK, seen

NOW = 1_800_000_000.0
TIME = "2027-01-15T07:59:00.000+00:00"


def ticket(*entries: TicketJob, quiet_s: float = 1.0) -> Ticket:
    return Ticket("R-1", "bob@lab:7", NOW - 60, jobs=entries, quiet_s=quiet_s)


def running(phone_id: str) -> TicketJob:
    return TicketJob(Job(f"j-{phone_id}", "R-1", 1), JobState.RUNNING, phone_id, NOW - 42)


PROGRESS = RunProgress(
    "R-1", Path("runs/R-1"), 20, 7, {"P1": 7}, {"P1": 20}, {"P1": "digits cpu 4t"}, {"P1": ("Pixel", "real")}, False
)


def test_a_phone_at_work_shows_its_run() -> None:
    waits = TicketJob(Job("j2", "R-1", 2), note="every phone is busy")
    known = Known(
        NOW,
        call_roll([seen("P1", "P1")], RACK, {}),
        [ticket(running("P1"), waits)],
        {"R-1": PROGRESS},
        {"P1": Vitals(55.0, 41.0)},
        quiet_s={"R-1": 12.0},
    )
    view = make_view(known)
    line = view.phones[0]
    assert (line.name, line.state, line.for_s, line.owner, line.run_id) == ("A1", "leased", 42.0, "bob@lab:7", "R-1")
    assert (line.done, line.planned, line.doing) == (7, 20, "digits cpu 4t")
    assert (line.battery_pct, line.temperature_c) == (55.0, 41.0)
    (run,) = view.runs
    assert (run.done, run.planned, run.running, run.waiting, run.alive) == (7, 20, 1, 1, True)
    assert run.quiet_s == 12.0 and run.why == "every phone is busy" and view.waiting == 1


def test_what_the_controller_says_counts_while_it_lives() -> None:
    said: dict[str, Any] = {
        "kind": "state",
        "time": TIME,
        "phone_id": "P1",
        "run": "R-1",
        "state": "recovering",
        "text": "link lost",
    }
    failed: dict[str, Any] = {
        "kind": "recovery",
        "time": TIME,
        "phone_id": "P1",
        "ok": False,
        "text": "reconnect: no answer",
    }
    fine: dict[str, Any] = {"kind": "job", "time": TIME, "phone_id": "P1", "ended": "complete"}
    old: dict[str, Any] = {**failed, "time": "2026-01-01T00:00:00.000+00:00", "phone_id": "P9"}
    roll = call_roll([seen("P1", "P1"), seen("P9", "P9")], RACK, {})
    events: list[dict[str, Any]] = [old, failed, said, fine]
    view = make_view(Known(NOW, roll, [ticket(running("P1"))], events=events))
    line = view.phones[0]
    assert (line.state, line.reason, line.for_s) == ("recovering", "link lost", 60.0)
    assert line.error is not None and line.error.endswith("reconnect: no answer"), "what went well is no error"
    assert {p.name: p.error for p in view.phones}["P9"] is None, "an error of last year is none"
    dead = make_view(Known(NOW, roll, [ticket(running("P1"), quiet_s=1000.0)], events=events))
    assert dead.phones[0].state == "leased" and not dead.runs[0].alive
    held = make_view(Known(NOW, call_roll([seen("P1", "P1")], RACK, {"P1": HOLD}), events=events))
    assert held.phones[0].state == "quarantined"


def test_one_run_shows_its_phones_only_also_those_of_another_adb_server() -> None:
    roll = call_roll([seen("P1", "P1"), seen("P9", "P9")], RACK, {})
    progress = RunProgress(
        "R-1", Path("r"), 4, 3, {"P1": 1, "V1": 2}, {"P1": 2, "V1": 2}, {}, {"V1": ("Pixel 8", "virtual")}, False
    )
    view = make_view(Known(NOW, roll, [], {"R-1": progress}, only="R-1"))
    assert [(p.name, p.state, p.done, p.planned) for p in view.phones] == [("A1", "ready", 1, 2), ("V1", "done", 2, 2)]
    assert view.phones[1].reason == "it is on the adb server of its run" and len(view.runs) == 1
