"""Virtual phones for the life of one command: a rack process and an adb server of its own."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFault, HarnessError, UsageError

if TYPE_CHECKING:
    from harness.adb.server import AdbServer

START_S = 120.0
#: What the rack prints; None at its end.
_Lines = queue.Queue[str | None]


@contextlib.contextmanager
def virtual_server(
    count: int,
    *,
    profiles: list[str] | None = None,
    rate: float = 1.0,
    seed: int = 0,
    faults: Path | None = None,
    ledger: Path | None = None,
    hubs: dict[str, str] | None = None,
) -> Iterator[AdbServer]:
    """An adb server that knows `count` virtual phones and nothing else; both end with the context.

    Args:
        hubs: filled with the hub's port of each phone as a rack file names it, by phone_id.

    Raises:
        EnvironmentFault: the rack or the server did not come up.
    """
    from harness.adb.server import AdbServer

    with (
        tempfile.TemporaryDirectory(prefix="harness-adb-") as home,
        _rack(count, profiles or [], rate, seed, faults, ledger) as (phones, lines),
        AdbServer.private(Path(home)) as server,
    ):
        with ThreadPoolExecutor(max_workers=16) as pool:
            list(pool.map(server.connect, (str(phone["serial"]) for phone in phones)))
        if hubs is not None:
            hubs |= {str(phone["phone_id"]): str(phone["hub"]) for phone in phones if phone["hub"]}
        threading.Thread(target=_follow, args=(lines, server), daemon=True).start()
        yield server


@contextlib.contextmanager
def _rack(
    count: int, profiles: list[str], rate: float, seed: int, faults: Path | None, ledger: Path | None
) -> Iterator[tuple[list[dict[str, str | None]], _Lines]]:
    command = [sys.executable, "-m", "harness", "virtual", "up", str(count)]
    command += ["--rate", str(rate), "--seed", str(seed), "--until-stdin-closes"]
    for name in profiles:
        command += ["--profile", name]
    if faults is not None:
        command += ["--faults", str(faults)]
    if ledger is not None:
        command += ["--ledger", str(ledger)]
    # The rack ends when its standard input closes, so it cannot outlive us even if we are killed. A session of its
    # own keeps Ctrl-C from ending the phones before we have restored them.
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        yield _read_phones(process)
    finally:
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _follow(lines: _Lines, server: AdbServer) -> None:
    """Connect phones that say they have another address, as mDNS or a cable would."""
    while (line := lines.get()) is not None:
        with contextlib.suppress(HarnessError):
            server.connect(str(json.loads(line)["serial"]))


def _read_phones(process: subprocess.Popen[str]) -> tuple[list[dict[str, str | None]], _Lines]:
    lines: _Lines = queue.Queue()
    tail: list[str] = []

    def read_out() -> None:
        assert process.stdout
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    def read_err() -> None:
        assert process.stderr
        for line in process.stderr:
            tail.append(line)
            del tail[:-20]

    threading.Thread(target=read_out, daemon=True).start()
    errors = threading.Thread(target=read_err, daemon=True)
    errors.start()
    phones: list[dict[str, str | None]] = []
    while True:
        try:
            line = lines.get(timeout=START_S)
        except queue.Empty:
            raise EnvironmentFault(f"the virtual phones did not start within {START_S:.0f} s") from None
        if line is None:
            errors.join(1)
            code = process.wait()
            why = tail[-1].strip().removeprefix("harness: ") if tail else f"exit code {code}"
            if code == UsageError.cli_exit:
                raise UsageError(why)
            raise EnvironmentFault(f"the virtual phones did not start: {why}")
        if line.strip() == "ready":
            return phones, lines
        phones.append(json.loads(line))
