"""`harness parse`: read what a benchmark program, a phone or adb printed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from harness.errors import UsageError

#: A kind shows in the first lines; a log may be very long.
_HEAD_LINES = 20_000


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
    import sys

    from harness.dumps.kinds import BENCHMARK, KINDS

    if kind and kind not in (BENCHMARK, *KINDS):
        raise UsageError(f"--kind {kind!r} is not known", advice=f"use one of {', '.join((BENCHMARK, *KINDS))}")
    failed = False
    for file in files:
        try:
            found = _read(file, kind)
        except UsageError as error:
            print(f"harness: {error}", file=sys.stderr)
            failed = True
            continue
        print(json.dumps(found, ensure_ascii=False) if as_json else _in_words(file, found))
    if failed:
        raise typer.Exit(UsageError.cli_exit)


def _read(file: Path, kind: str) -> dict[str, Any]:
    from harness.benchmark.output import parse_benchmark
    from harness.dumps.kinds import BENCHMARK, KINDS, guess_kind, read_dump

    lines = _lines(file)
    chosen = kind or guess_kind("\n".join(lines[:_HEAD_LINES]))
    if chosen in KINDS:
        return read_dump(chosen, "\n".join(lines), str(file))
    found = parse_benchmark(lines).to_dict()
    # A program that could not start leaves a line of the shell or the loader only, which its reader knows.
    if chosen != BENCHMARK and found["outcome"] == "other":
        raise UsageError(f"{file} is no dump or log that is known", advice="name what it is with --kind")
    return found


def _in_words(file: Path, found: dict[str, Any]) -> str:
    import json

    if "kind" in found:
        shown = ((k, v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)) for k, v in found.items())
        return "\n".join([f"{file}:", *(f"  {key}: {value}" for key, value in shown if value != "null")])
    average = found["inference_avg_us"]
    time = "no timed run" if average is None else f"{average / 1000:.3f} ms on average"
    return f"{file}: {found['outcome']}, {time}" + (f" ({found['outcome_line']})" if found["outcome_line"] else "")


def _lines(file: Path) -> list[str]:
    import sys

    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    return data.decode("utf-8", "replace").splitlines()
