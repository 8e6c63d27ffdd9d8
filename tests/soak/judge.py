"""Holds a run against the ledger of the phones that it ran on. What counts is what the phones say."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from harness.benchmark.planned import block_id
from harness.records import SessionRecord
from harness.results.folder import load_run
from harness.results.journal import read_journal
from harness.virtual.ledger_reader import RackLedger, TrueRun, read_ledger

#: Flags that tell a reader that a session was disturbed.
MARKS = frozenset(
    {"suspended", "sampler_gap", "cut_short", "lease_lost", "garbled", "no_times", "throttled", "wrong_output", "busy"}
)
#: Seconds by which the phone's markers may differ from the ledger's times.
_NEAR_S = 1.0


@dataclass
class Verdict:
    """Counts; every name in `wrong` should hold nothing.

    Attributes:
        jobs, sessions: planned.
        complete, failed: jobs that ended with every session, and with a typed failure.
        lost: jobs that ended in no way.
        doubled: sessions that ran whole more than once though nothing disturbed the first time, or two at once.
        false_clean: sessions that were disturbed and are reported as clean.
        made_up: records of sessions that no phone ran.
        changed: phones that were left in a changed state, with how.
    """

    jobs: int = 0
    sessions: int = 0
    complete: int = 0
    failed: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    false_clean: list[str] = field(default_factory=list)
    made_up: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> dict[str, list[str]]:
        """What must not be."""
        names = ("lost", "doubled", "false_clean", "made_up", "changed")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def judge(folder: Path, ledger_file: Path) -> Verdict:
    """What became of the jobs of a run."""
    run, ledger = load_run(folder), read_ledger(ledger_file)
    journal = read_journal(folder / "journal.jsonl")
    found = Verdict(faults=Counter(f.kind for f in ledger.faults))
    counts = Counter(s.block_id for s in journal.sessions)
    for phone_id, planned in run.meta["planned"].items():
        found.jobs += 1
        found.sessions += planned
        block = block_id(run.meta["run_id"], phone_id)
        end = journal.ends.get(block)
        if counts[block] >= planned:
            found.complete += 1
        elif end is not None and end.kind is not None:
            found.failed += 1
        else:
            found.lost.append(f"{phone_id}: {counts[block]} of {planned} sessions, and {end}")
    runs = ledger.sessions()
    for session in journal.sessions:
        _judge_session(session, runs, found)
    _doubled(ledger, runs, found)
    for phone_id, state in ledger.states.items():
        held = [line for line in state.leases.values() if " held " in line]
        if state.settings or state.running or state.faked or held:
            found.changed.append(f"{phone_id}: {state.settings} {state.running} {state.faked} {held}")
    return found


def _judge_session(session: SessionRecord, runs: dict[tuple[str, str, str], list[TrueRun]], found: Verdict) -> None:
    if session.outcome in ("refused", "killed") and session.start_uptime_s is None:
        return  # it was not started
    index = session.session_id.rpartition("/")[2]
    start_s, end_s = session.start_uptime_s or 0.0, session.end_uptime_s or float("inf")
    true = [
        r
        for r in runs.get((session.phone_id, session.block_id, f"s/{index}"), [])
        if r.boot_id == session.boot_id and start_s - _NEAR_S < r.begin_uptime_s < end_s + _NEAR_S
    ]
    if not true:
        found.made_up.append(f"{session.session_id} on {session.phone_id}: {session.outcome}")
    elif session.outcome == "ok" and not MARKS.intersection(session.flags):
        disturbed = true[-1].disturbed
        if disturbed or not true[-1].complete:
            how = ", ".join(disturbed) or f"{true[-1].how} {true[-1].code}"
            found.false_clean.append(f"{session.session_id}: {how}; flags {session.flags}")


def _doubled(ledger: RackLedger, runs: dict[tuple[str, str, str], list[TrueRun]], found: Verdict) -> None:
    strikes: dict[str, list[float]] = {}
    times: dict[tuple[str, str, int, str], float] = {}
    for event in ledger.events:
        if event["event"] in ("fault", "fault_end", "boot"):
            strikes.setdefault(event["phone_id"], []).append(event["host_s"])
        elif event["event"] in ("run_begin", "run_end"):
            times[event["rack"], event["phone_id"], event["run"], event["event"]] = event["host_s"]
    for (phone_id, block, session), tries in runs.items():
        for one, next_one in itertools.pairwise(tries):
            begun = times[one.rack, phone_id, one.number, "run_begin"]
            again = times[next_one.rack, phone_id, next_one.number, "run_begin"]
            over = times.get((one.rack, phone_id, one.number, "run_end"), float("inf"))
            struck = any(begun <= s <= again for s in strikes.get(phone_id, []))
            if over > again or (one.complete and not struck):
                found.doubled.append(f"{block}/{session}: at {begun:.1f} and {again:.1f}")


def keys(folder: Path) -> Counter[str]:
    """What a run measured, for comparison with another run: phone, condition, repeat's number, outcome."""
    found: Counter[str] = Counter()
    for session in load_run(folder).sessions:
        index = session.session_id.rpartition("/")[2]
        key = json.dumps(vars(session.key), sort_keys=True)
        found[f"{session.phone_id} {index} {key} {session.outcome}"] += 1
    return found
