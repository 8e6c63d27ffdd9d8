"""The record of a session that is not tried again since it brings phones down."""

from __future__ import annotations

from harness.benchmark.collect import not_started
from harness.benchmark.work import PlannedSession
from harness.rack.perform import PhoneWork
from harness.records import PhoneRecord, Runtime, SessionRecord


def not_run(session: PlannedSession, work: PhoneWork, phone: PhoneRecord, why: str) -> SessionRecord:
    """A failed job, not a result: its outcome is `killed`."""
    binary = session.binary or work.binary
    runtime = Runtime(binary.flavour, binary.version, binary.sha256)
    return not_started(session, work.block, phone, runtime, "killed", why)
