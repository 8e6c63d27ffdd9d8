"""Virtual phones in a process of their own, and an adb server that knows only them: for tests of every room."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.adb.server import AdbServer

MODELS = Path(__file__).parent / "models"
SHARED = Path(__file__).parents[1] / ".." / "shared" / "data"

#: The hub's port of each phone of a rack, by its address, as a rack file names it.
HUBS: dict[str, str] = {}


@contextlib.contextmanager
def rack_process(count: int, *options: str) -> Iterator[list[str]]:
    """`harness virtual up` with further options; gives the phones' addresses."""
    command = [sys.executable, "-m", "harness", "virtual", "up", str(count), "--until-stdin-closes", *options]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        serials = []
        for line in process.stdout:
            if line.strip() == "ready":
                break
            told = json.loads(line)
            serials.append(str(told["serial"]))
            HUBS[serials[-1]] = str(told["hub"])
        assert len(serials) >= count, "the rack did not start"
        yield serials
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait(30)


@contextlib.contextmanager
def rack_server(count: int, *options: str, connect: bool = True) -> Iterator[tuple[AdbServer, list[str]]]:
    """The same behind an adb server of its own."""
    with (
        tempfile.TemporaryDirectory() as home,
        rack_process(count, *options) as serials,
        AdbServer.private(Path(home)) as server,
    ):
        if connect:
            for serial in serials:
                server.connect(serial)
        yield server, serials


@contextlib.contextmanager
def hung(server: AdbServer) -> Iterator[None]:
    """While inside, an adb server of our own takes connections and does nothing; it goes on after, if it still lives."""
    group = end_server(server, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGCONT)


def end_server(server: AdbServer, number: int = signal.SIGKILL) -> int:
    """Send a signal to every process of an adb server of our own; gives their group."""
    assert server._process is not None, "only a server of our own is for us to end"
    os.killpg(server._process.pid, number)
    return server._process.pid


def harness(
    *arguments: str, timeout: float = 120, env: dict[str, str] | None = None, before: Sequence[str] = ()
) -> Done:
    """Run the command line as a user would."""
    done = subprocess.run(
        [*before, sys.executable, "-m", "harness", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(env or {})},
    )
    return Done(done.returncode, done.stdout, done.stderr)


class Done:
    """What a command printed and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err
