"""Reads the log of device_scripts/sampler.sh. Pure.

A header (`#v1 period= boot_id=`), the columns (`#cols seq boot_s …`), then a line a tick (`S seq boot_s values…`, `NA`
where a node gave nothing; of a `status` the number that Android has for it) and a last line (`E seq boot_s why= cpu=`,
the latter what the sampler cost, in ticks of 10 ms). Without the last line the run was cut. Now and then a line
`T boot_s ticks cpu…`: CPU time of the program so far, and on which core each of its threads was last; and once
`A boot_s LIST`, the cores that it may run on.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

_PAGE_KB = 4
#: First words of a battery's `status`, as Android numbers them.
STATUS = {"Unknown": 1.0, "Charging": 2.0, "Discharging": 3.0, "Not": 4.0, "Full": 5.0}
_TICK_S = 0.01


@dataclass(frozen=True)
class ThreadSample:
    """The program at one moment: its CPU time so far in ticks of 10 ms, and the last core of each thread."""

    boot_s: float
    ticks: int
    cpus: tuple[int, ...]


@dataclass(frozen=True)
class SamplerLog:
    """Ticks in order. `columns[name][i]` was read at `times_s[i]` (CLOCK_BOOTTIME); None: the node gave nothing.

    allowed_cpus: that the program may run on, as the kernel writes it. cpu_s: CPU time that the sampler took.
    """

    period_s: float
    boot_id: str | None
    times_s: tuple[float, ...]
    columns: dict[str, tuple[float | None, ...]]
    complete: bool
    threads: tuple[ThreadSample, ...] = ()
    allowed_cpus: str | None = None
    cpu_s: float | None = None

    def window(self, name: str, start_s: float, end_s: float) -> list[tuple[float, float]]:
        """(time, value) of a column between two moments, both included; ticks without a value left out."""
        values = self.columns.get(name, ())
        return [(t, v) for t, v in zip(self.times_s, values, strict=False) if v is not None and start_s <= t <= end_s]

    def largest_gap_s(self, start_s: float, end_s: float) -> float:
        """Longest time without a tick between two moments; more than two periods means suspended or stalled."""
        inside = [start_s, *(t for t in self.times_s if start_s < t < end_s), end_s]
        return max(b - a for a, b in itertools.pairwise(inside))

    def peak_rss_mb(self) -> float | None:
        """Largest resident memory seen, MiB, None where no tick saw the process."""
        pages = [v for v in self.columns.get("rss_pages", ()) if v is not None and v > 0]
        return max(pages) * _PAGE_KB / 1024 if pages else None


def parse_sampler(text: str) -> SamplerLog:
    """Parse a log, whole or cut; damaged lines are passed over, and what is not read is not guessed."""
    period, boot_id, names = 0.0, None, []
    times: list[float] = []
    rows: list[list[float | None]] = []
    complete, allowed, cpu_s = False, None, None
    threads: list[ThreadSample] = []
    for line in text.splitlines():
        words = line.split()
        if line.startswith("#v1"):
            pairs = dict(w.split("=", 1) for w in words[1:] if "=" in w)
            period, boot_id = _number(pairs.get("period")) or 0.0, pairs.get("boot_id") or None
        elif line.startswith("#cols"):
            names = words[3:]
        elif words[:1] == ["S"] and len(words) == len(names) + 3:
            moment = _number(words[2])
            if moment is not None and (not times or moment >= times[-1]):
                times.append(moment)
                rows.append([_value(name, word) for name, word in zip(names, words[3:], strict=True)])
        elif words[:1] == ["T"] and len(words) >= 3 and all(w.isdecimal() for w in words[2:]):
            moment = _number(words[1])
            if moment is not None:
                threads.append(ThreadSample(moment, int(words[2]), tuple(int(w) for w in words[3:])))
        elif words[:1] == ["A"] and len(words) == 3:
            allowed = words[2]
        elif words[:1] == ["E"]:
            complete = True
            ticks = next((w.removeprefix("cpu=") for w in words if w.startswith("cpu=")), "")
            cpu_s = int(ticks) * _TICK_S if ticks.isdecimal() else None
    columns = {name: tuple(row[i] for row in rows) for i, name in enumerate(names)}
    return SamplerLog(period, boot_id, tuple(times), columns, complete, tuple(threads), allowed, cpu_s)


def _value(name: str, word: str) -> float | None:
    return STATUS.get(word) if name.endswith(".status") else _number(word)


def _number(word: str | None) -> float | None:
    try:
        value = float(word) if word is not None else None
    except ValueError:
        return None
    return value if value is not None and abs(value) != float("inf") and value == value else None
