"""`harness parse`: read what a benchmark program, a phone or adb printed."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from harness.errors import UsageError

#: A kind shows in the beginning; a log may be very long, and a dump is not: lines and characters.
_HEAD_LINES, _HEAD, _DUMP = 20_000, 1 << 20, 1 << 24


def parse(
    files: Annotated[list[Path], typer.Argument(help="Logs or dumps; - is standard input.", show_default=False)],
    kind: Annotated[str, typer.Option(help="What the files are; told by their structure where not given.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line a file.")] = False,
) -> None:
    """Read logs of either official benchmark_model, plain or through logcat, and dumps of phones.

    Kinds: benchmark, battery, batterystats, thermal, meminfo, proc-meminfo, cpuinfo, cpufreq, time-in-state, getprop,
    build-prop, gles, df, features, adb-devices, uevent.

    Example: adb shell dumpsys battery | harness parse --json -
    """
    import json

    from harness.dumps.kinds import BENCHMARK, KINDS

    if kind and kind not in (BENCHMARK, *KINDS):
        raise UsageError(f"--kind {kind!r} is not known", advice=f"use one of {', '.join((BENCHMARK, *KINDS))}")
    code = 0
    for file in files:
        try:
            with _lines(file) as lines:
                found, known = _read(lines, file, kind)
        except UsageError as error:
            # The others are still read, and keep their lines.
            print(f"harness: {error}", file=sys.stderr)
            code = UsageError.cli_exit
            continue
        if not known:
            print(f"{file} is no log or dump that is known; --kind says what it is", file=sys.stderr)
            code = code or 1
        print(json.dumps(found, ensure_ascii=False, allow_nan=False) if as_json else _in_words(file, found))
    if code:
        raise typer.Exit(code)


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
        raise UsageError(
            f"{file} cannot be read: {error.strerror}", advice="give a file, or - for standard input"
        ) from None


def _read(lines: Iterator[str], file: Path, kind: str) -> tuple[dict[str, Any], bool]:
    """What a file says, and whether it was something known."""
    from harness.benchmark.output import parse_benchmark
    from harness.dumps.kinds import BENCHMARK, KINDS, guess_kind, read_dump

    head = list(_up_to(itertools.islice(lines, _HEAD_LINES), _HEAD))
    chosen = kind or guess_kind("\n".join(head))
    whole = itertools.chain(head, lines)
    if chosen in KINDS:
        return read_dump(chosen, "\n".join(_up_to(whole, _DUMP)), str(file)), True
    output = parse_benchmark(whole)
    if output.runs > 1:
        print(f"{file} holds {output.runs} runs; the figures are those of the first", file=sys.stderr)
    # A program that could not start leaves a line of the shell or the loader only, which its reader knows.
    return output.to_dict(), chosen == BENCHMARK or output.outcome != "other"


def _up_to(lines: Iterable[str], limit: int) -> Iterator[str]:
    for line in lines:
        yield line
        limit -= len(line) + 1
        if limit < 0:
            return


def _in_words(file: Path, found: dict[str, Any]) -> str:
    import json

    if "kind" in found:
        shown = ((k, v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)) for k, v in found.items())
        return "\n".join([f"{file}:", *(f"  {key}: {value}" for key, value in shown if value != "null")])
    average = found["inference_avg_us"]
    time = "no timed run" if average is None else f"{average / 1000:.3f} ms on average"
    return f"{file}: {found['outcome']}, {time}" + (f" ({found['outcome_line']})" if found["outcome_line"] else "")
