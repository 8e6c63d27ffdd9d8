"""Makes a record of what one session left on the phone. Reads files of the run folder; touches no phone."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

from harness.benchmark.affinity import mask, resolve
from harness.benchmark.delegates import DELEGATES, is_fallback, proof
from harness.benchmark.details import untimed_flags
from harness.benchmark.garbled import is_garbled
from harness.benchmark.output import BenchmarkOutput, ResultFileError, read_operators, read_runtime_info
from harness.benchmark.session_files import SessionFiles
from harness.benchmark.work import Block, PlannedSession
from harness.measure.activity import activity_record
from harness.measure.around import busy_share, charging_reason, supply_online, thermal_record
from harness.measure.clocks import frequency_record
from harness.measure.energy.answer import LoadStep
from harness.measure.energy.session import SessionEnergy, session_energy, unknown
from harness.measure.energy.window import Window
from harness.measure.gauge import GaugeFacts
from harness.measure.held import state_record
from harness.measure.memory import memory_record, parse_memory, phases_told
from harness.measure.rules import Evidence, judge
from harness.measure.rules.heat import Throttled
from harness.measure.sampler import SamplerLog
from harness.measure.sources import better_sources
from harness.records import (
    DETAIL_KINDS,
    Delegation,
    EnergyRecord,
    MemoryRecord,
    OperatorProfile,
    PhoneRecord,
    ProgramMemory,
    Quantity,
    Runtime,
    SessionRecord,
)

_SIGNALS = {1: "SIGHUP", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV"}
_SIGNALS[15] = "SIGTERM"
_CRASH_TAGS = re.compile(r"lowmemorykiller|lmkd|libc\s*:|DEBUG\s*:|crash_dump|Fatal signal|tombstoned|am_kill")
#: The file is there, and its sha256 was checked, before the app looks for it.
_UNREADABLE = re.compile(r"Could not open '|Failed to open (?:the )?model|Permission denied")


def read_markers(text: str) -> dict[int, tuple[float | None, float | None]]:
    """Start and stop of each session from the markers that run.sh writes."""
    found: dict[int, tuple[float | None, float | None]] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 3 and words[1] in ("start", "stop") and words[2].isdecimal():
            index = int(words[2])
            start, stop = found.get(index, (None, None))
            with contextlib.suppress(ValueError):
                moment = float(words[0])
                found[index] = (moment, stop) if words[1] == "start" else (start, moment)
    return found


def make_record(
    files: SessionFiles,
    session: PlannedSession,
    block: Block,
    phone: PhoneRecord,
    runtime: Runtime,
    args: tuple[str, ...],
    run_folder: Path,
    gauges: tuple[GaugeFacts, ...] = (),
) -> SessionRecord:
    """Everything known of one session, from its files; gauges: what is known of those of such phones."""
    output, log = files.output, files.log
    before, after = files.dumps("before"), files.dumps("after")
    found = proof(session.key, output, _runtime_info(files.folder, session))
    outcome, line = _outcome(files, session, block, found)
    charging = charging_reason(before.get("battery", ""), after.get("battery", "")) or supply_online(log)
    thermal = thermal_record(before, after, log)
    frequency = frequency_record(before, after, log)
    activity = activity_record(
        files.text("activity"), log, files.start_s, files.end_s, virtual=phone.provenance == "virtual"
    )
    state = state_record(files.text("state"))
    cores = _cores(session, phone)
    start, end, exit_code = files.start_s, files.end_s, files.exit_code or 0
    capped = Throttled().broken(Evidence(frequency=frequency, thermal=thermal))
    if session.context == "app":
        energy = unknown("not measured in the app: the log does not say when its runs begin and end")
    else:
        energy = _energy(files, log, block.protocol.idle_s, gauges, charging, capped)
    held, profile = _memory(files, session, output.memory), _operators(files, session)
    flags = judge(
        Evidence(
            start_s=start,
            end_s=end,
            log=log,
            sampler_died=files.has("sampler_died"),
            frequency=frequency,
            thermal=thermal,
            charging=charging,
            warm_start=files.has("warm_start"),
            others_busy=busy_share(before.get("jiffies", "")),
            others_busy_pct=activity.others_busy_pct,
            state=state,
            wanted_cpus=cores,
            allowed_cpus=activity.allowed_cpus,
            fenced=files.has("fenced"),
            hot=_heat(files) if files.has("hot") else "",
            outcome=outcome,
            delegate=session.key.delegate,
            extent=found.extent,
            runs=output.timed_run.count if output.timed_run else None,
            wanted_runs=block.protocol.num_runs,
            garbled=is_garbled(files.folder, output),
            gauge_stuck=energy.stuck,
            gauge_unchecked=energy.unchecked,
            swap_mb=held.swap_mb.value,
            operators_ms=profile.total_ms if profile else None,
            run_ms=None if output.inference_avg_us is None else output.inference_avg_us / 1000,
        )
    )
    if session.kind in DETAIL_KINDS:
        flags = untimed_flags(flags)
    return SessionRecord(
        **_identity(session, block, phone, runtime),
        args=args,
        outcome=outcome,
        outcome_line=line,
        exit_code=files.exit_code,
        signal=_SIGNALS.get(exit_code - 128) if exit_code > 128 else None,
        boot_id=files.boot_id,
        start_uptime_s=start,
        end_uptime_s=end,
        model_mb=output.model_mb if output.model_mb is not None else session.model.size_bytes / 1e6,
        init_us=output.init_us,
        first_us=output.first_us,
        warmup_avg_us=output.warmup_avg_us,
        inference_avg_us=output.inference_avg_us,
        warmup_run=output.warmup_run,
        timed_run=output.timed_run,
        memory=output.memory,
        peak_rss_mb=_peak(log, output.memory),
        memory_detail=held,
        operators=profile,
        delegation=found,
        power_mw=energy.power_mw,
        energy_mj=energy.energy_mj,
        energy=energy.record,
        thermal=thermal,
        frequency=frequency,
        activity=activity,
        state=state,
        flags=tuple(flags),
        flag_reasons=flags,
        evidence=files.evidence(run_folder),
        detail=_detail(files) | ({"affinity_mask": mask(cores)} if cores else {}),
    )


def not_started(
    session: PlannedSession, block: Block, phone: PhoneRecord, runtime: Runtime, outcome: str, reason: str
) -> SessionRecord:
    """The record of a session that was not started: `refused`, or what else stands for it, with the reason."""
    return SessionRecord(
        **_identity(session, block, phone, runtime),
        model_mb=session.model.size_bytes / 1e6,
        args=(),
        outcome=outcome,
        outcome_line=reason,
        peak_rss_mb=Quantity(reason=reason),
        power_mw=Quantity(reason=reason),
        energy_mj=Quantity(reason=reason),
        energy=EnergyRecord(reason=reason),
    )


def _identity(session: PlannedSession, block: Block, phone: PhoneRecord, runtime: Runtime) -> dict[str, Any]:
    """What a session is, whatever came of it."""
    return {
        "session_id": block.session_id(session.index),
        "block_id": block.block_id,
        "phone_id": phone.phone_id,
        "serial": phone.serial,
        "provenance": phone.provenance,
        "context": session.context,
        "key": session.key,
        "model_sha256": session.model.sha256,
        "runtime": runtime,
        "kind": session.kind,
        "repeat": session.repeat,
        "step": session.step,
        "arm": session.arm,
    }


def _outcome(files: SessionFiles, session: PlannedSession, block: Block, found: Delegation) -> tuple[str, str | None]:
    """What it ended as, and the line that says so."""
    output = files.output
    if files.has("refused"):
        return "refused", files.text("refused").strip()
    if output.outcome == "model_load_failed" and session.context == "app" and _UNREADABLE.search(files.printed):
        return "permission", "the app may not read the model in /data/local/tmp, which the shell may"
    if files.has("deadline"):
        return "timeout", f"ended after {block.protocol.session_timeout_s:g} s"
    if files.has("hot"):
        return "killed", f"ended by the harness: the battery reached {_heat(files)}"
    if output.outcome == "ok" and is_fallback(session.key, found):
        return "fallback", f"nothing shows that {session.key.delegate} took a node; the figures are the CPU's"
    return output.outcome, output.outcome_line


def _runtime_info(folder: Path, session: PlannedSession) -> Delegation | None:
    """The delegation as the program's own file has it; None where it wrote none that can be read."""
    try:
        data = (folder / "runtime.pb").read_bytes()
        found = [read_runtime_info(data, node) for node in DELEGATES[session.key.delegate].nodes]
    except (OSError, ResultFileError):
        return None  # the log is the second best proof
    return max(found, key=lambda d: d.nodes_delegated or 0)


def _peak(log: SamplerLog | None, memory: ProgramMemory | None) -> Quantity:
    if memory and memory.peak_mb is not None:
        return Quantity(memory.peak_mb, source="benchmark_model")
    sampled = log.peak_rss_mb() if log else None
    # The absolute peak cannot lie below its own growth: then the samples came too early or too late.
    if sampled is not None and sampled >= (memory.overall_mb or 0.0 if memory else 0.0):
        return Quantity(sampled, source="/proc statm, a lower bound")
    return Quantity(reason="the process ended before a sample saw its peak")


def _cores(session: PlannedSession, phone: PhoneRecord) -> frozenset[int] | None:
    """The cores that it was pinned to; None where it was not."""
    word = session.key.options.get("affinity")
    return None if word is None else resolve(word, phone.clusters)


def _operators(files: SessionFiles, session: PlannedSession) -> OperatorProfile | None:
    found = read_operators(files.data)
    if found is None and session.kind == "operators":
        return OperatorProfile(reason=files.output.outcome_line or "the program left no profile of its operators")
    return found


def _memory(files: SessionFiles, session: PlannedSession, program: ProgramMemory | None) -> MemoryRecord:
    if session.kind != "memory":
        return MemoryRecord(phases_mb=phases_told(program))
    log = parse_memory(files.text("memory.tsv"))
    return memory_record(log, files.text("smaps_rollup"), files.text("gpumem"), program)


def _detail(files: SessionFiles) -> dict[str, str]:
    found = {}
    lines = [line for line in files.text("logcat").splitlines() if _CRASH_TAGS.search(line)]
    if lines:
        found["logcat"] = "\n".join(lines[-20:])
    stones = files.text("tombstones").strip()
    if stones:
        found["tombstones"] = stones[-500:]
    if cleared := files.text("cleared").splitlines():
        found["cleared"] = "; ".join(cleared)
    if files.output.unconsumed_flags:
        found["unconsumed_flags"] = " ".join(files.output.unconsumed_flags)
    return found


def _energy(
    files: SessionFiles,
    log: SamplerLog | None,
    idle_s: float,
    gauges: tuple[GaugeFacts, ...],
    charging: str | None,
    throttled: str | None,
) -> SessionEnergy:
    """Mean power over the timed runs, and energy of one inference over the whole process."""
    start, end, output = files.start_s, files.end_s, files.output
    if start is None or end is None:
        return unknown("the session left no times")
    if output.timed_run is None:
        return unknown("the timed runs did not finish")
    runs = output.timed_run.count + (output.warmup_run.count if output.warmup_run else 0)
    window = Window(start, end, max(start, end - _timed_s(output)), idle_s, runs)
    load = LoadStep(start, end, idle_s) if idle_s > 0 else None
    better = better_sources(files.power, files.volts, load, gauges, charging)
    return session_energy(log, window, known=gauges, charging=charging, throttled=throttled, others=better)


def _timed_s(output: BenchmarkOutput) -> float:
    """Seconds that the timed runs took, all before the program's end."""
    timed = output.timed_run
    average = output.inference_avg_us or (timed.avg_us if timed else None)
    return timed.count * average / 1e6 if timed and average else float("inf")


def _heat(files: SessionFiles) -> str:
    tenths = files.number("hot")
    return f"{tenths / 10:g} °C" if tenths is not None else "the temperature where it stops"
