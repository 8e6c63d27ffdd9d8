"""Makes a record of what one session left on the phone. Reads files of the run folder; touches no phone."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path

from harness.benchmark.delegates import DELEGATES, is_fallback, proof
from harness.benchmark.garbled import is_garbled
from harness.benchmark.output import BenchmarkOutput, ResultFileError, parse_benchmark, read_runtime_info
from harness.benchmark.work import Block, PlannedSession
from harness.measure.around import busy_share, charging_reason, frequency_record, supply_online, thermal_record
from harness.measure.flags import validity_flags
from harness.measure.power import energy_per_inference, mean_power
from harness.measure.sampler import SamplerLog, parse_sampler
from harness.records import Delegation, PhoneRecord, ProgramMemory, Quantity, Runtime, SessionRecord

_SIGNALS = {1: "SIGHUP", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV"}
_SIGNALS[15] = "SIGTERM"
_CRASH_TAGS = re.compile(r"lowmemorykiller|lmkd|libc\s*:|DEBUG\s*:|crash_dump|Fatal signal|tombstoned|am_kill")


@dataclass(frozen=True)
class Pulled:
    """A pulled session: where its files lie and when its program ran (CLOCK_BOOTTIME)."""

    folder: Path
    start_s: float | None
    end_s: float | None
    boot_id: str | None


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


def printed(folder: Path) -> str:
    """What the program of a session printed."""
    return _text(folder / "out") + "\n" + _text(folder / "err")


def make_record(
    pulled: Pulled,
    session: PlannedSession,
    block: Block,
    phone: PhoneRecord,
    runtime: Runtime,
    args: tuple[str, ...],
    run_folder: Path,
) -> SessionRecord:
    """Everything known of one session, from its files."""
    folder = pulled.folder
    rc = _text(folder / "rc").strip()
    exit_code = int(rc) if rc.lstrip("-").isdecimal() else None
    output = parse_benchmark(printed(folder), exit_code=exit_code)
    before, after = _dumps(folder / "before"), _dumps(folder / "after")
    log = parse_sampler(_text(folder / "sampler.tsv")) if (folder / "sampler.tsv").exists() else None
    found = proof(session.key, output, _runtime_info(folder, session))
    outcome, line = output.outcome, output.outcome_line
    if (folder / "deadline").exists():
        outcome, line = "timeout", f"ended after {block.protocol.session_timeout_s:g} s"
    elif (folder / "hot").exists():
        outcome, line = "killed", f"ended by the harness: the battery reached {_heat(folder)}"
    elif outcome == "ok" and is_fallback(session.key, found):
        outcome = "fallback"
        line = f"nothing shows that {session.key.delegate} took a node; the figures are the CPU's"
    charging = charging_reason(before.get("battery", ""), after.get("battery", "")) or supply_online(log)
    thermal = thermal_record(before, after, log)
    frequency = frequency_record(before, after, log)
    start, end = pulled.start_s, pulled.end_s
    power = energy = Quantity(reason="the session left no times")
    flags: tuple[str, ...] = ("no_times",)
    if start is not None and end is not None:
        power, energy = _power(log, start, end, output, block.protocol.idle_s, charging)
        flags = validity_flags(
            log=log,
            start_s=start,
            end_s=end,
            frequency=frequency,
            thermal=thermal,
            charging=charging,
            warm_start=(folder / "warm_start").exists(),
            others_busy=busy_share(before.get("jiffies", "")),
        )
    return SessionRecord(
        session_id=block.session_id(session.index),
        block_id=block.block_id,
        phone_id=phone.phone_id,
        serial=phone.serial,
        provenance=phone.provenance,
        context="shell",
        key=session.key,
        model_sha256=session.model.sha256,
        model_mb=output.model_mb if output.model_mb is not None else session.model.size_bytes / 1e6,
        runtime=runtime,
        args=args,
        outcome=outcome,
        outcome_line=line,
        exit_code=exit_code,
        signal=_SIGNALS.get((exit_code or 0) - 128) if (exit_code or 0) > 128 else None,
        boot_id=pulled.boot_id,
        start_uptime_s=start,
        end_uptime_s=end,
        init_us=output.init_us,
        first_us=output.first_us,
        warmup_avg_us=output.warmup_avg_us,
        inference_avg_us=output.inference_avg_us,
        warmup_run=output.warmup_run,
        timed_run=output.timed_run,
        memory=output.memory,
        peak_rss_mb=_peak(log, output.memory),
        delegation=found,
        power_mw=power,
        energy_mj=energy,
        thermal=thermal,
        frequency=frequency,
        flags=_all_flags(flags, session, found, block, outcome, output, folder),
        evidence=_evidence(folder, run_folder),
        detail=_detail(folder, output.unconsumed_flags),
    )


def not_started(
    session: PlannedSession, block: Block, phone: PhoneRecord, runtime: Runtime, outcome: str, reason: str
) -> SessionRecord:
    """The record of a session that was not started: `refused`, or what else stands for it, with the reason."""
    return SessionRecord(
        session_id=block.session_id(session.index),
        block_id=block.block_id,
        phone_id=phone.phone_id,
        serial=phone.serial,
        provenance=phone.provenance,
        context="shell",
        key=session.key,
        model_sha256=session.model.sha256,
        model_mb=session.model.size_bytes / 1e6,
        runtime=runtime,
        args=(),
        outcome=outcome,
        outcome_line=reason,
        peak_rss_mb=Quantity(reason=reason),
        power_mw=Quantity(reason=reason),
        energy_mj=Quantity(reason=reason),
    )


def _all_flags(
    flags: tuple[str, ...],
    session: PlannedSession,
    found: Delegation,
    block: Block,
    outcome: str,
    output: BenchmarkOutput,
    folder: Path,
) -> tuple[str, ...]:
    extra = set(flags)
    if session.key.delegate != "cpu" and found.extent == "partially":
        extra.add("partial_delegation")
    if outcome == "fallback":
        extra.add("fallback")
    if output.timed_run is not None and output.timed_run.count < block.protocol.num_runs:
        extra.add("cut_short")
    if (folder / "fenced").exists():
        extra.add("lease_lost")
    if (folder / "hot").exists():
        extra.add("too_hot")
    if (folder / "sampler_died").exists():
        extra.add("sampler_gap")
    if is_garbled(folder, output):
        extra.add("garbled")
    return tuple(sorted(extra))


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


def _detail(folder: Path, unconsumed: tuple[str, ...]) -> dict[str, str]:
    found = {}
    log = _text(folder / "logcat")
    lines = [line for line in log.splitlines() if _CRASH_TAGS.search(line)]
    if lines:
        found["logcat"] = "\n".join(lines[-20:])
    stones = _text(folder / "tombstones").strip()
    if stones:
        found["tombstones"] = stones[-500:]
    if unconsumed:
        found["unconsumed_flags"] = " ".join(unconsumed)
    return found


def _evidence(folder: Path, run_folder: Path) -> dict[str, str]:
    return {p.name: p.relative_to(run_folder).as_posix() for p in sorted(folder.iterdir()) if p.is_file()}


def _dumps(folder: Path) -> dict[str, str]:
    return {p.name: _text(p) for p in sorted(folder.iterdir())} if folder.is_dir() else {}


def _power(
    log: SamplerLog | None, start_s: float, end_s: float, output: BenchmarkOutput, idle_s: float, charging: str | None
) -> tuple[Quantity, Quantity]:
    """Mean power over the timed runs, and energy of one inference over the whole process."""
    if output.timed_run is None:
        missing = Quantity(reason="the timed runs did not finish")
        return missing, missing
    runs = output.timed_run.count + (output.warmup_run.count if output.warmup_run else 0)
    power = mean_power(log, max(start_s, end_s - _timed_s(output)), end_s, charging)
    return power, energy_per_inference(log, start_s, end_s, idle_s, runs, charging)


def _timed_s(output: BenchmarkOutput) -> float:
    """Seconds that the timed runs took, all before the program's end."""
    timed = output.timed_run
    average = output.inference_avg_us or (timed.avg_us if timed else None)
    return timed.count * average / 1e6 if timed and average else float("inf")


def _heat(folder: Path) -> str:
    tenths = _text(folder / "hot").strip()
    return f"{int(tenths) / 10:g} °C" if tenths.isdecimal() else "the temperature where it stops"


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
