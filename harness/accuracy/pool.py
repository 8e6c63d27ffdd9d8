"""Worker processes that run models, one a core; one that dies is replaced, and its request fails."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from harness.errors import HostError

#: A deadline that no request of a phone's model needs.
REQUEST_S = 3600.0


class WorkerDied(Exception):
    """A worker's process ended within a request; the text says how."""


class Pool:
    """Workers and a folder for what goes between them and us. A context: at its end no process is left."""

    def __init__(self, workers: int | None = None, *, request_s: float = REQUEST_S) -> None:
        self.workers = workers or os.cpu_count() or 1
        self._request_s = request_s
        self._stack = contextlib.ExitStack()
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()
        self.scratch = Path()

    def __enter__(self) -> Pool:
        try:
            self.scratch = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="harness-accuracy-")))
        except OSError as error:
            raise HostError(f"no temporary folder: {error.strerror}", advice="set TMPDIR to one with room") from None
        self._threads = self._stack.enter_context(ThreadPoolExecutor(max_workers=self.workers))
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)
        for worker in self._idle:
            worker.end()
        self._stack.close()

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Let a worker do one request.

        Raises:
            WorkerDied: its process crashed, or was ended after the deadline.
        """
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        worker = worker or _Worker(self.scratch)
        try:
            answer = worker.ask(request, self._request_s)
        except BaseException:
            worker.end()
            raise
        with self._lock:
            self._idle.append(worker)
        return answer

    def ask_all(self, requests: Sequence[dict[str, Any]], heard: Callable[[int], None]) -> list[dict[str, Any]]:
        """Several requests at once, answers in their order; the first failure ends the rest.

        Args:
            heard: told the place of each that is done.
        """

        def one(place: int) -> dict[str, Any]:
            answer = self.ask(requests[place])
            heard(place)
            return answer

        futures = [self._threads.submit(one, place) for place in range(len(requests))]
        try:
            return [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()
            # What still runs writes into files of this model; the next model must not begin beside it.
            for future in futures:
                if not future.cancelled():
                    with contextlib.suppress(Exception):
                        future.result()


class _Worker:
    def __init__(self, scratch: Path) -> None:
        self._log = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "harness.accuracy.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            # Ctrl-C is seen to by us: a worker that heard it too would look like a crash.
            start_new_session=True,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        )

    def ask(self, request: dict[str, Any], limit_s: float) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        timer = threading.Timer(limit_s, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            late = not timer.is_alive()
            timer.cancel()
        if line.endswith("\n"):
            answer: dict[str, Any] = json.loads(line)
            return answer
        code = self._process.wait()
        if late:
            raise WorkerDied(f"took longer than {limit_s:.0f} s")
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        last = next(reversed(list(self._last_lines())), "")
        raise WorkerDied(f"the interpreter crashed with {how}{': ' + last if last else ''}")

    def _last_lines(self) -> Iterator[str]:
        self._log.seek(0)
        for line in self._log.read().decode("utf-8", "replace").splitlines():
            if line.strip() and not line.startswith(("INFO:", "WARNING:")):
                yield line.strip()

    def end(self) -> None:
        """No process is left behind."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()
