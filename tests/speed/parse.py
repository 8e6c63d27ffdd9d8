"""How fast logs are read: MB/s and logs/s, and the ratio to a bare loop over the same lines in the same run.

Usage: python -m tests.speed.parse [MEGABYTES]
"""

from __future__ import annotations

import io
import random
import sys
import time
from collections.abc import Callable, Iterator

from harness.benchmark.output import parse_benchmark
from harness.benchmark.output.stream import stream_lines
from tests.benchmark.output.logs import CPU, DRESSES, PROFILE, make_log


def _foreign(count: int) -> str:
    """A logcat of other processes."""
    chance = random.Random(1)
    rows = (
        f"06-01 10:00:{n % 60:02d}.001  {chance.randint(900, 4000)}  4243 D SomeService: event {n} took {n % 97} ms, ok=true"
        for n in range(count)
    )
    return "\n".join(rows) + "\n"


def _corpora() -> Iterator[tuple[str, list[bytes]]]:
    chance = random.Random(7)
    yield "single runs", [CPU.encode()] * 400
    yield "runs with a profile", [(CPU + PROFILE * 8).encode()] * 100
    yield "runs through logcat", [DRESSES["threadtime"](CPU).encode()] * 400
    yield "all versions and dresses", [make_log(chance).encode() for _ in range(400)]
    yield "a long logcat of others", [(_foreign(20_000) + DRESSES["threadtime"](CPU)).encode()]


def _bare(file: io.BytesIO) -> None:
    for line in file:
        line.decode("utf-8", "replace").rstrip()


def _read(file: io.BytesIO) -> None:
    parse_benchmark(stream_lines(file))


def _seconds(work: Callable[[io.BytesIO], None], logs: list[bytes]) -> float:
    start = time.perf_counter()
    for log in logs:
        work(io.BytesIO(log))
    return time.perf_counter() - start


def main() -> None:
    """Print one row a kind of log; the best of five turns, the two loops in turn."""
    wanted = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    print(f"{'logs':28}{'MB/s':>8}{'logs/s':>10}{'lines/s':>10}{'times a bare line loop':>25}")
    for name, corpus in _corpora():
        logs = corpus * max(1, round(wanted * 1e6 / sum(map(len, corpus))))
        turns = [(_seconds(_bare, logs), _seconds(_read, logs)) for _ in range(5)]
        bare, read = (min(column) for column in zip(*turns, strict=True))
        size, lines = sum(map(len, logs)) / 1e6, sum(log.count(b"\n") for log in logs)
        print(f"{name:28}{size / read:8.1f}{len(logs) / read:10.0f}{lines / read:10.0f}{read / bare:25.1f}")


if __name__ == "__main__":
    main()
