"""Runs a plan on many phones at once: a thread a phone, one journal, one run folder.

The phones work alone (see harness/benchmark/session.py), so the threads mostly wait. A phone's fault ends that phone's
part only; what it finished is in the journal already.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness.benchmark.outputs import OutputCheck
from harness.benchmark.session import BlockReport, Surroundings, run_block
from harness.benchmark.work import BinaryFile, Block
from harness.errors import HarnessError
from harness.logs import log_context
from harness.records import PhoneRecord, SessionRecord
from harness.results.folder import RunFolder
from harness.results.journal import BlockStart

if TYPE_CHECKING:
    from harness.adb.phone import Phone
    from harness.clock import Clock


@dataclass(frozen=True)
class Assignment:
    """A block, the phone and program it runs on, and what its outputs are held against."""

    phone: Phone
    record: PhoneRecord
    block: Block
    binary: BinaryFile
    around: Surroundings
    check: OutputCheck | None = None


@dataclass
class RunResult:
    """What came of a run. `failures` maps phone_id to the sentence that says why its block did not finish."""

    folder: Path
    sessions: list[SessionRecord] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    bytes_pushed: int = 0
    wall_s: float = 0.0
    ideal_s: float = 0.0
    interrupted: bool = False


#: Called from the phones' threads, one call at a time, after a session is in the journal.
OnSession = Callable[[SessionRecord], None]


def run_assignments(
    assignments: Sequence[Assignment],
    folder: RunFolder,
    *,
    clock: Clock,
    on_session: OnSession = lambda _: None,
    on_note: Callable[[str, str], None] = lambda _phone, _text: None,
) -> RunResult:
    """Run every block, each on its phone, all at the same time.

    Args:
        assignments: one per phone.
        folder: the run folder; every finished session is synced into its journal before `on_session` hears of it.
        clock: the phones' clock, at their rate.
        on_session: progress.
        on_note: (serial, sentence) for what a person should know while it runs.

    Returns:
        What came of it. Ctrl-C ends what runs on the phones, restores them, and sets `interrupted`.
    """
    result = RunResult(folder.path)
    stop = threading.Event()
    lock = threading.Lock()

    def keep(record: SessionRecord) -> None:
        with lock:
            folder.journal.append(record)
            result.sessions.append(record)
            on_session(record)

    def work(job: Assignment) -> None:
        record = job.record
        try:
            with log_context(
                serial=record.serial, phone_id=record.phone_id, job=job.block.block_id, run=folder.path.name
            ):
                report = _run_one(job, folder, clock, keep, stop, lock)
        except HarnessError as error:
            with lock:
                result.failures[job.record.phone_id] = str(error)
                on_note(job.record.serial, str(error))
            return
        with lock:
            result.bytes_pushed += report.bytes_pushed
            if report.missing and not stop.is_set():
                text = f"{len(report.missing)} of {len(job.block.sessions)} sessions did not run: {report.ending.value}"
                result.failures[job.record.phone_id] = text
                on_note(job.record.serial, text)

    started = time.monotonic()
    threads = [
        threading.Thread(target=work, args=(a,), name=a.record.serial, daemon=True)
        for a in assignments
        if a.block.sessions
    ]
    for thread in threads:
        thread.start()
    try:
        _join(threads)
    except KeyboardInterrupt:
        result.interrupted = True
        # A second Ctrl-C must not leave phones with changed settings; each step has a deadline.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        on_note("", "Ending what runs on the phones and restoring them; this takes a moment")
        stop.set()
        _join(threads)
    result.wall_s = (time.monotonic() - started) * getattr(clock, "rate", 1.0)
    result.ideal_s = ideal_seconds(result.sessions)
    return result


def _join(threads: Sequence[threading.Thread]) -> None:
    # A plain join() cannot be interrupted by Ctrl-C on every platform; short waits can.
    while any(t.is_alive() for t in threads):
        for thread in threads:
            thread.join(0.1)


def _run_one(
    job: Assignment,
    folder: RunFolder,
    clock: Clock,
    keep: OnSession,
    stop: threading.Event,
    lock: threading.Lock,
) -> BlockReport:
    def begun(block_id: str) -> None:
        with lock:
            folder.journal.begin_block(BlockStart(block_id, job.record.phone_id))

    return run_block(
        job.phone,
        job.record,
        job.block,
        job.binary,
        job.around,
        clock=clock,
        run_folder=folder.path,
        on_session=keep,
        run_started=begun,
        stop=stop,
        check=job.check,
    )


def ideal_seconds(sessions: Sequence[SessionRecord]) -> float:
    """What the phones had to spend, seconds of their clock: the longest sum of session times over the phones."""
    spent: dict[str, float] = {}
    for session in sessions:
        spent[session.phone_id] = spent.get(session.phone_id, 0.0) + (session.wall_s or 0.0)
    return max(spent.values(), default=0.0)
