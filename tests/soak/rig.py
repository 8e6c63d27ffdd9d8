"""A virtual rack, an adb server and a rack file, as an operator has them: what is tested comes and goes beside them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from harness.adb.hung import server_pids
from harness.adb.server import AdbServer
from harness.errors import HarnessError


class Rig:
    """Phones that outlive every controller.

    Args:
        folder: for the ledger, the rack file and what commands remember.
        rate: of the phones' clocks.
        faults: the fault plan, as the file has it; None: nothing goes wrong.
        profiles: kinds of the first phones.
    """

    def __init__(
        self,
        folder: Path,
        phones: int,
        *,
        rate: float,
        seed: int = 0,
        faults: Any = None,
        profiles: Sequence[str] = (),
    ) -> None:
        self.folder, self.rate = folder, rate
        self.ledger = folder / "ledger.jsonl"
        self.rack_file = folder / "rack.yaml"
        command = [sys.executable, "-m", "harness", "virtual", "up", str(phones), "--until-stdin-closes"]
        command += ["--rate", str(rate), "--seed", str(seed), "--ledger", str(self.ledger)]
        command += [word for name in profiles for word in ("--profile", name)]
        if faults is not None:
            (folder / "faults.yaml").write_text(yaml.safe_dump(faults))
            command += ["--faults", str(folder / "faults.yaml")]
        self._rack = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.phones = self._read_phones()
        self._home = tempfile.TemporaryDirectory()
        self.server = AdbServer.private(Path(self._home.name))
        for phone in self.phones:
            with contextlib.suppress(HarnessError):  # a fault may have struck already
                self.server.connect(phone["serial"], timeout_s=5)
        self._write_rack_file()
        threading.Thread(target=self._follow, daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        """For commands that use this rack."""
        return {
            **os.environ,
            "ADB_SERVER_SOCKET": f"tcp:localhost:{self.server.port}",
            "HARNESS_RACK": str(self.rack_file),
        }

    def start(self, *arguments: str, log: Path) -> subprocess.Popen[str]:
        """Start a command on this rack."""
        with log.open("a") as file:
            return subprocess.Popen(
                [sys.executable, "-m", "harness", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                env=self.environment,
            )

    def ask(self) -> None:
        """Have every phone write down how it stands."""
        before = self.ledger.read_text().count('"event": "state"')
        self._rack.send_signal(signal.SIGUSR1)
        end = time.monotonic() + 30
        while self.ledger.read_text().count('"event": "state"') < before + len(self.phones):
            assert time.monotonic() < end, "the phones do not say how they stand"
            time.sleep(0.1)

    def kill_server(self) -> None:
        """Kill the adb server; whoever needs one starts it again on its port."""
        for pid in server_pids(self.server.port):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _follow(self) -> None:
        """A phone at another address is connected and put into the rack file, as its operator would."""
        assert self._rack.stdout
        for line in self._rack.stdout:
            moved = json.loads(line)
            self.phones = [moved if p["phone_id"] == moved["phone_id"] else p for p in self.phones]
            self._write_rack_file()
            with contextlib.suppress(HarnessError):
                self.server.connect(moved["serial"], timeout_s=30)

    def _write_rack_file(self) -> None:
        known = [{k: p[k] for k in ("phone_id", "serial", "hub") if p.get(k)} for p in self.phones]
        part = self.rack_file.with_suffix(".part")
        part.write_text(yaml.safe_dump({"state": "state", "phones": known}))
        part.replace(self.rack_file)

    def _read_phones(self) -> list[dict[str, Any]]:
        assert self._rack.stdout
        found: list[dict[str, Any]] = []
        for line in self._rack.stdout:
            if line.strip() == "ready":
                return found
            found.append(json.loads(line))
        raise AssertionError("the rack did not start")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.close()
        assert self._rack.stdin
        self._rack.stdin.close()
        self._rack.wait(60)
        self._home.cleanup()
