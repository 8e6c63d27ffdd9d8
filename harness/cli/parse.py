"""`harness parse`: read what benchmark programs and phones print."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from harness.errors import UsageError

_BENCHMARK = "benchmark"
#: Lines and characters that a kind is guessed from, and characters of a dump that are read; dumps are far smaller.
_HEAD_LINES, _HEAD, _MOST = 2000, 1 << 17, 1 << 24


def parse(
    files: Annotated[list[Path], typer.Argument(help="Files; - is standard input.", show_default=False)],
    kind: Annotated[str | None, typer.Option(help="What the files are; guessed where not given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line a file.")] = False,
) -> None:
    """Read logs of either official benchmark_model, plain or through logcat, and what a phone's own commands print.

    Kinds: benchmark, battery, batterystats, thermal, meminfo, proc-meminfo, cpuinfo, cpufreq, time-in-state, getprop,
    build-prop, gles, df, features, adb-devices, uevent.

    Example: adb shell /data/local/tmp/benchmark_model --graph=m.tflite 2>&1 | harness parse --json -
    """
    import json

    from harness.dumps import KINDS

    if kind is not None and kind not in (_BENCHMARK, *KINDS):
        raise UsageError(f"--kind {kind!r} is not known", advice=f"use {', '.join((_BENCHMARK, *KINDS))}")
    unread = 0
    for file in files:
        try:
            with _opened(file) as lines:
                found, values = _read(lines, kind, file)
        except UsageError as error:
            if len(files) == 1:
                raise
            # The others are still read, and keep their lines.
            print(f"harness: {error}", file=sys.stderr)
            unread += 1
            continue
        if as_json:
            print(json.dumps(values, ensure_ascii=False, allow_nan=False))
        else:
            _show(file, found, values)
    if unread:
        raise SystemExit(2)


@contextmanager
def _opened(file: Path) -> Iterator[Iterator[str]]:
    from harness.dumps.stream import bounded_lines

    if str(file) == "-":
        yield bounded_lines(sys.stdin.buffer)
        return
    try:
        with file.open("rb") as stream:
            yield bounded_lines(stream)
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}", advice="give a file, or - for standard input"
        ) from None


def _read(lines: Iterator[str], kind: str | None, file: Path) -> tuple[str, dict[str, Any]]:
    from harness.benchmark.output import looks_like, parse_benchmark
    from harness.dumps import KINDS, guess_kind

    head = list(_up_to(itertools.islice(lines, _HEAD_LINES), _HEAD))
    if kind is None:
        text = "\n".join(head)
        kind = _BENCHMARK if looks_like(text) else guess_kind(text) or _BENCHMARK
    whole = itertools.chain(head, lines)
    if kind != _BENCHMARK:
        return kind, KINDS[kind].parse("\n".join(_up_to(whole, _MOST)), file.name)
    output = parse_benchmark(whole)
    if output.runs > 1:
        print(f"{file} holds {output.runs} runs, and only the first was read", file=sys.stderr)
    return kind, output.to_dict()


def _up_to(lines: Iterator[str], limit: int) -> Iterator[str]:
    for line in lines:
        yield line
        limit -= len(line)
        if limit < 0:
            return


def _show(file: Path, kind: str, values: dict[str, Any]) -> None:
    if kind == _BENCHMARK:
        average, line = values["inference_avg_us"], values["outcome_line"]
        time = "no timed run" if average is None else f"{average / 1000:.3f} ms on average"
        print(f"{file}: {values['outcome']}, {time}" + (f" ({line})" if line else ""))
        return
    print(f"{file}: {kind}")
    for key, value in values.items():
        print(f"  {key}: {'not said' if value is None else value}")
