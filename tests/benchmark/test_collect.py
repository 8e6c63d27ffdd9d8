"""Records from what sessions leave on a phone: failures, damage, nonsense."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.benchmark.collect import make_record, read_markers
from harness.benchmark.delegates import parse_delegate
from harness.benchmark.session_files import SessionFiles
from harness.benchmark.work import Block, ModelFile, PlannedSession, Protocol
from harness.records import OUTCOMES, PhoneRecord, Runtime, SessionKey, SessionRecord, from_json, to_json
from tests.benchmark.output.logs import CPU, GPU

PHONE = PhoneRecord("id", "serial", "real")
MODEL = ModelFile("m", "", Path("m.tflite"), "0" * 64, 1_000_000)


def record(files: dict[str, str | bytes], delegate: str = "cpu", *, num_runs: int = 5) -> SessionRecord:
    """The record of a session that left these files and ran from second 10 to 40."""
    name, options = parse_delegate(delegate)
    session = PlannedSession(3, 0, SessionKey("m", "", name, options, 2), MODEL)
    block = Block("b", "id", (session,), Protocol(num_runs=num_runs, session_timeout_s=20))
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "raw/b/s/0003"
        folder.mkdir(parents=True)
        for path, content in files.items():
            place = folder / path
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(content if isinstance(content, bytes) else content.encode())
        pulled = SessionFiles(folder, 10.0, 40.0, "boot")
        return make_record(pulled, session, block, PHONE, Runtime("tflite", None, "f"), ("--a",), Path(root))


def test_a_good_session() -> None:
    found = record({"out": CPU, "rc": "0\n"})
    assert found.outcome == "ok" and found.session_id == "b/0003" and found.wall_s == 30.0
    assert found.evidence == {"out": "raw/b/s/0003/out", "rc": "raw/b/s/0003/rc"}
    assert from_json(SessionRecord, to_json(found)) == found


def test_a_gpu_run_without_proof_is_a_fallback() -> None:
    found = record({"out": CPU, "rc": "0\n"}, "gpu")
    assert found.outcome == "fallback" and "fallback" in found.flags
    assert record({"out": GPU, "rc": "0\n"}, "gpu").outcome == "ok"


def test_a_failed_gpu_run_is_no_fallback() -> None:
    found = record({"err": "ERROR: Failed to apply GPU delegate.\nERROR: Benchmarking failed.\n", "rc": "1"}, "gpu")
    assert found.outcome == "delegate_failed" and "fallback" not in found.flags


def test_litert_names_its_gpu_in_its_own_way() -> None:
    line = "VERBOSE: Replacing 33 out of 33 node(s) with delegate (LITERT_CL) node, yielding 1 partitions\n"
    found = record({"out": CPU, "err": line, "rc": "0"}, "gpu")
    assert found.outcome == "ok" and found.delegation.nodes_delegated == 33


@pytest.mark.parametrize(
    ("rc", "signal", "outcome"),
    [("139", "SIGSEGV", "crash"), ("137", "SIGKILL", "killed"), ("134", "SIGABRT", "crash")],
)
def test_signals_and_what_the_system_says(rc: str, signal: str, outcome: str) -> None:
    lines = "I lowmemorykiller: Kill 'benchmark_model' (42)\nI chatty: nothing\nF libc    : Fatal signal 11 (SIGSEGV)\n"
    stones = "-rw-rw---- 1 tombstoned system 200 tombstone_00\n"
    found = record({"out": "INFO: STARTING!\n", "rc": rc, "logcat": lines, "tombstones": stones})
    assert (found.signal, found.outcome) == (signal, outcome)
    assert "lowmemorykiller" in found.detail["logcat"] and "Fatal signal" in found.detail["logcat"]
    assert "chatty" not in found.detail["logcat"] and "tombstone_00" in found.detail["tombstones"]


def test_a_deadline_is_a_timeout_whatever_was_printed() -> None:
    found = record({"out": CPU, "rc": "137", "deadline": ""})
    assert (found.outcome, found.outcome_line) == ("timeout", "ended after 20 s")


@pytest.mark.parametrize(
    ("left", "words"), [("502\n", "reached 50.2 °C"), ("", "reached the temperature where it stops")]
)
def test_a_session_that_was_too_hot_is_never_a_result(left: str, words: str) -> None:
    for rc in ("137", "0"):
        found = record({"out": CPU, "rc": rc, "hot": left})
        assert found.outcome == "killed" and words in (found.outcome_line or "") and "too_hot" in found.flags


def test_fewer_runs_than_asked_for() -> None:
    assert "cut_short" in record({"out": CPU, "rc": "0"}, num_runs=10_000).flags
    assert "cut_short" not in record({"out": CPU, "rc": "0"}).flags


def test_nothing_left_is_no_result() -> None:
    found = record({})
    assert found.outcome != "ok" and found.exit_code is None
    assert found.power_mw.reason and found.energy_mj.reason and found.peak_rss_mb.reason


def test_markers_of_sessions_that_did_not_end() -> None:
    text = "5.00 begin\n6.10 start 0000\n9.00 stop 0000 0\n9.50 start 0001\n12 note stay-on-refused\nx start 0002\n"
    assert read_markers(text) == {0: (6.1, 9.0), 1: (9.5, None)}


names = ["out", "err", "rc", "sampler.tsv", "runtime.pb", "result.pb", "logcat", "tombstones", "deadline", "warm_start", "hot",
         "before/battery", "before/thermal", "before/policy0.tis", "before/policy0.cap", "before/jiffies", "after/battery",
         "after/policy0.cap"]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    files=st.dictionaries(
        st.sampled_from(names), st.binary(max_size=80) | st.sampled_from([b"0", b"139", CPU.encode()])
    ),
    delegate=st.sampled_from(["cpu", "gpu", "nnapi", "npu"]),
)
def test_whatever_is_left_makes_a_record(files: dict[str, str | bytes], delegate: str) -> None:
    found = record(files, delegate)
    assert found.outcome in OUTCOMES
    if found.outcome == "ok":
        assert found.timed_run and found.exit_code in (0, None)
    assert from_json(SessionRecord, to_json(found)) == found


@given(st.text())
def test_any_markers_are_read(text: str) -> None:
    read_markers(text)
