"""Blocks on virtual phones: whole, killed, interrupted, rebooted, cut off."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from harness.adb.quote import DEVICE_ROOT
from harness.adb.server import AdbServer
from harness.benchmark.binary import read_binary
from harness.benchmark.session import BlockReport
from harness.benchmark.watch import Ending
from harness.benchmark.work import Block
from harness.errors import PhoneError
from harness.phones.clean import clean_phone
from tests.benchmark.blocks import SLOW, Bench, block, model
from tests.racks import rack_server


@pytest.fixture(scope="module")
def rack() -> Iterator[tuple[AdbServer, list[str]]]:
    with rack_server(2, "--profile", "pixel-8-pro", "--profile", "galaxy-s23") as (server, serials):
        yield server, serials


@pytest.fixture
def bench(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> Iterator[Bench]:
    server, serials = rack
    made = Bench(server.phone(serials[0]), tmp_path)
    made.phone.shell("settings put global stay_on_while_plugged_in 3")
    yield made
    clean_phone(made.phone)


class Running:
    """A block that runs in a thread of its own."""

    def __init__(self, bench: Bench, what: Block) -> None:
        self._future: Future[BlockReport] = Future()
        self._thread = threading.Thread(target=self._work, args=(bench, what), daemon=True)
        self._thread.start()

    def _work(self, bench: Bench, what: Block) -> None:
        try:
            self._future.set_result(bench.run(what))
        except Exception as error:
            self._future.set_exception(error)

    def done(self) -> bool:
        """Whether it has ended."""
        return self._future.done()

    def report(self, timeout_s: float = 60) -> BlockReport:
        """What came of it."""
        return self._future.result(timeout_s)


def wait_for(bench: Bench, path: str, timeout_s: float = 20) -> None:
    """Until a file of a block is on the phone."""
    end = time.monotonic() + timeout_s
    while bench.phone.shell(f'ls "${{PHONE_ROOT}}"{DEVICE_ROOT}/blocks/{path}').exit_code != 0:
        assert time.monotonic() < end, f"{path} did not come"
        time.sleep(0.1)


def test_sessions_carry_their_evidence(bench: Bench) -> None:
    report = bench.run(block("b-whole", ["cpu", "gpu", "cpu:xnnpack=off"]))
    assert report.missing == () and report.bytes_pushed > model().size_bytes
    assert [s.session_id for s in bench.sessions] == [f"b-whole/{i:04d}" for i in range(3)]
    assert bench.started == ["b-whole"]
    cpu, gpu, plain = bench.sessions
    assert [s.outcome for s in bench.sessions] == ["ok"] * 3
    assert cpu.timed_run and cpu.timed_run.count >= 5 and cpu.wall_s and 0.2 < cpu.wall_s < 10
    assert gpu.delegation.source == "runtime_info" and (gpu.delegation.nodes_delegated or 0) > 0
    assert plain.delegation.nodes_delegated == 0
    assert cpu.thermal.battery_before_c and cpu.frequency.mean_khz and cpu.boot_id
    assert "charging" in cpu.flags and cpu.energy_mj.value is None and cpu.energy_mj.reason == "charging over USB"
    for name, path in cpu.evidence.items():
        assert (bench.folder / path).is_file(), name
    assert {"out", "err", "rc", "sampler.tsv", "result.pb", "runtime.pb"} <= set(cpu.evidence)
    assert bench.setting() == "3"
    assert bench.phone.shell(f'ls "${{PHONE_ROOT}}"{DEVICE_ROOT}/blocks').stdout.strip() == ""
    assert bench.run(block("b-again", ["cpu"])).bytes_pushed == 0


def test_a_host_that_is_killed_loses_nothing(bench: Bench, rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    server, serials = rack
    command = [sys.executable, "-m", "tests.benchmark.blocks", server.host, str(server.port), serials[0]]
    process = subprocess.Popen([*command, str(tmp_path), "b-killed", "4"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    first = process.stdout.readline().strip()
    process.kill()
    process.wait()
    assert first == "b-killed/0000"
    what = block("b-killed", ["cpu"] * 4, protocol=SLOW)
    report = bench.run(replace(what, sessions=what.sessions[1:]))
    assert report.missing == ()
    assert [s.session_id for s in bench.sessions] == [f"b-killed/{i:04d}" for i in (1, 2, 3)]
    starts = [
        line.split()[2] for line in (tmp_path / "raw/b-killed/markers").read_text().splitlines() if " start " in line
    ]
    assert starts == ["0000", "0001", "0002", "0003"], "each ran once"


def test_two_hosts_start_it_once(bench: Bench, rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    server, serials = rack
    (tmp_path / "other").mkdir()
    what = block("b-twice", ["cpu"] * 3, protocol=SLOW)
    other = Bench(server.phone(serials[0]), tmp_path / "other")
    first = Running(bench, what)
    wait_for(bench, "b-twice/started")
    second = Running(other, what)
    reports = (first.report(), second.report())
    ids = {s.session_id for s in bench.sessions + other.sessions}
    assert len(ids) == 3 and any(r.missing == () for r in reports)
    starts = {s.session_id: s.start_uptime_s for s in bench.sessions}
    assert all(starts.get(s.session_id, s.start_uptime_s) == s.start_uptime_s for s in other.sessions), "it ran once"


def test_interruption_ends_and_restores(bench: Bench) -> None:
    running = Running(bench, block("b-stop", ["cpu"] * 5, protocol=replace(SLOW, min_secs=8.0)))
    wait_for(bench, "b-stop/s/0000/out")
    assert bench.setting() == "7"
    bench.stop.set()
    report = running.report(20)
    assert report.missing == (0, 1, 2, 3, 4) and report.ending is Ending.INTERRUPTED
    assert bench.setting() == "3"
    assert "benchmark_model" not in bench.phone.shell("ps -A -o ARGS | grep -v grep").stdout


def test_cleaning_ends_what_runs_and_restores(bench: Bench) -> None:
    running = Running(bench, block("b-clean", ["cpu"] * 5, protocol=replace(SLOW, min_secs=8.0)))
    wait_for(bench, "b-clean/s/0000/out")
    assert clean_phone(bench.phone) > 0
    report = running.report(20)
    assert report.missing and report.ending in (Ending.GONE, Ending.INTERRUPTED), "whichever is seen first"
    assert bench.setting() == "3"
    assert bench.phone.shell(f'ls "${{PHONE_ROOT}}"{DEVICE_ROOT}').exit_code != 0
    assert clean_phone(bench.phone) == 0


def test_a_lost_link_is_waited_for(bench: Bench, rack: tuple[AdbServer, list[str]]) -> None:
    server, serials = rack
    running = Running(bench, block("b-link", ["cpu"] * 3, protocol=SLOW))
    wait_for(bench, "b-link/s/0000/out")
    server.client().disconnect(serials[0])
    time.sleep(4)
    server.connect(serials[0])
    report = running.report()
    assert report.missing == () and len(bench.sessions) == 3
    assert bench.sessions[2].outcome == "ok"


def test_a_reboot_is_noticed_and_the_rest_runs_on_resume(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    server, serials = rack
    bench = Bench(server.phone(serials[1]), tmp_path)
    what = block("b-boot", ["cpu"] * 3, protocol=SLOW)
    running = Running(bench, what)
    wait_for(bench, "b-boot/s/0001/out")
    with contextlib.suppress(PhoneError):  # it takes the link with it
        bench.phone.shell("reboot")
    deadline = time.monotonic() + 60
    while not running.done() and time.monotonic() < deadline:
        try:
            server.connect(serials[1], timeout_s=5)
        except PhoneError:
            continue
        time.sleep(0.3)
    report = running.report(5)
    assert (report.ending, report.running, report.missing) == (Ending.REBOOTED, 1, (1, 2))
    assert [s.session_id for s in bench.sessions] == ["b-boot/0000"]
    again = bench.run(replace(what, sessions=what.sessions[1:]))
    assert again.missing == ()
    assert [s.session_id for s in bench.sessions] == [f"b-boot/{i:04d}" for i in range(3)]
    assert bench.sessions[0].boot_id != bench.sessions[2].boot_id


def test_a_model_larger_than_free_memory_is_refused_before_the_push(bench: Bench, tmp_path: Path) -> None:
    bench.run(block("b-warm", ["cpu"]))
    bench.probe = replace(bench.probe, mem_available_kb=10)
    large = model("digits_float32.tflite")
    report = bench.run(block("b-large", ["cpu"], file=large))
    refused = bench.sessions[-1]
    assert report.missing == () and report.bytes_pushed == 0
    assert refused.outcome == "refused" and "--force tries it" in (refused.outcome_line or "")
    bench.run(block("b-forced", ["cpu"], file=large), force=True)
    assert bench.sessions[-1].outcome == "ok"


def test_a_program_for_another_abi_is_refused_before_anything(bench: Bench, tmp_path: Path) -> None:
    wrong = tmp_path / "x86"
    wrong.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(11) + b"\x3e\x00" + bytes(44))
    bench.binary = read_binary(wrong)
    with pytest.raises(PhoneError, match="is built for x86_64, and the phone runs arm64-v8a"):
        bench.run(block("b-abi", ["cpu"]))
    assert bench.started == []


def test_a_session_that_never_ends_is_a_timeout(bench: Bench) -> None:
    protocol = replace(SLOW, min_secs=60.0, max_secs=60.0, session_timeout_s=2)
    report = bench.run(block("b-late", ["cpu"], protocol=protocol))
    assert report.missing == ()
    assert bench.sessions[0].outcome == "timeout" and bench.sessions[0].signal == "SIGKILL"
    assert bench.sessions[0].inference_avg_us is None
