"""One imported session's record, from what its log and its result file say. Pure but for the runtime info file."""

from __future__ import annotations

from pathlib import Path

from harness.benchmark.asked import Given, asked_for
from harness.benchmark.delegates import DELEGATES, is_fallback, proof
from harness.benchmark.output import BenchmarkOutput, ResultFile, ResultFileError, read_runtime_info
from harness.records import (
    Delegation,
    FrequencyRecord,
    ProgramMemory,
    Quantity,
    Runtime,
    SessionRecord,
    ThermalRecord,
)

_NOTHING = ResultFile(None, None, None, None, 0, 0, None, None, None)
_NO_PHONE = "measured elsewhere: only what the program itself said is known"


def imported_record(
    output: BenchmarkOutput | None,
    result: ResultFile | None,
    runtime_file: Path | None,
    given: Given,
    session_id: str,
    source: str,
) -> SessionRecord:
    """The record of a session; at least one of log and result file is there.

    Args:
        runtime_file: what the program wrote of its delegates, or None.
        source: name of the file that stands for the session.
    """
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
