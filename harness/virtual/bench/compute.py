"""Asks the interpreter's process to read and run models, and keeps what it answers.

Each model is read, and each (model, inputs, arithmetic) computed, once per process of the rack; files are known by
their content. The random inputs of a session come from one seed, so the answer stays the same, unlike the official
program's, which draws anew each time.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from harness.virtual.bench.graph import Model, model_of

_PACKAGE_ROOT = Path(__file__).parents[3]
#: Real seconds after which a model counts as one that never ends.
_DEADLINE_S = 300.0


class ComputeError(Exception):
    """The interpreter refuses. `stage` is load, build, prepare or invoke and the text its own; or `crash` with the
    number of a signal as text; or `hang`."""

    def __init__(self, stage: str, text: str) -> None:
        super().__init__(text)
        self.stage = stage


@dataclass(frozen=True)
class Wanted:
    """One computation.

    Attributes:
        numerics: `default`, `plain` or `half` (see harness/virtual/interpreter/run.py).
        half_nodes: operators in half precision.
        names: the inputs in order, as files and ranges call them.
        shapes: of the inputs, where they are resized.
    """

    model: Path
    numerics: str = "default"
    half_nodes: frozenset[int] = frozenset()
    subgraph: int = 0
    signature: str = ""
    names: tuple[str, ...] = ()
    files: dict[str, Path] = field(default_factory=dict)
    ranges: dict[str, tuple[int, int]] = field(default_factory=dict)
    shapes: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Outputs:
    """What one run gave: the outputs one after the other, and (numpy type, bytes) of each; shapes where resized."""

    data: bytes
    parts: tuple[tuple[str, int], ...]
    shapes: dict[int, tuple[int, ...]]


class Compute:
    """The one process, started when first needed, spoken to by one thread; usable from any event loop."""

    def __init__(self, deadline_s: float = _DEADLINE_S) -> None:
        self._deadline_s = deadline_s
        self._process: subprocess.Popen[bytes] | None = None
        self._read = b""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="interpreter")
        self._answers: dict[str, dict[str, Any]] = {}
        self._models: dict[str, Model] = {}
        self._digests: dict[tuple[int, int, int, int], str] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="harness-results-")

    async def model(self, path: Path) -> Model:
        """What the model is made of.

        Raises:
            ComputeError: stage load or build.
            OSError: it cannot be read.
        """
        digest = await self._digest(path)
        if digest not in self._models:
            answer = await self._answer(digest, {"do": "describe", "model": str(path)})
            self._models[digest] = model_of(answer)
        return self._models[digest]

    async def run(self, wanted: Wanted) -> Outputs:
        """Its outputs.

        Raises:
            ComputeError: of any stage.
            OSError: a file cannot be read.
        """
        digests = [await self._digest(wanted.model)]
        for name, path in sorted(wanted.files.items()):
            digests += [name, await self._digest(path)]
        request = {
            "do": "run",
            "numerics": wanted.numerics,
            "half_nodes": sorted(wanted.half_nodes),
            "subgraph": wanted.subgraph,
            "signature": wanted.signature,
            "names": wanted.names,
            "ranges": wanted.ranges,
            "shapes": wanted.shapes,
        }
        key = hashlib.sha256(json.dumps([digests, request], sort_keys=True).encode()).hexdigest()
        target = Path(self._folder.name) / key
        request |= {"model": str(wanted.model), "files": {n: str(p) for n, p in wanted.files.items()}}
        answer = await self._answer(key, request | {"target": str(target)})
        parts = tuple((kind, size) for _, kind, size in answer["outputs"])
        shapes = {int(tensor): tuple(shape) for tensor, shape in answer["shapes"].items()}
        return Outputs(target.read_bytes(), parts, shapes)

    def close(self) -> None:
        """End the process."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def _digest(self, path: Path) -> str:
        info = path.stat()
        mark = (info.st_dev, info.st_ino, info.st_mtime_ns, info.st_size)
        if mark not in self._digests:
            self._digests[mark] = await asyncio.to_thread(_sha256, path)
        return self._digests[mark]

    async def _answer(self, key: str, request: dict[str, Any]) -> dict[str, Any]:
        answer = self._answers.get(key)
        if answer is None:
            # A caller who is cancelled does not stop the thread in the middle of an exchange.
            answer = await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, key, request)
        if "error" in answer:
            raise ComputeError(answer["stage"], answer["error"])
        return answer

    def _ask(self, key: str, request: dict[str, Any]) -> dict[str, Any]:
        if key not in self._answers:  # else another session asked while this one waited
            self._answers[key] = self._exchange(request)
        return self._answers[key]

    def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._process is None:
            self._process, self._read = _start(), b""
            self._line(time.monotonic() + 60)
        process = self._process
        assert process.stdin
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            line = self._line(time.monotonic() + self._deadline_s)
        except (BrokenPipeError, TimeoutError) as error:
            process.kill()
            line = b"" if isinstance(error, BrokenPipeError) else b"hang"
        if line.startswith(b"{"):
            found: dict[str, Any] = json.loads(line)
            return found
        code, self._process = process.wait(), None
        return {"stage": "hang", "error": ""} if line else {"stage": "crash", "error": str(max(1, -code))}

    def _line(self, deadline: float) -> bytes:
        # Answers are JSON objects; what native code prints between them is passed over.
        assert self._process and self._process.stdout
        out = self._process.stdout.fileno()
        poll = select.poll()  # a rack of many phones has descriptors beyond what select() takes
        poll.register(out, select.POLLIN)
        while True:
            line, newline, rest = self._read.partition(b"\n")
            if newline:
                self._read = rest
                if line.startswith(b"{"):
                    return line
            elif not poll.poll(1000 * max(0.0, deadline - time.monotonic())):
                raise TimeoutError
            elif piece := os.read(out, 1 << 16):
                self._read += piece
            else:
                return b""


def _start() -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(_PACKAGE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "-m", "harness.virtual.interpreter"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
        bufsize=0,
        start_new_session=True,  # Ctrl-C is for the harness, which ends this by closing its input
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def compute() -> Compute:
    """The one of this process of the rack."""
    return Compute()
