"""The statistics line of a phase, with the program's own rounding and percentile rule. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

#: Lengths of runs in whole microseconds.
Runs = npt.NDArray[np.int64]

NO_RUNS: Runs = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Summary:
    """Microseconds. `std` is the population's, cut to an integer; percentiles are picked, not interpolated."""

    count: int
    first: int
    last: int
    least: int
    most: int
    average: float
    std: int
    p5: int
    median: int
    p95: int


def summary(runs: Runs) -> Summary:
    """Statistics as the program keeps them; all zero where nothing ran."""
    count = len(runs)
    if not count:
        return Summary(0, 0, 0, 0, 0, 0.0, 0, 0, 0, 0)
    ordered = np.sort(runs)
    average = float(runs.sum()) / count
    std = int(math.sqrt(max(0.0, float((runs.astype(np.float64) ** 2).sum()) / count - average * average)))
    p5, median, p95 = (int(ordered[count * p // 100]) for p in (5, 50, 95))
    ends = (int(runs[0]), int(runs[-1]), int(ordered[0]), int(ordered[-1]))
    return Summary(count, *ends, average, std, p5, median, p95)


def stat_line(found: Summary, *, percentiles: bool = True) -> str:
    """`count=…` as the program prints it."""
    tail = f" p5={found.p5} median={found.median} p95={found.p95}" if percentiles else ""
    if not found.count:
        return f"count=0{tail}"
    if found.least == found.most:
        same = "(all same)" if found.count > 1 else ""
        return f"count={found.count} curr={found.last}{same}{tail}"
    return (
        f"count={found.count} first={found.first} curr={found.last} min={found.least} max={found.most} "
        f"avg={found.average:g} std={found.std}{tail}"
    )
