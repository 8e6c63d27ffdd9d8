"""The lines of one benchmark process out of a log that may hold many processes."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator

from harness.benchmark.output.dress import Line, undress

__all__ = ["Line", "read_lines"]

#: Tags under which the official programs and the runtime log.
_TAGS = frozenset({"tflite", "litert", "native", "benchmark_model"})
#: What only a benchmark program says: a process that says it is one. Apps log the runtime's own lines as well.
_BENCHMARK = (
    "STARTING!",
    "Running TensorFlow Lite benchmark with args",  # the app, before the program in it
    "Log parameter values",
    "Min num runs:",
    "Inference timings in us",
    "Average inference timings in us",
    "Running benchmark for ",
    "Initialized session in",
    "Benchmarking failed",
)
_SYSTEM = re.compile(r"lowmemorykiller|lmkd|ActivityManager|am_kill|am_proc_died|Zygote|DEBUG|libc|tombstoned|init")
#: Lines kept until a process has shown that it is the benchmark, and processes told apart.
_WAITING = 400
_PROCESSES = 1000


def read_lines(lines: Iterable[str]) -> Iterator[Line]:
    """The lines of one log; of logcat only those of the first process that a benchmark ran in.

    Excerpts often lack the start, so lines under the programs' tags wait until one process says what only a benchmark
    says; where none does, all of them are taken. Of other processes only starts of further runs and what the system
    says of the benchmark's process come through, marked by `origin`.
    """
    ours: str | None = None
    others: set[str] = set()
    waiting: deque[Line] = deque(maxlen=_WAITING)
    header: Line | None = None
    for raw in lines:
        line = undress(raw)
        if line.is_header:
            header = line
            continue
        if header is not None and line.pid is None:
            if not line.text:
                header = None
                continue
            line = line._replace(severity=line.severity or header.severity, pid=header.pid, tag=header.tag)
        if line.pid is None:
            if line.tag is None or line.tag in _TAGS:
                yield line
            continue
        if line.pid == ours:
            yield line
            continue
        is_benchmark = line.text.startswith(_BENCHMARK)
        if ours is None:
            if is_benchmark:
                ours = line.pid
                yield from (w for w in waiting if w.pid == ours)
                waiting.clear()
                yield line
            elif line.tag in _TAGS:
                waiting.append(line)
        elif is_benchmark:
            if line.pid not in others and len(others) < _PROCESSES:
                others.add(line.pid)
                yield line._replace(origin="other_run")
        elif ours in line.text and _SYSTEM.search(line.tag or "") and re.search(rf"\b{ours}\b", line.text):
            yield line._replace(origin="afar", text=f"{line.tag}: {line.text}")
    yield from waiting
