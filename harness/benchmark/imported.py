"""Makes records of what was measured elsewhere: logs and result files of the official programs. Touches no phone.

Nothing is guessed: what neither the options nor the files say is unknown, with the reason in the record's `detail`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from harness.benchmark.asked import Given
from harness.benchmark.imported_record import imported_record
from harness.benchmark.output import BenchmarkOutput, parse_benchmark, proto_kind, read_operators, read_result_file
from harness.benchmark.output.stream import stream_lines
from harness.records import SessionRecord

#: Endings of files that are messages, not text.
_PROTO = (".pb", ".proto", ".binpb")
#: Largest message that is read; real ones are far below.
_LARGEST_PROTO = 64 << 20


@dataclass(frozen=True)
class ImportedSession:
    """A session, and the files that it was read from, by the kind that they are kept under."""

    record: SessionRecord
    files: dict[str, Path]


@dataclass(frozen=True)
class Problem:
    """Why some files became no session, one sentence."""

    sentence: str


@dataclass
class _Group:
    logs: list[Path] = field(default_factory=list)
    protos: list[Path] = field(default_factory=list)

    def __str__(self) -> str:
        return ", ".join(str(p) for p in [*self.logs, *self.protos])


def read_imports(files: Sequence[Path], given: Given, block_id: str) -> tuple[list[ImportedSession], list[Problem]]:
    """Sessions from files, in the order in which these were given; files of one stem are one session.

    Args:
        given: what the user says of all of them.
        block_id: under which the sessions are kept.
    """
    problems: list[Problem] = []
    groups: dict[Path, _Group] = {}
    for path in _readable(files, problems):
        is_proto = path.suffix.lower() in _PROTO
        stem = path.with_suffix("")
        # A program's further files are often named after its log: own.txt, own.result.pb, own.runtime.pb.
        if is_proto and stem not in groups and stem.with_suffix("") in groups:
            stem = stem.with_suffix("")
        group = groups.setdefault(stem, _Group())
        (group.protos if is_proto else group.logs).append(path)
    sessions: list[ImportedSession] = []
    for group in groups.values():
        found = _read_group(group, given, f"{block_id}/{len(sessions):04d}", problems)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            sessions.append(found)
    return sessions, problems


def _readable(files: Sequence[Path], problems: list[Problem]) -> list[Path]:
    """Logs before messages; what cannot be read, is empty or was given before is a problem."""
    seen: dict[str, Path] = {}
    found = []
    for path in files:
        if path.exists() and not path.is_file():
            problems.append(Problem(f"{path} cannot be read: it is no plain file"))
            continue
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.tell()
        except OSError as error:
            problems.append(Problem(f"{path} cannot be read: {error.strerror}"))
            continue
        if not size:
            problems.append(Problem(f"{path} is empty"))
        elif digest in seen:
            # The same measurement twice would make an interval look narrower than it is.
            problems.append(Problem(f"{path} holds the same as {seen[digest]} and is left out"))
        else:
            seen[digest] = path
            found.append(path)
    return sorted(found, key=lambda p: p.suffix.lower() in _PROTO)


def _read_group(group: _Group, given: Given, session_id: str, problems: list[Problem]) -> ImportedSession | Problem:
    """A session; what of its further files cannot be used goes to `problems`, and the rest counts without it."""
    output = None
    if group.logs:
        output = _read_logs(group.logs)
        if output.runs > 1:
            return Problem(f"{group} holds {output.runs} runs; give each run a file of its own")
        if not _is_benchmark(output):
            return Problem(f"{group} is no log of a benchmark program")
    kinds = _messages(group, problems)
    result = read_result_file(kinds["result"].read_bytes()) if "result" in kinds else None
    if output is None and not kinds:
        return problems.pop()
    if output is None and result is None:
        return Problem(f"{group} holds no timings; give the log or the result file of that run beside it")
    timed = output is None or output.outcome != "ok" or output.inference_avg_us or output.timed_run
    if not timed and result is None:
        return Problem(f"{group} holds no times of a single run, only a summary or a profile")
    record = imported_record(output, result, kinds.get("runtime"), given, session_id, _name(group))
    kept = {**{f"{kind}.pb": path for kind, path in kinds.items()}, **_kept(group.logs)}
    return ImportedSession(replace(record, operators=read_operators(lambda name: _content(kept, name))), kept)


def _content(kept: dict[str, Path], name: str) -> bytes | None:
    return kept[name].read_bytes() if name in kept else None


def _messages(group: _Group, problems: list[Problem]) -> dict[str, Path]:
    """The group's messages by kind."""
    kinds: dict[str, Path] = {}
    for path in group.protos:
        kind = proto_kind(path.read_bytes()) if path.stat().st_size <= _LARGEST_PROTO else None
        if kind is None:
            problems.append(Problem(f"{path} is no result file, runtime info or profile of a benchmark program"))
        elif kind in kinds:
            problems.append(Problem(f"{path} is a second {kind} file beside {kinds[kind]} and is left out"))
        else:
            kinds[kind] = path
    return kinds


def _read_logs(logs: list[Path]) -> BenchmarkOutput:
    """Both streams of one run may lie in two files."""

    def lines(path: Path) -> Iterable[str]:
        with path.open("rb") as file:
            yield from stream_lines(file)

    return parse_benchmark(chain.from_iterable(map(lines, logs)))


def _is_benchmark(output: BenchmarkOutput) -> bool:
    return output.runs > 0 or "benchmark" in (output.outcome_line or "")


def _kept(logs: list[Path]) -> dict[str, Path]:
    return {"out" if n == 0 else f"out{n + 1}": path for n, path in enumerate(logs)}


def _name(group: _Group) -> str:
    return (group.logs or group.protos)[0].name
