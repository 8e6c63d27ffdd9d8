"""What is synced stays, whatever happens to the writer."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import HostError
from harness.records import PhaseStats, Quantity, SessionRecord, from_json, to_json
from harness.results.journal import BlockStart, Journal, read_journal
from tests.records import session

ROOT = Path(__file__).parents[2]


def ids(path: Path) -> list[str]:
    return [s.session_id for s in read_journal(path).sessions]


def test_a_record_survives_json() -> None:
    record = session("b/0001", timed_run=PhaseStats(3, p95_us=7.0), power_mw=Quantity(reason="charging"))
    assert from_json(SessionRecord, json.loads(json.dumps(to_json(record)))) == record


def test_append_is_idempotent_and_reloads(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.begin_block(BlockStart("b", "p"))
    journal.begin_block(BlockStart("b", "p"))
    assert journal.append(session("b/0000")) and not journal.append(session("b/0000", outcome="crash"))
    journal.close()
    again = Journal(tmp_path / "j")
    assert not again.append(session("b/0000"))
    assert again.blocks == {"b": BlockStart("b", "p")} and again.sessions["b/0000"].outcome == "ok"
    assert len((tmp_path / "j").read_bytes().splitlines()) == 2


def test_a_missing_journal_is_empty(tmp_path: Path) -> None:
    assert read_journal(tmp_path / "none") == ([], {}, {}, 0, [])


@given(st.integers(0, 2), st.binary(max_size=30))
def test_a_torn_end_costs_only_itself(tmp_path_factory: pytest.TempPathFactory, cut: int, rubbish: bytes) -> None:
    """Cut anywhere in the last line, with anything behind: the lines before stay, and the next goes after them."""
    path = tmp_path_factory.mktemp("torn") / "j"
    journal = Journal(path)
    for n in range(3):
        journal.append(session(f"b/{n:04d}"))
    journal.close()
    whole = path.read_bytes()
    start = whole[:-1].rindex(b"\n") + 1
    tail = whole[start:-1]
    torn = tail[: len(tail) * cut // 3] + rubbish.replace(b"\n", b"\r")
    path.write_bytes(whole[:start] + torn)

    assert ids(path) == ["b/0000", "b/0001"]
    again = Journal(path)
    assert again.append(session("b/0003"))
    again.close()
    assert ids(path) == ["b/0000", "b/0001", "b/0003"]
    assert read_journal(path).damaged == []


@pytest.mark.parametrize(
    "line",
    [
        b"\0" * 40,
        b"{",
        b"[]",
        b"7",
        b'{"event": "session"}',
        b'{"event": "session", "session": {"session_id": "b/0009"}}',
        b'{"event": "session", "session": []}',
        b'{"event": "block"}',
        b"[" * 100_000,
        b"\xff\xfe",
        b"a\rb",
    ],
)
def test_a_damaged_line_is_passed_over_and_counted(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "j"
    for n in range(2):
        journal = Journal(path)
        journal.append(session(f"b/{n:04d}"))
        journal.close()
        if n == 0:
            with path.open("ab") as file:
                file.write(line + b"\n")
    assert ids(path) == ["b/0000", "b/0001"]
    assert read_journal(path).damaged == [2]


def test_a_newer_harness_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "j"
    data = {**to_json(session("b/0000")), "of_tomorrow": 1}
    path.write_text(json.dumps({"event": "weather"}) + "\n" + json.dumps({"event": "session", "session": data}) + "\n")
    assert ids(path) == ["b/0000"] and read_journal(path).damaged == []


def test_odd_names_are_kept(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    odd = session("b/0000", detail={"file": "m\udcff\u2028模型\n'$(x)"})
    journal.append(odd)
    journal.close()
    assert read_journal(tmp_path / "j").sessions == [odd]


def test_many_threads_write_whole_lines(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")

    def write(block: int) -> None:
        for n in range(20):
            journal.append(session(f"{block}/{n:04d}"))
            journal.append(session(f"{block}/{n:04d}"))

    threads = [threading.Thread(target=write, args=(b,)) for b in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    journal.close()
    assert sorted(ids(tmp_path / "j")) == [f"{b}/{n:04d}" for b in range(8) for n in range(20)]
    assert len((tmp_path / "j").read_bytes().splitlines()) == 160


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    first = Journal(tmp_path / "j")
    first.append(session("b/0000"))
    with pytest.raises(HostError, match="another harness writes"):
        Journal(tmp_path / "j")
    script = (
        "import sys; from pathlib import Path; from harness.results.journal import Journal; Journal(Path(sys.argv[1]))"
    )
    other = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "j"], capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert "another harness writes" in other.stderr and other.returncode == 1
    first.close()
    second = Journal(tmp_path / "j")
    assert list(second.sessions) == ["b/0000"]
    second.close()


_WRITER = """
import sys
from pathlib import Path
from harness.results.journal import BlockStart, Journal
from tests.records import session
journal = Journal(Path(sys.argv[1]))
journal.begin_block(BlockStart("b", "p"))
for n in range(len(journal.sessions), 100000):
    journal.append(session(f"b/{n:06d}", detail={"logcat": "x" * 5000}))
    print(n, flush=True)
"""


def test_a_killed_writer_loses_nothing_it_reported(tmp_path: Path) -> None:
    path = tmp_path / "j"
    for wait_s in (0.0, 0.003, 0.011):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert writer.stdout
        reported = [int(writer.stdout.readline()) for _ in range(40)]
        time.sleep(wait_s)
        writer.send_signal(signal.SIGKILL)
        reported += [int(line) for line in writer.stdout.read().splitlines()]
        writer.wait(30)
        found = read_journal(path)
        kept = {s.session_id for s in found.sessions}
        assert kept >= {f"b/{n:06d}" for n in reported}
        assert found.blocks == {"b": BlockStart("b", "p")} and found.damaged == []


_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from harness.errors import HostError
from harness.results.journal import Journal
from tests.records import session
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal(Path(sys.argv[1]))
journal.append(session("b/0000"))
room = journal.path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (room + 100, resource.RLIM_INFINITY))
try:
    journal.append(session("b/0001"))
except HostError as error:
    print(error)
print(journal.path.stat().st_size == room, list(journal.sessions))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(journal.append(session("b/0001")))
"""


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    command: list[Any] = [sys.executable, "-c", _FULL_DISK, tmp_path / "j"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.stdout.splitlines() == [
        f"{tmp_path / 'j'} cannot be written: File too large; make room on the disk",
        "True ['b/0000']",
        "True",
    ], done.stderr
    assert ids(tmp_path / "j") == ["b/0000", "b/0001"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="cannot be written: No such file"):
        Journal(tmp_path / "none" / "j")
