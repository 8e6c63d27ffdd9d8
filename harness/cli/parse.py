"""`harness parse`: read what a benchmark program printed."""

from __future__ import annotations

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
        output = parse_benchmark(_lines(file))
        if as_json:
            print(json.dumps(output.to_dict(), ensure_ascii=False))
            continue
        average = output.inference_avg_us
        time = "no timed run" if average is None else f"{average / 1000:.3f} ms on average"
        print(f"{file}: {output.outcome}, {time}" + (f" ({output.outcome_line})" if output.outcome_line else ""))


def _lines(file: Path) -> list[str]:
    import sys

    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    return data.decode("utf-8", "replace").splitlines()
