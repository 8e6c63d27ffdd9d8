"""Reads what device_scripts/lib/memory.sh saw of one process. Pure.

`memory.tsv`: a header (`#v1 kernel= gpu_total=`), the columns, the process id (`#pid N`), then a line a look (`M boot_s
phase_before phase_after name` and kB as /proc/PID/status counts them, `NA` where the kernel has no such line; last the
bytes of the whole GPU). Phases are start, loaded, ready, warm and ran, by what the program had printed. `smaps_rollup`
and `gpumem` are as the phone gave them. docs/memory.md has the definitions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from harness.records import MemoryRecord, ProgramMemory, Quantity

#: What a process is called before it has become the program.
_SHELLS = frozenset({"sh", "mksh", "dash", "bash", "setsid", "taskset", "toybox", "NA"})
_RUNS = ("warm", "ran")
_MALI = "growth of total_gpu_mem over all processes"
_GPUMEM = "dumpsys gpu --gpumem"
_PSS_KERNEL = (4, 14)
#: Growth by loading that is told: up to so many MiB, or such a share of what initialisation took.
_LITTLE_MB, _LITTLE = 1.0, 0.05


@dataclass(frozen=True)
class Look:
    """One look at a process; kB, None where the kernel does not say. phase: None where it changed meanwhile."""

    phase: str | None
    hwm: int | None
    rss: int | None
    anon: int | None
    file: int | None
    swap: int | None
    gpu_total: int | None


@dataclass(frozen=True)
class MemoryLog:
    """What was seen of a process. gpu_total: bytes before its start, of all processes; kernel: its release."""

    pid: int | None
    kernel: str | None
    gpu_total: int | None
    looks: tuple[Look, ...]


def parse_memory(text: str) -> MemoryLog:
    """Parse `memory.tsv`; damaged lines, and looks at the shell that became the program, are passed over."""
    kernel = gpu_total = pid = None
    found: list[tuple[str, Look]] = []
    for line in text.splitlines():
        words = line.split()
        if line.startswith("#v1"):
            pairs = dict(w.split("=", 1) for w in words[1:] if "=" in w)
            kernel, gpu_total = _known(pairs.get("kernel")), _number(pairs.get("gpu_total"))
        elif words[:1] == ["#pid"] and len(words) == 2:
            pid = _number(words[1])
        elif words[:1] == ["M"] and len(words) == 12:
            phase = words[2] if words[2] == words[3] else None
            hwm, rss, anon, file, _, swap, total = map(_number, words[5:])
            found.append((words[4], Look(phase, hwm, rss, anon, file, swap, total)))
    return MemoryLog(pid, kernel, gpu_total, tuple(look for name, look in found if name not in _SHELLS))


def phases_told(program: ProgramMemory | None) -> dict[str, float]:
    """What the program's own figures alone say of phases: growth of the peak by the runs, MiB."""
    if program is None or program.init_mb is None or program.overall_mb is None:
        return {}
    return {"run": max(0.0, program.overall_mb - program.init_mb)}


def memory_record(log: MemoryLog, rollup: str, gpumem: str, program: ProgramMemory | None) -> MemoryRecord:
    """What is known of the memory of a process that was looked at.

    Args:
        rollup, gpumem: texts of /proc/PID/smaps_rollup and `dumpsys gpu --gpumem`; empty where there is none.
        program: as the program printed it.
    """
    phases, reasons = _phases(log.looks, program)
    if not log.looks:
        missing = Quantity(reason="the process was gone before the first look at it")
        return MemoryRecord(missing, missing, missing, missing, missing, missing, phases, reasons)
    return MemoryRecord(
        vm_hwm_mb=_most(log, lambda look: look.hwm, "VmHWM"),
        anon_mb=_most(log, lambda look: look.anon, "RssAnon"),
        file_mb=_most(log, lambda look: look.file, "RssFile"),
        swap_mb=_most(log, lambda look: look.swap, "VmSwap"),
        pss_mb=_pss(log, rollup),
        gpu_mb=_gpu(log, gpumem),
        phases_mb=phases,
        phases_reason=reasons,
        reads=len(log.looks),
    )


def _most(log: MemoryLog, value: Callable[[Look], int | None], name: str) -> Quantity:
    """The highest value of a line of /proc/PID/status: of peaks the last one, of others a lower bound of the peak."""
    known = [v for v in map(value, log.looks) if v is not None]
    if not known:
        return Quantity(reason=f"the phone's kernel ({log.kernel or 'unknown'}) does not count {name}")
    return Quantity(max(known) / 1024, source=f"/proc/PID/status {name}, {len(known)} looks")


def _pss(log: MemoryLog, rollup: str) -> Quantity:
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    if found:
        return Quantity(int(found[1]) / 1024, source="/proc/PID/smaps_rollup, once")
    version = re.match(r"(\d+)\.(\d+)", log.kernel or "")
    if version and (int(version[1]), int(version[2])) < _PSS_KERNEL:
        return Quantity(reason=f"kernel {log.kernel} has no smaps_rollup, which came with 4.14")
    if not any(look.phase in _RUNS for look in log.looks):
        return Quantity(reason="the process was gone before its PSS was read")
    return Quantity(reason="the phone does not let the shell read smaps_rollup")


def _gpu(log: MemoryLog, gpumem: str) -> Quantity:
    """The process's own figure where the driver counts it by process, else how far the whole grew."""
    listed = {int(pid): int(size) for pid, size in re.findall(r"^Proc (\d+) total: (\d+)", gpumem, re.MULTILINE)}
    if log.pid is not None and log.pid in listed:
        return Quantity(listed[log.pid] / 2**20, source=_GPUMEM)
    if listed:
        return Quantity(0.0, source=f"{_GPUMEM}, which lists none for it")
    totals = [look.gpu_total for look in log.looks if look.gpu_total is not None]
    if totals and log.gpu_total is not None:
        return Quantity(max(0, max(totals) - log.gpu_total) / 2**20, source=_MALI)
    said = next((line.strip() for line in gpumem.splitlines() if line.strip()), "")
    told = f"{_GPUMEM} says {said[:80]!r}" if said else f"{_GPUMEM} lists nothing (it came with Android 12)"
    return Quantity(reason=f"not told: {told}, and no node of the driver can be read")


def _phases(looks: tuple[Look, ...], program: ProgramMemory | None) -> tuple[dict[str, float], dict[str, str]]:
    """Growth of the peak by phase, MiB, and why one is not known.

    The program's own figures part initialisation (load and compile) from the runs. A look between the lines that say
    `loaded` and `initialized` may part the former two: it comes a moment after the model was loaded, so load is at most
    what it saw. Where that is more than nearly nothing, compilation may have been at work already.
    """
    init, overall = (program.init_mb, program.overall_mb) if program else (None, None)
    if init is None or overall is None:
        silent = "the program printed no growth of its peak"
        return {}, {"load": silent, "compile": silent, "run": silent}
    phases = phases_told(program)
    after_load = next((look.hwm for look in looks if look.phase == "loaded" and look.hwm is not None), None)
    last = max((look.hwm for look in looks if look.hwm is not None), default=None)
    if after_load is None or last is None:
        why = "no look fell between the loading of the model and the end of initialisation"
        return phases, dict.fromkeys(("load", "compile"), f"{why}; both together are init")
    load = min(init, max(0.0, after_load / 1024 - (last / 1024 - overall)))
    if load > max(_LITTLE_MB, _LITTLE * init):
        why = f"load is at most {load:.1f} MiB: compilation was at work at the first look"
        return phases, dict.fromkeys(("load", "compile"), f"{why}; both together are init")
    return {"load": load, "compile": init - load, **phases}, {}


def _known(word: str | None) -> str | None:
    return None if word in (None, "NA") else word


def _number(word: str | None) -> int | None:
    return int(word) if word is not None and word.isdecimal() else None
