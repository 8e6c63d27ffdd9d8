"""How cool a phone is at rest is remembered for some hours, and damage costs nothing but the memory."""

from __future__ import annotations

from pathlib import Path

from harness.rack.cool import CoolBook
from harness.rack.state_files import StateFolder

HOUR = 3600.0


def test_the_coolest_of_the_last_hours_counts(tmp_path: Path) -> None:
    now = [100 * HOUR]
    book = CoolBook(StateFolder(tmp_path), lambda: now[0])
    assert [book.seen("P/1", c) for c in (31.0, 27.5, 35.0)] == [31.0, 27.5, 27.5]
    assert book.seen("P2", 40.0) == 40.0
    now[0] += 11 * HOUR
    assert CoolBook(StateFolder(tmp_path), lambda: now[0]).seen("P/1", 33.0) == 27.5
    now[0] += HOUR
    assert book.seen("P/1", 34.0) == 33.0, "a cool night does not count by day"


def test_damage_and_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    files = StateFolder(tmp_path / "state")
    book = CoolBook(files, lambda: 0.0)
    book.seen("P1", 30.0)
    files.place("cool", "P1").write_bytes(b"[1,")
    assert book.seen("P1", 36.0) == 36.0
    (tmp_path / "file").write_text("")
    assert CoolBook(StateFolder(tmp_path / "file" / "no"), lambda: 0.0).seen("P1", 36.0) == 36.0
