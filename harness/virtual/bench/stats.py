"""The statistics line of a phase, with the program's own rounding and percentile rule."""

from __future__ import annotations

import math
from collections.abc import Sequence


def phase_line(values: Sequence[int]) -> str:
    """`count=…` for whole microseconds: population deviation cut to an integer, percentiles not interpolated."""
    count = len(values)
    if count == 0:
        return "count=0 p5=0 median=0 p95=0"
    ordered = sorted(values)
    tail = " ".join(f"{name}={ordered[count * p // 100]}" for name, p in (("p5", 5), ("median", 50), ("p95", 95)))
    if ordered[0] == ordered[-1]:
        return f"count={count} curr={values[-1]}" + ("(all same)" if count > 1 else "") + f" {tail}"
    average = sum(values) / count
    std = int(math.sqrt(max(0.0, sum(v * v for v in values) / count - average * average)))
    return (
        f"count={count} first={values[0]} curr={values[-1]} min={ordered[0]} max={ordered[-1]} "
        f"avg={average:g} std={std} {tail}"
    )


def mean(values: Sequence[int]) -> float:
    """Average, 0 where nothing ran, as the program prints it."""
    return sum(values) / len(values) if values else 0.0
