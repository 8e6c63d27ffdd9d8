"""`harness parse`: read what a benchmark program printed."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from harness.errors import UsageError


def parse(
    files: Annotated[list[Path], typer.Argument(help="Logs; - is standard input.", show_default=False)],
    kind: Annotated[str, typer.Option(help="What the files are; only `benchmark` for now.")] = "benchmark",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line a file.")] = False,
) -> None:
    """Read logs of either official benchmark_model, plain or through logcat.

    Example: adb shell /data/local/tmp/benchmark_model --graph=m.tflite 2>&1 | harness parse --json -
    """
    import json

    from harness.benchmark.output import parse_benchmark

    if kind != "benchmark":
        raise UsageError(f"--kind {kind!r} is not known", advice="use benchmark")
    for file in files:
        with _lines(file) as lines:
            output = parse_benchmark(lines)
        if output.runs > 1:
            print(f"{file}: holds {output.runs} runs; the figures are those of the first", file=sys.stderr)
        if as_json:
            print(json.dumps(output.to_dict(), ensure_ascii=False, allow_nan=False))
            continue
        average = output.inference_avg_us
        time = "no timed run" if average is None else f"{average / 1000:.3f} ms on average"
        print(f"{file}: {output.outcome}, {time}" + (f" ({output.outcome_line})" if output.outcome_line else ""))


@contextlib.contextmanager
def _lines(file: Path) -> Iterator[Iterator[str]]:
    """The lines of a file or of standard input, read in bounded pieces."""
    from harness.benchmark.output.stream import stream_lines

    try:
        if str(file) == "-":
            yield stream_lines(sys.stdin.buffer)
            return
        with file.open("rb") as opened:
            yield stream_lines(opened)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
