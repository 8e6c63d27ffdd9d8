"""Runs for the tests of reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.records import PhoneRecord, SessionRecord
from harness.results.folder import Run
from tests.records import phone, session


def run_of(*sessions: SessionRecord, phones: int = 1, **meta: Any) -> Run:
    """A run of phones P1, P2, …, all of tier mid."""
    records = tuple(phone(f"P{n}", model=f"Phone {n}") for n in range(1, phones + 1))
    return run_on(records, *sessions, **meta)


def run_on(phones: tuple[PhoneRecord, ...], *sessions: SessionRecord, **meta: Any) -> Run:
    """A run of these phones."""
    return Run(Path("runs/r"), {"run_id": "r", "started": "2026-01-02T03:04:05+00:00", **meta}, phones, sessions)


def repeated(name: str, *times_us: float | None, **fields: Any) -> list[SessionRecord]:
    """A session per time."""
    return [session(f"{name}/{n:04d}", inference_avg_us=time, **fields) for n, time in enumerate(times_us)]
