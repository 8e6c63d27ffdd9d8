"""Log records carry the phone and the job that they are about, on stderr and as JSON lines."""

from __future__ import annotations

import io
import json
import logging
import threading
from pathlib import Path

import pytest

from harness.cli.logs import LogOptions, take_log_options
from harness.errors import UsageError
from harness.logs import JsonFormatter, PhoneFormatter, context, in_context, log_context
from tests.racks import MODELS, harness


@pytest.fixture
def told() -> tuple[logging.Logger, io.StringIO, io.StringIO]:
    log = logging.Logger("harness.test")
    people, programs = io.StringIO(), io.StringIO()
    for stream, formatter in ((people, PhoneFormatter("%(message)s")), (programs, JsonFormatter())):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        log.addHandler(handler)
    return log, people, programs


def test_a_record_says_whom_it_is_about(told: tuple[logging.Logger, io.StringIO, io.StringIO]) -> None:
    log, people, programs = told
    with log_context(run="R1", serial="S1"):
        with log_context(serial="S2", job="J2", phone_id=None):
            log.warning("it is %d °C\nhot", 46)
            log.warning("S2 $ ls")
        log.info("back", extra={"phone_id": "P1"})
    log.info("nobody")
    assert people.getvalue() == "S2: it is 46 °C\nhot\nS2 $ ls\nS1: back\nnobody\n"
    lines = [json.loads(line) for line in programs.getvalue().splitlines()]
    assert [(line["serial"], line["phone_id"], line["job"], line["run"]) for line in lines] == [
        ("S2", None, "J2", "R1"),
        ("S2", None, "J2", "R1"),
        ("S1", "P1", None, "R1"),
        (None, None, None, None),
    ]
    assert lines[0]["message"] == "it is 46 °C\nhot" and lines[0]["level"] == "warning"
    assert lines[0]["logger"] == "harness.test" and lines[0]["time"].endswith("+00:00")


def test_threads_keep_their_phones_apart() -> None:
    seen: dict[str, str] = {}
    both = threading.Barrier(2)

    def work(serial: str) -> None:
        with log_context(serial=serial):
            both.wait(10)
            seen[serial] = context()["serial"]

    with log_context(run="R1"):
        threads = [threading.Thread(target=work, args=(s,)) for s in ("S1", "S2")]
        carried = in_context(lambda: seen.update(run=context()["run"]))
    for thread in (*threads, threading.Thread(target=carried)):
        thread.start()
    for thread in threads:
        thread.join(10)
    assert seen == {"S1": "S1", "S2": "S2", "run": "R1"} and context() == {}


def test_a_fault_keeps_its_traceback(told: tuple[logging.Logger, io.StringIO, io.StringIO]) -> None:
    log, _, programs = told
    try:
        raise ValueError("deep")
    except ValueError:
        log.exception("it broke")
    (line,) = [json.loads(line) for line in programs.getvalue().splitlines()]
    assert "ValueError: deep" in line["traceback"]


def test_options_of_logs_stand_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HARNESS_LOG", raising=False)
    assert take_log_options(["bench", "-v", "m", "--log-json", "n"]) == (["bench", "m"], LogOptions(True, Path("n")))
    assert take_log_options(["a", "--log-json=n", "--", "-v"]) == (["a", "--", "-v"], LogOptions(False, Path("n")))
    with pytest.raises(UsageError, match="--log-json needs a file; as in"):
        take_log_options(["bench", "--log-json"])
    monkeypatch.setenv("HARNESS_LOG", "e")
    assert take_log_options(["a"])[1] == LogOptions(False, Path("e"))


def test_every_line_of_a_run_names_phone_and_job(tmp_path: Path) -> None:
    file = tmp_path / "night.jsonl"
    model = str(MODELS / "digits_float32.tflite")
    options = ("--virtual", "2", "--rate", "50", "--sessions", "1", "--delegate", "cpu", "--out", str(tmp_path))
    done = harness("bench", model, *options, env={"HARNESS_LOG": str(file)})
    assert done.code == 0, done.err
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    commands = [line for line in lines if line["logger"] == "harness.adb"]
    assert {line["level"] for line in commands} == {"debug"} and "mkdir" not in done.err
    assert all(line["serial"] for line in commands) and len({line["serial"] for line in commands}) == 2
    of_jobs = [line for line in commands if line["job"]]
    assert len({(line["serial"], line["phone_id"], line["job"]) for line in of_jobs}) == 2
    assert {line["run"] for line in of_jobs} == {path.parent.name for path in tmp_path.glob("*/run.json")}


def test_a_log_file_that_cannot_be_is_told(tmp_path: Path) -> None:
    done = harness("runs", str(tmp_path), "--log-json", str(tmp_path / "no" / "night.jsonl"))
    assert done.code == 2 and "cannot be written: No such file or directory; choose another --log-json" in done.err
