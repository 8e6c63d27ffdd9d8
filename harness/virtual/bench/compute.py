"""Asks the worker for results, and keeps them: each model, inputs and arithmetic are computed once per rack."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class ComputeError(Exception):
    """The model cannot be prepared or invoked; `stage` says which, the text is the interpreter's."""

    def __init__(self, stage: str, text: str) -> None:
        super().__init__(text)
        self.stage = stage


@dataclass(frozen=True)
class Wanted:
    """One computation: model file, arithmetic (see worker.py), input files and integer ranges by input name."""

    model: Path
    numerics: str
    inputs: dict[str, Path] = field(default_factory=dict)
    ranges: dict[str, tuple[int, int]] = field(default_factory=dict)


class Compute:
    """The one worker of this rack's process, started when first needed."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()
        self._done: dict[str, dict[str, Any]] = {}
        self._digests: dict[tuple[int, int, int], str] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="harness-results-")

    async def output(self, wanted: Wanted) -> bytes:
        """The outputs, one after the other as raw bytes.

        Raises:
            ComputeError: the interpreter refuses.
        """
        key = self._key(wanted)
        async with self._lock:
            answer = self._done.get(key)
            if answer is None:
                answer = self._done[key] = await self._ask(wanted, key)
        if "error" in answer:
            raise ComputeError(answer["stage"], answer["error"])
        return Path(answer["output"]).read_bytes()

    def _key(self, wanted: Wanted) -> str:
        files = [self._digest(wanted.model), *(f"{n}={self._digest(p)}" for n, p in sorted(wanted.inputs.items()))]
        return hashlib.sha256(repr((files, wanted.numerics, sorted(wanted.ranges.items()))).encode()).hexdigest()

    def _digest(self, path: Path) -> str:
        info = path.stat()
        mark = (info.st_ino, info.st_mtime_ns, info.st_size)
        if mark not in self._digests:
            self._digests[mark] = hashlib.sha256(path.read_bytes()).hexdigest()
        return self._digests[mark]

    async def _ask(self, wanted: Wanted, key: str) -> dict[str, Any]:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "harness.virtual.bench.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
            await self._line()
        request = {
            "model": str(wanted.model),
            "numerics": wanted.numerics,
            "inputs": {n: str(p) for n, p in wanted.inputs.items()},
            "ranges": wanted.ranges,
            "seed": 1,
            "target": str(Path(self._folder.name) / key),
        }
        assert self._process.stdin
        with contextlib.suppress(ConnectionError):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            await self._process.stdin.drain()
        line = await self._line()
        if not line:
            return {"stage": "invoke", "error": "crashed"}
        found: dict[str, Any] = json.loads(line)
        return found

    async def _line(self) -> bytes:
        # What native code prints to stdout is passed over; answers are JSON objects.
        assert self._process and self._process.stdout
        while line := await self._process.stdout.readline():
            if line.startswith(b"{"):
                return line
        return b""


_COMPUTE: Compute | None = None


def compute() -> Compute:
    """This process's worker."""
    global _COMPUTE
    if _COMPUTE is None:
        _COMPUTE = Compute()
    return _COMPUTE
