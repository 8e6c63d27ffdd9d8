"""Who used the cores during a session. Pure.

Sources: /proc/stat before and after the program (all cores), the shell's `times` around its wait for it (the program's
own CPU time, exact, threads included), and samples of /proc/PID/stat, which miss what came after the last of them.
"""

from __future__ import annotations

import re

from harness.measure.sampler import SamplerLog
from harness.records import ActivityRecord

#: Ticks a second of /proc, on every Linux (USER_HZ).
_TICKS = 100
#: Samples must reach so far into a session that what came after the last of them can be guessed, as a share of it.
_SAMPLED = 0.8
#: Ticks over all cores; fewer say nothing of a share.
_LEAST_TICKS = 20
#: user, nice, system, idle, iowait, irq, softirq, steal; guest time is in user time.
_STAT = re.compile(r"^cpu +([0-9]{1,20}(?: [0-9]{1,20}){7})", re.MULTILINE)
_TIME = r"([0-9]{1,9})m([0-9.]{1,12})s"
#: Its second line: user and system time of ended children.
_TIMES = re.compile(rf"^{_TIME} {_TIME}\n{_TIME} {_TIME}$", re.MULTILINE)


def activity_record(
    text: str, log: SamplerLog | None, start_s: float | None, end_s: float | None, *, virtual: bool = False
) -> ActivityRecord:
    """Who used the cores.

    Args:
        text: what device_scripts/lib/activity.sh wrote.
        log: of the sampler.
        start_s, end_s: when the program ran, CLOCK_BOOTTIME.
        virtual: the phone's programs run on its computer's cores, and the phone shows their time in /proc alone.
    """
    seen: dict[str, int] = {}
    for sample in log.threads if log else ():
        for cpu in sample.cpus:
            seen[str(cpu)] = seen.get(str(cpu), 0) + 1
    own_s, source = _own("" if virtual else text, log, start_s, end_s)
    others, reason = _others(text, own_s)
    return ActivityRecord(
        own_cpu_s=own_s,
        own_source=source,
        others_busy_pct=others,
        last_cpus=dict(sorted(seen.items(), key=lambda item: int(item[0]))),
        allowed_cpus=log.allowed_cpus if log else None,
        sampler_cpu_s=log.cpu_s if log else None,
        reason=reason or (None if seen else "no sample saw the program's threads"),
    )


def _own(
    text: str, log: SamplerLog | None, start_s: float | None, end_s: float | None
) -> tuple[float | None, str | None]:
    """CPU time of the program, and from where: exact from the shell, else at the rate that samples saw."""
    times = [sum(60 * int(m) + _seconds(s) for m, s in zip(f[4::2], f[5::2], strict=True)) for f in _times(text)]
    if len(times) == 2:
        return times[1] - times[0], "times of the shell"
    last = log.threads[-1] if log and log.threads else None
    if last is not None and start_s is not None and end_s is not None and start_s < last.boot_s <= end_s:
        seen = (last.boot_s - start_s) / (end_s - start_s)
        if seen >= _SAMPLED:
            return last.ticks / _TICKS / seen, "samples of /proc/PID/stat"
    return None, None


def _times(text: str) -> list[tuple[str, ...]]:
    return [match.groups() for match in _TIMES.finditer(text)]


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _others(text: str, own_s: float | None) -> tuple[float | None, str | None]:
    """Share of all cores that others had, percent, or why that is not known."""
    lines = [[int(w) for w in found.split()] for found in _STAT.findall(text)]
    if len(lines) != 2:
        return None, "/proc/stat could not be read"
    if own_s is None:
        return None, "the program's own CPU time is not known"
    spent = [b - a for a, b in zip(*lines, strict=True)]
    total, idle = sum(spent), spent[3] + spent[4]
    if total < _LEAST_TICKS or min(spent) < -_TICKS:
        return None, "the session was too short for a share"
    return max(0.0, 100 * (total - idle - own_s * _TICKS) / total), None
