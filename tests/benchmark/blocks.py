"""Blocks for tests on virtual phones, and a program that runs one and can be killed."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from harness.adb.phone import Phone
from harness.adb.server import AdbServer
from harness.benchmark.binary import read_binary
from harness.benchmark.delegates import parse_delegate
from harness.benchmark.outputs import OutputCheck
from harness.benchmark.session import BlockReport, Surroundings, run_block
from harness.benchmark.work import BinaryFile, Block, ModelFile, PlannedSession, Protocol
from harness.clock import RateClock
from harness.phones.lease import Lease
from harness.phones.probe import PhoneProbe, probe_phone
from harness.records import SessionKey, SessionRecord
from harness.virtual.standin import standin_bytes
from tests.racks import MODELS

QUICK = Protocol(
    num_runs=5,
    min_secs=0.2,
    warmup_min_secs=0.1,
    cooldown_timeout_s=2,
    sample_period_s=0.1,
    session_timeout_s=20,
)
SLOW = replace(QUICK, min_secs=1.5)


def model(name: str = "digits_int8.tflite") -> ModelFile:
    """One of the test models."""
    path = MODELS / name
    data = path.read_bytes()
    return ModelFile(path.stem, "", path, hashlib.sha256(data).hexdigest(), len(data))


def block(
    block_id: str,
    delegates: list[str],
    *,
    protocol: Protocol = QUICK,
    file: ModelFile | None = None,
    phone_id: str = "p",
) -> Block:
    """A block with one session per delegate."""
    sessions = []
    for index, text in enumerate(delegates):
        name, options = parse_delegate(text)
        key = SessionKey("m", "", name, options, 2)
        sessions.append(PlannedSession(index, 0, key, file or model()))
    return Block(block_id, phone_id, tuple(sessions), protocol)


def standin(folder: Path) -> BinaryFile:
    """The stand-in for the benchmark program as a file."""
    path = folder / "benchmark_model"
    path.write_bytes(standin_bytes())
    return read_binary(path)


class Bench:
    """Runs blocks on one phone and keeps what came of them."""

    def __init__(self, phone: Phone, folder: Path) -> None:
        self.phone = phone
        self.folder = folder
        self.probe: PhoneProbe = probe_phone(phone)
        self.binary = standin(folder)
        self.app: BinaryFile | None = None
        self.sessions: list[SessionRecord] = []
        self.started: list[str] = []
        self.stop = threading.Event()

    def run(
        self,
        what: Block,
        *,
        force: bool = False,
        on_session: Callable[[SessionRecord], None] = lambda _: None,
        check: OutputCheck | None = None,
        lease: Lease | None = None,
    ) -> BlockReport:
        """Run a block to its end."""

        def keep(record: SessionRecord) -> None:
            self.sessions.append(record)
            on_session(record)

        probe = self.probe
        plugged = probe.battery.plugged
        around = Surroundings(probe.nodes, probe.thermal_service, probe.mem_available_kb, force, None, plugged)
        return run_block(
            self.phone,
            self.probe.record,
            what,
            self.binary,
            around,
            clock=RateClock(),
            run_folder=self.folder,
            on_session=keep,
            run_started=self.started.append,
            stop=self.stop,
            check=check,
            app=self.app,
            lease=lease,
        )

    def setting(self) -> str:
        """What the phone's stay-on setting is now."""
        return self.phone.shell("settings get global stay_on_while_plugged_in").stdout.strip()


def main(host: str, port: str, serial: str, folder: str, block_id: str, count: str) -> None:
    """Run a block of slow sessions, printing each session's id as it is collected."""
    bench = Bench(AdbServer(host, int(port)).phone(serial), Path(folder))
    bench.run(
        block(block_id, ["cpu"] * int(count), protocol=SLOW), on_session=lambda s: print(s.session_id, flush=True)
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
