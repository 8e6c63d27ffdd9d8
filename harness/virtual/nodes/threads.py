"""/proc/PID/task of a program of ours: the threads that its law speaks of, which the process that plays it has not.

Pure. The file `stat` has CPU time (fields 14 and 15, ticks of 10 ms) and the last core (39) of each thread, `status`
the cores that it may run on.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from harness.virtual.profile import Cluster

_CLOCK_TICKS = 100
_SYSTEM_SHARE = 0.05
#: Chance that a thread is seen on another core than its own.
_MOVED = 0.1


def threads(
    clusters: Sequence[Cluster], pid: int, name: str, count: int, cpus: frozenset[int] | None, cpu_s: float, seed: int
) -> Iterator[tuple[str, str]]:
    """Path below /proc/PID/task, and text, of each thread's files. seed: moves threads about."""
    rng = random.Random(seed)
    order = _by_strength(clusters)
    usable = [cpu for cpu in order if cpus is None or cpu in cpus] or order
    for number in range(count):
        core = usable[number % len(usable)] if rng.random() >= _MOVED else rng.choice(usable)
        yield f"{pid + number}/stat", _stat(pid, pid + number, name, cpu_s / count, core, count)
        yield f"{pid + number}/status", _status(pid, pid + number, name, sorted(usable), len(order), count)


def _by_strength(clusters: Sequence[Cluster]) -> list[int]:
    found, first = [], 0
    for cluster in clusters:
        found += [(-cluster.capacity, cpu) for cpu in range(first, first + cluster.cores)]
        first += cluster.cores
    return [cpu for _, cpu in sorted(found)]


def _stat(pid: int, tid: int, name: str, cpu_s: float, core: int, count: int) -> str:
    user = int(cpu_s * _CLOCK_TICKS / (1 + _SYSTEM_SHARE))
    system = int(cpu_s * _CLOCK_TICKS) - user
    head = f"{tid} ({name[:15]}) R 1 {pid} {pid} 0 -1 4194304 900 0 0 0 {user} {system} 0 0 20 0 {count} 0"
    return f"{head} 0 0 0 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 {core} 0 0 0 0 0 0 0 0 0 0 0 0 0\n"


def _status(pid: int, tid: int, name: str, cpus: list[int], cores: int, count: int) -> str:
    mask = sum(1 << cpu for cpu in cpus)
    rows = {
        "Name": name[:15],
        "State": "R (running)",
        "Tgid": pid,
        "Pid": tid,
        "Threads": count,
        "Cpus_allowed": f"{mask:0{(cores + 3) // 4}x}",
        "Cpus_allowed_list": cpu_list(cpus),
    }
    return "".join(f"{key}:\t{value}\n" for key, value in rows.items())


def cpu_list(cpus: Sequence[int]) -> str:
    """Ascending cores as the kernel writes them: `0-3,7`."""
    spans: list[list[int]] = []
    for cpu in cpus:
        if spans and spans[-1][1] == cpu - 1:
            spans[-1][1] = cpu
        else:
            spans.append([cpu, cpu])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
