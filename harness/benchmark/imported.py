"""Makes records of what was measured elsewhere: logs and result files of the official programs. Touches no phone.

Nothing is guessed: what neither the options nor the files say is unknown, with the reason in the record's `detail`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from harness.benchmark.asked import Given, asked_for
from harness.benchmark.delegates import DELEGATES, is_fallback, proof
from harness.benchmark.output import (
    BenchmarkOutput,
    ResultFile,
    ResultFileError,
    parse_benchmark,
    proto_kind,
    read_result_file,
    read_runtime_info,
)
from harness.benchmark.output.stream import stream_lines
from harness.records import (
    Delegation,
    FrequencyRecord,
    ProgramMemory,
    Quantity,
    Runtime,
    SessionRecord,
    ThermalRecord,
)

#: Endings of files that are messages, not text.
_PROTO = (".pb", ".proto", ".binpb")
#: Largest message that is read; real ones are far below.
_LARGEST_PROTO = 64 << 20
_NOTHING = ResultFile(None, None, None, None, 0, 0, None, None, None)
_NO_PHONE = "measured elsewhere: only what the program itself said is known"


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
        found = _read_group(group, given, f"{block_id}/{len(sessions):04d}")
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


def _read_group(group: _Group, given: Given, session_id: str) -> ImportedSession | Problem:
    output = None
    if group.logs:
        output = _read_logs(group.logs)
        if output.runs > 1:
            return Problem(f"{group} holds {output.runs} runs; give each run a file of its own")
        if not _is_benchmark(output):
            return Problem(f"{group} is no log of a benchmark program")
    kinds: dict[str, Path] = {}
    for path in group.protos:
        kind = proto_kind(path.read_bytes()) if path.stat().st_size <= _LARGEST_PROTO else None
        if kind is None:
            return Problem(f"{path} is no result file, runtime info or profile of a benchmark program")
        if kind in kinds:
            return Problem(f"{path} is a second {kind} file beside {kinds[kind]}; give each run a name of its own")
        kinds[kind] = path
    try:
        result = read_result_file(kinds["result"].read_bytes()) if "result" in kinds else None
    except ResultFileError as error:
        return Problem(f"{kinds['result']}: {error}")
    if output is None and result is None:
        return Problem(f"{group} holds no timings; give the log or the result file of that run beside it")
    record = _record(output, result, kinds.get("runtime"), given, session_id, _name(group))
    kept = {**{f"{kind}.pb": path for kind, path in kinds.items()}, **_kept(group.logs)}
    return ImportedSession(record, kept)


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


def _record(
    output: BenchmarkOutput | None,
    result: ResultFile | None,
    runtime_file: Path | None,
    given: Given,
    session_id: str,
    source: str,
) -> SessionRecord:
    told = result or _NOTHING
    log = output or BenchmarkOutput("ok" if told.runs else "other")
    asked = asked_for(given, log, source)
    detail = {**asked.reasons, "source": source}
    if result is not None and output is None:
        detail["outcome_reason"] = "a result file is written even after a failed run; the log is not at hand"
    if log.unconsumed_flags:
        detail["unconsumed_flags"] = " ".join(log.unconsumed_flags)
    found, outcome, line = Delegation(), log.outcome, log.outcome_line
    flags = []
    if asked.key.delegate in DELEGATES:
        found = proof(asked.key, log, _runtime_info(runtime_file, asked.key.delegate))
        if outcome == "ok" and is_fallback(asked.key, found):
            outcome = "fallback"
            line = f"nothing shows that {asked.key.delegate} took a node; the figures may be the CPU's"
            flags.append("fallback")
        if asked.key.delegate != "cpu" and found.extent == "partially":
            flags.append("partial_delegation")
    memory = log.memory or _memory(told)
    peak = memory.peak_mb if memory else None
    return SessionRecord(
        session_id=session_id,
        block_id=session_id.rsplit("/", 1)[0],
        phone_id=given.device or "unknown",
        serial="imported",
        provenance="imported",
        context=given.context or ("app" if log.logcat else "shell"),
        key=asked.key,
        model_sha256=None,
        model_mb=_first(log.model_mb, told.model_mb),
        runtime=Runtime(log.flavour or "unknown", None, None),
        args=(),
        outcome=outcome,
        outcome_line=line,
        init_us=_first(log.init_us, told.init_us),
        first_us=_first(log.first_us, told.first_us),
        warmup_avg_us=_first(log.warmup_avg_us, told.warmup_avg_us),
        # A message holds seven digits where the log rounds to six.
        inference_avg_us=_first(told.inference_avg_us, log.inference_avg_us, _timed_avg(log)),
        warmup_run=log.warmup_run,
        timed_run=log.timed_run or told.timed_run,
        memory=memory,
        peak_rss_mb=Quantity(
            peak, None if peak is not None else "the program did not print its peak", "benchmark_model"
        ),
        delegation=found,
        power_mw=Quantity(reason=_NO_PHONE),
        energy_mj=Quantity(reason=_NO_PHONE),
        thermal=ThermalRecord(reason=_NO_PHONE),
        frequency=FrequencyRecord(reason=_NO_PHONE),
        flags=tuple(flags),
        detail=detail,
    )


def _runtime_info(path: Path | None, delegate: str) -> Delegation | None:
    if path is None:
        return None
    try:
        found = [read_runtime_info(path.read_bytes(), node) for node in DELEGATES[delegate].nodes]
    except ResultFileError:
        return None
    return max(found, key=lambda d: d.nodes_delegated or 0)


def _memory(result: ResultFile) -> ProgramMemory | None:
    if result.overall_kb is None:
        return None
    init = None if result.init_kb is None else result.init_kb / 1024
    return ProgramMemory("result file", init, result.overall_kb / 1024, result.peak_mb)


def _timed_avg(log: BenchmarkOutput) -> float | None:
    # Excerpts may lack the final timings.
    return log.timed_run.avg_us if log.timed_run else None


def _first(*values: float | None) -> float | None:
    return next((v for v in values if v is not None), None)
